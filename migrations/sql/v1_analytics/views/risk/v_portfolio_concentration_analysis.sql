-- owner: risk
-- tier: T2
-- grain: dimension x value x functional currency
-- key: concentration_type, concentration_value, currency_code
-- refresh: minute
-- personal: concentration_name
-- description: Which share of the book hangs on one product, unit, country, borrower or agent; companies with the same functional currency together
-- column concentration_type: product_category, business_unit, country (of the company), borrower (obligors over concentration_borrower_pct, 1 %)
--     or agent (over concentration_agent_pct, 5 %); a borrower or agent whose own exposure is unknown is listed too
-- column concentration_value: Value of the dimension; of a borrower the obligor's id, of an agent the party's id, never a name
-- column currency_code: Functional currency of the companies, ISO 4217
-- column loan_count: Loans on the book that owe principal
-- column total_exposure: Their outstanding principal in currency_code at today's rates, 2 places; NULL: a rate is missing
-- column avg_loan_size: The mean of it, 2 places; NULL likewise
-- column portfolio_concentration_pct: total_exposure in percent of all companies with that functional currency, 2 places; NULL: a rate of that book is missing.
--     Whether a borrower or agent is over its limit is judged by its unrounded share of what is known
-- column concentration_risk_level: High Risk over concentration_high_pct (50), Medium Risk over concentration_medium_pct (25), Low Risk over
--     concentration_low_pct (10) percent, unrounded, else Minimal Risk; NULL: the share is unknown
-- column concentration_name: Name of the borrower or agent; of a group of borrowers without a party of its own the first name among them. Else the value
-- column needs_signoff: Whether a threshold is a placeholder
CREATE VIEW analytics.v_portfolio_concentration_analysis AS
WITH setting AS (
    SELECT
        analytics.setting_number('concentration_borrower_pct') AS borrower,
        analytics.setting_number('concentration_agent_pct') AS agent,
        analytics.setting_number('concentration_high_pct') AS high,
        analytics.setting_number('concentration_medium_pct') AS medium,
        analytics.setting_number('concentration_low_pct') AS low,
        exists(
            SELECT FROM analytics.provisional_setting AS s
            WHERE s.key LIKE 'concentration\_%'
        ) AS needs_signoff
),

exposure AS (
    SELECT
        d.dimension,
        d.value,
        d.functional_ccy,
        sum(d.loan_count)::bigint AS loan_count,
        CASE WHEN count(*) = count(d.exposure_fn) THEN sum(d.exposure_fn) END AS exposure,
        sum(d.known_fn) AS known
    FROM analytics.exposure_by_dimension AS d
    GROUP BY d.dimension, d.value, d.functional_ccy
),

-- Every loan has a product: its dimension adds up to the whole book.
book AS (
    SELECT
        x.functional_ccy,
        CASE WHEN count(*) = count(x.exposure) THEN sum(x.exposure) END AS exposure,
        sum(x.known) AS known
    FROM exposure AS x
    WHERE x.dimension = 'product_category'
    GROUP BY x.functional_ccy
),

share AS (
    SELECT
        x.dimension,
        x.value,
        x.functional_ccy,
        x.loan_count,
        x.exposure,
        b.exposure AS whole,
        100 * x.exposure / nullif(b.exposure, 0) AS pct
    FROM exposure AS x
    INNER JOIN book AS b ON x.functional_ccy = b.functional_ccy
    CROSS JOIN setting AS s
    WHERE
        x.dimension IN ('product_category', 'business_unit', 'country')
        OR (
            x.dimension IN ('borrower', 'agent')
            AND (x.exposure IS NULL OR 100 * x.known > b.known * CASE x.dimension WHEN 'borrower' THEN s.borrower ELSE s.agent END)
        )
)

SELECT
    h.dimension AS concentration_type,
    h.value AS concentration_value,
    h.functional_ccy AS currency_code,
    h.loan_count,
    round(h.exposure, 2) AS total_exposure,
    round(h.exposure / h.loan_count, 2) AS avg_loan_size,
    analytics.percentage(h.exposure, h.whole) AS portfolio_concentration_pct,
    CASE
        WHEN h.pct > s.high THEN 'High Risk'
        WHEN h.pct > s.medium THEN 'Medium Risk'
        WHEN h.pct > s.low THEN 'Low Risk'
        WHEN h.pct IS NOT NULL THEN 'Minimal Risk'
    END AS concentration_risk_level,
    CASE
        WHEN h.dimension IN ('borrower', 'agent')
            THEN
                coalesce(
                    (
                        SELECT y.display_name FROM public.party AS y
                        WHERE y.id = h.value::uuid
                    ),
                    (
                        SELECT min(y.display_name) FROM public.party AS y
                        WHERE y.obligor_group_id = h.value::uuid
                    )
                )
        ELSE h.value
    END AS concentration_name,
    s.needs_signoff
FROM share AS h
CROSS JOIN setting AS s;
