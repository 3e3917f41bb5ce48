-- owner: finance
-- tier: T3
-- grain: month x legal entity x figure
-- key: month, legal_entity_id, kpi
-- refresh: daily
-- description: The last 24 published month-ends of each company in long form, amounts in its functional currency at the rate of the month-end. What is not
--     published, or needs a rate that is missing, is NULL
-- column month: First day of the month
-- column legal_entity_id: Company
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of amounts, ISO 4217
-- column kpi: active_loans: loans on the book. glp: their outstanding principal. loans_originated: loans first disbursed in the month.
--     amount_originated: amount lent by contract of these. collections: increase in the month of all that was ever received by effective allocations.
--     losses: increase of principal written off. par30: outstanding principal of loans on the book more than 30 days past due / glp. npl: that of loans in
--     default by the rules of the day (snapshot_risk) / glp. ce: current-due collection efficiency of the month (v_collection_efficiency, as known today:
--     paid_on_current_due / due). cnl: (principal written off - principal paid after write-off) / amount lent by contract of all loans, so far
-- column unit: count, amount (rounded to 2 places), pct (percent, rounded to 2 places)
-- column value: The figure
-- column mom: Change against the month before: in percent of it for counts and amounts (NULL if it was 0), in percentage points for pct; rounded to 2 places
-- column yoy: Change against the same month of the year before, likewise
CREATE VIEW analytics.v_executive_trend AS
WITH total AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        max(m.value) FILTER (WHERE m.figure = 'active_loans') AS active_loans,
        max(m.value) FILTER (WHERE m.figure = 'new_loans') AS new_loans,
        max(m.value) FILTER (WHERE m.figure = 'glp') AS glp,
        max(m.value) FILTER (WHERE m.figure = 'new_amount') AS new_amount,
        max(m.value) FILTER (WHERE m.figure = 'originated') AS originated,
        max(m.value) FILTER (WHERE m.figure = 'past_due_30') AS past_due_30,
        max(m.value) FILTER (WHERE m.figure = 'defaulted') AS defaulted,
        max(m.value) FILTER (WHERE m.figure = 'written_off') AS written_off,
        max(m.value) FILTER (WHERE m.figure = 'recovered') AS recovered,
        max(m.value) FILTER (WHERE m.figure = 'due') AS due,
        max(m.value) FILTER (WHERE m.figure = 'due_paid') AS due_paid,
        max(m.value) FILTER (WHERE m.figure = 'collections') AS collections,
        max(m.value) FILTER (WHERE m.figure = 'losses') AS losses
    FROM analytics.entity_month AS m
    GROUP BY m.month_end, m.legal_entity_id
),

kpi AS MATERIALIZED (
    SELECT
        date_trunc('month', t.month_end)::date AS month,
        t.legal_entity_id,
        v.kpi,
        v.unit,
        v.value
    FROM total AS t
    CROSS JOIN LATERAL (
        VALUES
        ('active_loans', 'count', t.active_loans),
        ('glp', 'amount', round(t.glp, 2)),
        ('loans_originated', 'count', t.new_loans),
        ('amount_originated', 'amount', round(t.new_amount, 2)),
        ('collections', 'amount', round(t.collections, 2)),
        ('losses', 'amount', round(t.losses, 2)),
        ('par30', 'pct', analytics.percentage(t.past_due_30, t.glp)),
        ('npl', 'pct', analytics.percentage(t.defaulted, t.glp)),
        ('ce', 'pct', analytics.percentage(t.due_paid, t.due)),
        ('cnl', 'pct', analytics.percentage(t.written_off - t.recovered, t.originated))
    ) AS v (kpi, unit, value)
)

SELECT
    k.month,
    k.legal_entity_id,
    e.name AS legal_entity_name,
    e.functional_ccy,
    k.kpi,
    k.unit,
    k.value,
    CASE k.unit WHEN 'pct' THEN k.value - b.value ELSE analytics.percentage(k.value - b.value, b.value) END AS mom,
    CASE k.unit WHEN 'pct' THEN k.value - y.value ELSE analytics.percentage(k.value - y.value, y.value) END AS yoy
FROM kpi AS k
INNER JOIN public.legal_entity AS e ON k.legal_entity_id = e.id
LEFT JOIN kpi AS b ON k.legal_entity_id = b.legal_entity_id AND k.kpi = b.kpi AND b.month = (k.month - interval '1 month')::date
LEFT JOIN kpi AS y ON k.legal_entity_id = y.legal_entity_id AND k.kpi = y.kpi AND y.month = (k.month - interval '1 year')::date
WHERE k.month > ((SELECT max(m.month) FROM kpi AS m) - interval '24 months')::date;
