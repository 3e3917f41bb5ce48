-- owner: risk
-- tier: T3
-- grain: loan on the book that owes principal
-- key: loan_id
-- refresh: minute
-- description: Which part of each loan is covered by security, after haircut, in the company's currency at today's rates
-- column loan_id: Loan
-- column loan_number: Number of the contract
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column borrower_party_id: Party that owes the loan
-- column loan_currency: Currency of the loan, ISO 4217
-- column functional_ccy: Currency of the company's books, of all amounts here
-- column outstanding_fn: Outstanding principal, 2 places; NULL: the rate is missing
-- column securities: Eligible securities of any kind, guarantees too: active (or from before v1, of which that is unknown), from registration_date, before expiry_date
-- column unvalued_securities: Those of them without value_amount, counted as 0
-- column unknown_haircuts: Those with a value but without haircut_pct, counted without haircut
-- column gross_collateral_fn: Their value (without value_ccy in the loan's currency), 2 places; 0 without any; NULL: a rate is missing
-- column collateral_fn: The same less haircut: value_amount * (1 - haircut_pct)
-- column ltv_pct: outstanding_fn in percent of gross_collateral_fn, both unrounded, 2 places; NULL: no valued security, or a rate is missing
-- column coverage_pct: collateral_fn in percent of outstanding_fn, both unrounded, 2 places; may be over 100
-- column uncovered: outstanding_fn - collateral_fn, at least 0, 2 places; NULL: a rate is missing
-- column next_expiry: First expiry_date of these securities; NULL: none
-- column needs_signoff: Whether a security counts without a known haircut
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_collateral_coverage AS
WITH exposure AS MATERIALIZED (
    SELECT
        x.loan_id,
        x.legal_entity_id,
        x.legal_entity_name,
        x.product_id,
        x.borrower_party_id,
        x.currency_code,
        x.functional_ccy,
        x.exposure_fn,
        x.business_date
    FROM analytics.loan_exposure AS x
),

security AS (
    SELECT
        x.loan_id,
        x.functional_ccy,
        x.business_date,
        s.value_amount,
        coalesce(s.value_ccy, x.currency_code) AS value_ccy,
        s.haircut_pct,
        s.expiry_date
    FROM public.security_interest AS s
    INNER JOIN exposure AS x ON s.loan_id = x.loan_id
    WHERE
        coalesce(s.status, 'active') = 'active' AND (s.registration_date IS NULL OR s.registration_date <= x.business_date)
        AND (s.expiry_date IS NULL OR s.expiry_date > x.business_date)
),

rate AS (
    SELECT
        p.value_ccy,
        p.functional_ccy,
        p.business_date,
        f.rate
    FROM (SELECT DISTINCT
        s.value_ccy,
        s.functional_ccy,
        s.business_date
    FROM security AS s
    WHERE s.value_amount IS NOT NULL) AS p
    CROSS JOIN LATERAL analytics.fx_rate(p.value_ccy, p.functional_ccy, p.business_date) AS f
),

collateral AS (
    SELECT
        s.loan_id,
        count(*) AS securities,
        count(*) FILTER (WHERE s.value_amount IS NULL) AS unvalued,
        count(*) FILTER (WHERE s.value_amount IS NOT NULL AND s.haircut_pct IS NULL) AS unknown_haircuts,
        CASE WHEN count(s.value_amount) = count(s.value_amount * r.rate) THEN coalesce(sum(s.value_amount * r.rate), 0) END AS gross,
        CASE
            WHEN count(s.value_amount) = count(s.value_amount * r.rate)
                THEN coalesce(sum(s.value_amount * (1 - coalesce(s.haircut_pct, 0)) * r.rate), 0)
        END AS net,
        min(s.expiry_date) AS next_expiry
    FROM security AS s
    LEFT JOIN rate AS r ON s.value_ccy = r.value_ccy AND s.functional_ccy = r.functional_ccy AND s.business_date = r.business_date
    GROUP BY s.loan_id
),

covered AS (
    SELECT
        x.*,
        coalesce(c.securities, 0) AS securities,
        coalesce(c.unvalued, 0) AS unvalued,
        coalesce(c.unknown_haircuts, 0) AS unknown_haircuts,
        CASE WHEN c.loan_id IS NULL THEN 0 ELSE c.gross END AS gross,
        CASE WHEN c.loan_id IS NULL THEN 0 ELSE c.net END AS net,
        c.next_expiry
    FROM exposure AS x
    LEFT JOIN collateral AS c ON x.loan_id = c.loan_id
)

SELECT
    v.loan_id,
    l.loan_number,
    v.legal_entity_id,
    v.legal_entity_name,
    v.product_id,
    v.borrower_party_id,
    v.currency_code AS loan_currency,
    v.functional_ccy,
    round(v.exposure_fn, 2) AS outstanding_fn,
    v.securities,
    v.unvalued AS unvalued_securities,
    v.unknown_haircuts,
    round(v.gross, 2) AS gross_collateral_fn,
    round(v.net, 2) AS collateral_fn,
    analytics.percentage(v.exposure_fn, v.gross) AS ltv_pct,
    analytics.percentage(v.net, v.exposure_fn) AS coverage_pct,
    CASE WHEN v.exposure_fn IS NOT NULL AND v.net IS NOT NULL THEN round(greatest(v.exposure_fn - v.net, 0), 2) END AS uncovered,
    v.next_expiry,
    v.unknown_haircuts > 0 AS needs_signoff,
    v.business_date
FROM covered AS v
INNER JOIN public.loan AS l ON v.loan_id = l.id;
