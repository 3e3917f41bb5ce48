-- owner: finance
-- tier: T2
-- grain: month x legal entity
-- key: month_start, legal_entity_id
-- refresh: quarter_hour
-- description: The three ratios of v_collection_efficiency of each company in its functional currency, at the rate of the month-end or, in the running
--     month, of the business date
-- column month_start: First day of the month
-- column months_ago: Months before that of the business date, which has 0
-- column is_complete: Whether the month is over on the business date
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column due: What fell due in the month up to the business date; NULL: a rate is missing
-- column received: Money received in the month; NULL likewise
-- column current_due_ce_pct: What settled instalments due in the month / due, in percent, rounded to 2 places; NULL: nothing due, or a rate is missing
-- column total_ce_pct: received / due likewise; may be over 100
-- column ce_ex_npl_pct: As current_due_ce_pct, of loans that were performing when the month began; NULL as well where the month-end before is not published
CREATE VIEW analytics.dash_efficiency AS
WITH month AS (
    SELECT
        c.month_start,
        c.legal_entity_id,
        c.legal_entity_name,
        c.currency_code,
        c.is_complete,
        c.business_date,
        sum(c.due) AS due,
        sum(c.received) AS received,
        sum(c.paid_on_current_due) AS paid,
        CASE WHEN count(*) = count(c.due_ex_npl) THEN sum(c.due_ex_npl) END AS due_ex_npl,
        CASE WHEN count(*) = count(c.due_ex_npl) THEN sum(c.paid_ex_npl) END AS paid_ex_npl
    FROM analytics.v_collection_efficiency AS c
    GROUP BY c.month_start, c.legal_entity_id, c.legal_entity_name, c.currency_code, c.is_complete, c.business_date
),

entity AS (
    SELECT
        e.id AS legal_entity_id,
        e.functional_ccy
    FROM public.legal_entity AS e
),

total AS (
    SELECT
        m.month_start,
        m.legal_entity_id,
        m.legal_entity_name,
        e.functional_ccy,
        m.is_complete,
        m.business_date,
        CASE WHEN count(*) = count(f.rate) THEN sum(m.due * f.rate) END AS due,
        CASE WHEN count(*) = count(f.rate) THEN sum(m.received * f.rate) END AS received,
        CASE WHEN count(*) = count(f.rate) THEN sum(m.paid * f.rate) END AS paid,
        CASE WHEN count(*) = count(m.due_ex_npl * f.rate) THEN sum(m.due_ex_npl * f.rate) END AS due_ex_npl,
        CASE WHEN count(*) = count(m.due_ex_npl * f.rate) THEN sum(m.paid_ex_npl * f.rate) END AS paid_ex_npl
    FROM month AS m
    INNER JOIN entity AS e ON m.legal_entity_id = e.legal_entity_id
    CROSS JOIN
        LATERAL analytics.fx_rate(
            m.currency_code, e.functional_ccy, least((m.month_start + interval '1 month - 1 day')::date, m.business_date)
        ) AS f
    GROUP BY m.month_start, m.legal_entity_id, m.legal_entity_name, e.functional_ccy, m.is_complete, m.business_date
)

SELECT
    t.month_start,
    (
        (extract(YEAR FROM t.business_date) - extract(YEAR FROM t.month_start)) * 12
        + extract(MONTH FROM t.business_date) - extract(MONTH FROM t.month_start)
    )::integer AS months_ago,
    t.is_complete,
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    round(t.due, 2) AS due,
    round(t.received, 2) AS received,
    analytics.percentage(t.paid, t.due) AS current_due_ce_pct,
    analytics.percentage(t.received, t.due) AS total_ce_pct,
    analytics.percentage(t.paid_ex_npl, t.due_ex_npl) AS ce_ex_npl_pct
FROM total AS t;
