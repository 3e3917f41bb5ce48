-- owner: collections
-- tier: T1
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Collections, amounts in the functional currency of the company. Open cases are at most a minute old,
--     recoveries and promises a quarter of an hour, resolutions are of the last night
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_collections AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.business_date,
        (e.business_date - interval '12 months')::date AS after_day
    FROM analytics.entity_day AS e
),

open_case AS (
    SELECT
        c.legal_entity_id,
        sum(c.cases) AS cases,
        CASE WHEN count(*) = count(c.arrears) THEN sum(c.arrears) END AS arrears
    FROM analytics.dash_cases_by_stage AS c
    GROUP BY c.legal_entity_id
),

failed AS (
    SELECT
        s.legal_entity_id,
        s.currency_code,
        count(*) AS loans,
        count(g.loan_id) AS legal_loans,
        sum(d.ead) AS ead,
        sum(d.recovered_principal) AS recovered
    FROM analytics.mv_loan_default AS d
    INNER JOIN analytics.loan_state AS s ON d.loan_id = s.loan_id
    LEFT JOIN analytics.mv_legal_action AS g ON d.loan_id = g.loan_id
    GROUP BY s.legal_entity_id, s.currency_code
),

recovery AS (
    SELECT
        f.legal_entity_id,
        sum(f.loans) AS loans,
        sum(f.legal_loans) AS legal_loans,
        CASE WHEN count(*) = count(r.functional_rate) THEN sum(f.ead * r.functional_rate) END AS ead,
        sum(f.recovered * r.functional_rate) AS recovered
    FROM failed AS f
    INNER JOIN analytics.currency_rate AS r ON f.legal_entity_id = r.legal_entity_id AND f.currency_code = r.currency_code
    GROUP BY f.legal_entity_id
),

resolution AS (
    SELECT
        m.legal_entity_id,
        sum(m.resolved) AS resolved,
        sum(m.resolved_days) AS resolved_days
    FROM analytics.dash_resolution_month AS m
    WHERE m.months_ago BETWEEN 0 AND 11
    GROUP BY m.legal_entity_id
),

act AS (
    SELECT
        l.legal_entity_id,
        count(*) FILTER (WHERE a.event_type IN ('call_attempt', 'call_successful')) AS calls,
        count(*) FILTER (WHERE a.event_type = 'call_successful') AS calls_answered,
        count(*) FILTER (WHERE a.event_type = 'reminder_sent' AND a.event_on > e.business_date - 30) AS reminders
    FROM analytics.collections_action AS a
    INNER JOIN analytics.loan_state AS l ON a.loan_id = l.loan_id
    INNER JOIN entity AS e ON l.legal_entity_id = e.legal_entity_id
    WHERE a.event_type IN ('call_attempt', 'call_successful', 'reminder_sent') AND a.event_on > e.after_day
    GROUP BY l.legal_entity_id
),

promise AS (
    SELECT
        s.legal_entity_id,
        count(*) FILTER (WHERE p.outcome = 'kept') AS kept,
        count(*) FILTER (WHERE p.outcome IN ('kept', 'broken')) AS decided
    FROM analytics.mv_promise AS p
    INNER JOIN analytics.loan_state AS s ON p.loan_id = s.loan_id
    INNER JOIN entity AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE p.promised_on > e.after_day
    GROUP BY s.legal_entity_id
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM entity AS e
LEFT JOIN open_case AS c ON e.legal_entity_id = c.legal_entity_id
LEFT JOIN recovery AS r ON e.legal_entity_id = r.legal_entity_id
LEFT JOIN resolution AS m ON e.legal_entity_id = m.legal_entity_id
LEFT JOIN act AS a ON e.legal_entity_id = a.legal_entity_id
LEFT JOIN promise AS p ON e.legal_entity_id = p.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'open_cases', 'Open cases', 'count', coalesce(c.cases, 0)),
        (2, 'case_arrears', 'Arrears of open cases', 'money', CASE WHEN c.legal_entity_id IS NULL THEN 0 ELSE c.arrears END),
        (3, 'recovery_rate', 'Recovered of defaults', 'percent', 100 * r.recovered / nullif(r.ead, 0)),
        (4, 'resolution_days', 'Days to resolve, 12 months', 'days', m.resolved_days / nullif(m.resolved, 0)),
        (5, 'call_success', 'Calls answered, 12 months', 'percent', 100 * a.calls_answered::numeric / nullif(a.calls, 0)),
        (6, 'promises_kept', 'Promises kept, 12 months', 'percent', 100 * p.kept::numeric / nullif(p.decided, 0)),
        (7, 'reminders_30d', 'Reminders sent, 30 days', 'count', coalesce(a.reminders, 0)),
        (8, 'legal_action_share', 'Defaults with legal steps', 'percent', 100 * r.legal_loans / nullif(r.loans, 0))
    ) AS f (sort, figure, label, unit, value);
