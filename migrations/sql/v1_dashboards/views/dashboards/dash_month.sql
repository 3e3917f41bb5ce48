-- owner: portfolio
-- tier: T3
-- grain: published month-end x legal entity
-- key: month_end, legal_entity_id
-- refresh: daily
-- description: What became of the book, month by month, amounts in the functional currency at the rate of the month-end: for trend lines
-- column month_end: Last day of the month
-- column months_ago: Months before the business date: 0 is the newest published month-end
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column active_loans: Loans on the book
-- column glp: Gross loan portfolio: outstanding principal of these
-- column new_loans: Loans first disbursed in the month
-- column originated: Amount lent by contract of these
-- column collections: Money received in the month, all components; NULL: the month before is not published
-- column losses: Principal written off in the month; NULL likewise
-- column par30_pct: Outstanding principal of loans more than 30 days past due / glp in percent, rounded to 2 places
-- column default_pct: Outstanding principal of loans in default / glp likewise
-- column efficiency_pct: What was settled of instalments due in the month / what was due, in percent, rounded to 2 places
CREATE VIEW analytics.dash_month AS
WITH newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

total AS (
    SELECT
        m.month_end,
        m.legal_entity_id,
        max(m.value) FILTER (WHERE m.figure = 'active_loans') AS active_loans,
        max(m.value) FILTER (WHERE m.figure = 'glp') AS glp,
        max(m.value) FILTER (WHERE m.figure = 'new_loans') AS new_loans,
        max(m.value) FILTER (WHERE m.figure = 'new_amount') AS originated,
        max(m.value) FILTER (WHERE m.figure = 'collections') AS collections,
        max(m.value) FILTER (WHERE m.figure = 'losses') AS losses,
        max(m.value) FILTER (WHERE m.figure = 'past_due_30') AS past_due_30,
        max(m.value) FILTER (WHERE m.figure = 'defaulted') AS defaulted,
        max(m.value) FILTER (WHERE m.figure = 'due') AS due,
        max(m.value) FILTER (WHERE m.figure = 'due_paid') AS due_paid
    FROM analytics.entity_month AS m
    GROUP BY m.month_end, m.legal_entity_id
)

SELECT
    t.month_end,
    (
        (extract(YEAR FROM n.day) - extract(YEAR FROM t.month_end)) * 12
        + extract(MONTH FROM n.day) - extract(MONTH FROM t.month_end)
    )::integer AS months_ago,
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.active_loans::bigint AS active_loans,
    round(t.glp, 2) AS glp,
    t.new_loans::bigint AS new_loans,
    round(t.originated, 2) AS originated,
    round(t.collections, 2) AS collections,
    round(t.losses, 2) AS losses,
    analytics.percentage(t.past_due_30, t.glp) AS par30_pct,
    analytics.percentage(t.defaulted, t.glp) AS default_pct,
    analytics.percentage(t.due_paid, t.due) AS efficiency_pct
FROM total AS t
CROSS JOIN newest AS n
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id;
