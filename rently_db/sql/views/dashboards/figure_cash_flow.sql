-- owner: finance
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Cash flow, amounts in the functional currency of the company; all but the net flow of the last month-end
--     are at most a quarter of an hour old
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_cash_flow AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'expected_30d') AS expected_30d,
        max(t.value) FILTER (WHERE t.figure = 'received_mtd') AS received,
        max(t.value) FILTER (WHERE t.figure = 'due_mtd') AS due,
        max(t.value) FILTER (WHERE t.figure = 'due_paid_mtd') AS due_paid
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

flow AS (
    SELECT
        m.legal_entity_id,
        m.net_flow
    FROM analytics.dash_cash_month AS m
    WHERE m.months_ago = 0
),

rate AS MATERIALIZED (
    SELECT
        r.legal_entity_id,
        r.currency_code,
        r.functional_ccy,
        r.functional_rate
    FROM analytics.currency_rate AS r
),

loan AS (
    SELECT
        s.legal_entity_id,
        s.currency_code,
        sum(s.settled_lines) AS settled_lines,
        sum(s.on_time_lines) AS on_time_lines,
        sum(s.late_days) AS late_days,
        coalesce(
            sum(s.approved_principal - s.disbursed_principal - s.transferred_in) FILTER (
                WHERE s.status = 'active' AND s.approved_principal > s.disbursed_principal + s.transferred_in
            ), 0
        ) AS to_pay_out
    FROM analytics.loan_state AS s
    GROUP BY s.legal_entity_id, s.currency_code
),

habit AS (
    SELECT
        n.legal_entity_id,
        sum(n.settled_lines) AS settled_lines,
        sum(n.on_time_lines) AS on_time_lines,
        sum(n.late_days) AS late_days,
        CASE
            WHEN count(*) FILTER (WHERE n.to_pay_out <> 0 AND r.functional_rate IS NULL) = 0
                THEN coalesce(sum(n.to_pay_out * r.functional_rate), 0)
        END AS to_pay_out
    FROM loan AS n
    INNER JOIN rate AS r ON n.legal_entity_id = r.legal_entity_id AND n.currency_code = r.currency_code
    GROUP BY n.legal_entity_id
),

book AS (
    SELECT
        m.legal_entity_id,
        m.currency_code,
        sum(m.outstanding) AS outstanding
    FROM analytics.mv_portfolio_total AS m
    WHERE m.status = 'active' AND m.outstanding > 0
    GROUP BY m.legal_entity_id, m.currency_code
),

exposure AS (
    SELECT
        b.legal_entity_id,
        CASE
            WHEN count(*) = count(r.functional_rate)
                THEN
                    100 * coalesce(max(b.outstanding * r.functional_rate) FILTER (WHERE r.currency_code <> r.functional_ccy), 0)
                    / sum(b.outstanding * r.functional_rate)
        END AS largest_foreign_pct
    FROM book AS b
    INNER JOIN rate AS r ON b.legal_entity_id = r.legal_entity_id AND b.currency_code = r.currency_code
    GROUP BY b.legal_entity_id
)

SELECT
    t.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM total AS t
LEFT JOIN flow AS w ON t.legal_entity_id = w.legal_entity_id
LEFT JOIN habit AS h ON t.legal_entity_id = h.legal_entity_id
LEFT JOIN exposure AS x ON t.legal_entity_id = x.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'expected_30d', 'Expected in 30 days', 'money', t.expected_30d),
        (2, 'collected_month', 'Collected this month', 'money', t.received),
        (3, 'collected_of_expected', 'Collected of what fell due', 'percent', 100 * t.received / nullif(t.due, 0)),
        (4, 'collection_efficiency', 'Collection efficiency', 'percent', 100 * t.due_paid / nullif(t.due, 0)),
        (5, 'net_flow', 'Net cash flow, last month', 'money', w.net_flow),
        (6, 'to_pay_out', 'Approved, to pay out', 'money', h.to_pay_out),
        (7, 'on_time_rate', 'Paid on time', 'percent', 100 * h.on_time_lines::numeric / nullif(h.settled_lines, 0)),
        (8, 'days_late', 'Days late per instalment', 'days', h.late_days::numeric / nullif(h.settled_lines, 0)),
        (9, 'fx_exposure', 'Largest foreign currency', 'percent', x.largest_foreign_pct)
    ) AS f (sort, figure, label, unit, value);
