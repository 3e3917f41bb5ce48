-- owner: compliance
-- tier: T1
-- grain: loan on the book x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: minute
-- description: Exposure, collateral and provision of loans on the book, for today and for month-ends, by the same rules: what publish_snapshot keeps in month_end_risk
-- column period: The month-end; infinity for today
-- column day: Day for which it holds
-- column loan_id: Loan
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column class: Class of the loan on the day (loan_risk_by_day)
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column is_default: Whether the loan is non-performing
-- column reason: Why: dpd, obligor, unlikely_to_pay or probation; NULL: it is performing
-- column rule_version: First day on which the youngest of the classification rules applied holds; NULL: no rule
-- column outstanding_principal: Principal still owed
-- column interest_outstanding: Interest due and unpaid
-- column undrawn: Amount lent by contract less disbursements and principal taken over from other loans, at least 0
-- column ead: Exposure at default: outstanding_principal + interest_outstanding + undrawn * setting undrawn_credit_conversion
-- column eligible_collateral: Sum of value * (1 - haircut, 0 if not decided) over securities with status active, registered by the day (or without
--     a registration date), not expired by it and valued, in the loan's currency (value_ccy, else the loan's) by the rate of the day; 0 without any,
--     NULL where a rate is missing
-- column base: max(ead - eligible_collateral, 0); a missing eligible_collateral counts as 0
-- column rate: Fraction of base to set aside: provision_rate of the day for country and class, the category's row, else the one without category; NULL: no row
-- column provision: base * rate, rounded to two places; NULL without a rate
-- column needs_signoff: Whether the rate is a placeholder that nobody has signed off; false without a rate
CREATE VIEW analytics.loan_provision_by_day AS
WITH exposure AS NOT MATERIALIZED (
    SELECT
        'infinity'::date AS period,
        p.business_date AS day,
        p.loan_id,
        p.legal_entity_id,
        p.product_id,
        p.currency_code,
        p.outstanding_principal,
        p.interest_outstanding,
        greatest(p.approved_principal - p.disbursed_principal - p.transferred_in, 0) AS undrawn
    FROM analytics.loan_position AS p
    WHERE p.is_on_book
    UNION ALL
    SELECT
        s.snapshot_date AS period,
        s.snapshot_date AS day,
        s.loan_id,
        s.legal_entity_id,
        s.product_id,
        s.currency_code,
        s.outstanding_principal,
        s.interest_outstanding,
        greatest(s.approved_principal - s.disbursed_principal - s.transferred_in, 0) AS undrawn
    FROM analytics.loan_daily_snapshot AS s
    INNER JOIN analytics.published_day AS d ON s.snapshot_date = d.day
    WHERE d.is_month_end AND s.status = 'active'
),

collateral AS (
    SELECT
        x.period,
        x.loan_id,
        CASE
            WHEN bool_and(s.value_ccy IS NULL OR s.value_ccy = x.currency_code OR f.rate IS NOT NULL)
                THEN sum(s.value_amount * (1 - coalesce(s.haircut_pct, 0)) * coalesce(f.rate, 1))
        END AS eligible
    FROM exposure AS x
    INNER JOIN public.security_interest AS s
        ON
            x.loan_id = s.loan_id AND coalesce(s.status, 'active') = 'active' AND s.value_amount IS NOT NULL
            AND (s.registration_date IS NULL OR x.day >= s.registration_date) AND (s.expiry_date IS NULL OR x.day < s.expiry_date)
    LEFT JOIN LATERAL (
        -- Most security is in the loan's own currency: no rate is looked up for it.
        SELECT r.rate
        FROM analytics.fx_rate(s.value_ccy, x.currency_code, x.day) AS r
        WHERE s.value_ccy <> x.currency_code
    ) AS f ON TRUE
    GROUP BY x.period, x.loan_id
),

valued AS (
    SELECT
        x.period,
        x.day,
        x.loan_id,
        x.legal_entity_id,
        x.product_id,
        x.currency_code,
        x.outstanding_principal,
        x.interest_outstanding,
        x.undrawn,
        x.outstanding_principal + x.interest_outstanding
        + x.undrawn * (SELECT analytics.setting_number('undrawn_credit_conversion')) AS ead,
        CASE WHEN c.loan_id IS NULL THEN 0 ELSE c.eligible END AS eligible_collateral
    FROM exposure AS x
    LEFT JOIN collateral AS c ON x.period = c.period AND x.loan_id = c.loan_id
)

SELECT
    x.period,
    x.day,
    x.loan_id,
    x.legal_entity_id,
    x.product_id,
    x.currency_code,
    r.class,
    r.stage,
    r.is_default,
    r.reason,
    r.rule_version,
    x.outstanding_principal,
    x.interest_outstanding,
    x.undrawn,
    x.ead,
    x.eligible_collateral,
    b.base,
    coalesce(own.rate, general.rate) AS rate,
    round(b.base * coalesce(own.rate, general.rate), 2) AS provision,
    coalesce(own.needs_signoff, general.needs_signoff, FALSE) AS needs_signoff
FROM valued AS x
INNER JOIN analytics.loan_risk_by_day AS r ON x.period = r.period AND x.loan_id = r.loan_id
-- Each loan has both. For an inner join the planner, which knows nothing of the union's columns, expects one row, and then loops.
LEFT JOIN public.legal_entity AS e ON x.legal_entity_id = e.id
LEFT JOIN public.product AS p ON x.product_id = p.id
LEFT JOIN public.provision_rate AS own
    ON
        e.country_code = own.country_code AND r.class = own.class AND p.category = own.product_category
        AND x.day >= own.valid_from AND (own.valid_through IS NULL OR x.day < own.valid_through)
LEFT JOIN public.provision_rate AS general
    ON
        e.country_code = general.country_code AND r.class = general.class AND general.product_category IS NULL
        AND x.day >= general.valid_from AND (general.valid_through IS NULL OR x.day < general.valid_through)
CROSS JOIN LATERAL (SELECT greatest(x.ead - coalesce(x.eligible_collateral, 0), 0) AS base) AS b;
