-- owner: risk
-- tier: T1
-- grain: loan x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: minute
-- description: Class, stage and default of each loan, with the reason, for today and for month-ends by the same rules
-- column period: The month-end; infinity for today
-- column day: Day
-- column loan_id: Loan
-- column is_default: Whether the loan is non-performing
-- column reason: Why: dpd, obligor, unlikely_to_pay or probation; NULL: it is performing
-- column class: Class by the rules of the country; normal below all of them
-- column stage: 3 non-performing, 2 significantly worse, 1 else
-- column obligor_dpd: Highest days past due among the obligor's loans on the book
-- column rule_version: First day on which the youngest of the rules applied holds; NULL: no rule
CREATE VIEW analytics.loan_risk_by_day AS
WITH rate AS (
    -- Few: the currencies of the book on each of the days.
    SELECT
        d.period,
        d.day,
        c.currency_code,
        f.rate
    FROM (SELECT DISTINCT
        y.period,
        y.day
    FROM analytics.rules_by_day AS y) AS d
    CROSS JOIN (SELECT DISTINCT s.currency_code FROM analytics.loan_state AS s) AS c
    CROSS JOIN LATERAL analytics.fx_rate(c.currency_code, (SELECT analytics.setting_text('group_currency'))::char(3), d.day) AS f
),

exposure AS (
    SELECT
        m.period,
        m.obligor_id,
        max(m.dpd) AS dpd,
        -- A missing rate makes it unknown how much of the whole a loan is: it counts as material.
        bool_or(m.dpd >= y.npl_from) AND (
            bool_or(r.rate IS NULL)
            OR max(m.outstanding_principal * r.rate) FILTER (WHERE m.dpd >= y.npl_from)
            > sum(m.outstanding_principal * r.rate) * (SELECT analytics.setting_number('obligor_materiality_pct'))
        ) AS is_default
    FROM analytics.risk_input AS m
    LEFT JOIN analytics.rules_by_day AS y ON m.period = y.period AND m.legal_entity_id = y.legal_entity_id
    LEFT JOIN rate AS r ON m.period = r.period AND m.day = r.day AND m.currency_code = r.currency_code
    WHERE m.is_on_book
    GROUP BY m.period, m.obligor_id
    -- Who has nothing overdue can't be pulled down by another loan of his.
    HAVING max(m.dpd) > 0
),

judged AS (
    SELECT
        i.period,
        i.day,
        i.loan_id,
        i.dpd,
        i.is_significant_increase OR i.is_forborne OR i.dpd > (SELECT analytics.setting_number('stage_2_days')) AS is_worse,
        coalesce(y.class_names[width_bucket(i.dpd, y.class_bounds)], 'normal') AS dpd_class,
        array_position(y.class_names, 'substandard') AS substandard,
        width_bucket(i.dpd, y.class_bounds) AS class_sort,
        y.rule_version,
        coalesce(x.dpd, 0) AS obligor_dpd,
        CASE
            WHEN NOT i.is_on_book THEN NULL
            WHEN i.dpd >= y.npl_from THEN 'dpd'
            WHEN x.is_default THEN 'obligor'
            WHEN i.is_unlikely_to_pay THEN 'unlikely_to_pay'
            WHEN i.npl_last_day + y.probation_days > i.day THEN 'probation'
        END AS reason
    FROM analytics.risk_input AS i
    -- Each company has rules for each period. For an inner join the planner, which knows nothing of the union's columns, would expect few rows.
    LEFT JOIN analytics.rules_by_day AS y ON i.period = y.period AND i.legal_entity_id = y.legal_entity_id
    LEFT JOIN exposure AS x ON i.period = x.period AND i.obligor_id = x.obligor_id
)

SELECT
    j.period,
    j.day,
    j.loan_id,
    j.reason IS NOT NULL AS is_default,
    j.reason,
    CASE WHEN j.reason IS NULL OR j.class_sort >= j.substandard THEN j.dpd_class ELSE 'substandard' END AS class,
    CASE WHEN j.reason IS NOT NULL THEN 3 WHEN j.is_worse THEN 2 ELSE 1 END AS stage,
    j.obligor_dpd,
    j.rule_version
FROM judged AS j;
