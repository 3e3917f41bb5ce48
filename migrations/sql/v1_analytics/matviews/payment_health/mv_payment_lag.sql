-- owner: risk
-- tier: T3
-- grain: loan on the book of which an instalment was settled in the last two windows
-- key: loan_id
-- refresh: daily
-- description: How late instalments were settled in the last window of setting early_warning_window_days and in the one before
-- column loan_id: Loan
-- column recent_lines: Instalments settled while their plan held, in the window that ends on the business date
-- column recent_late_days: Days between due date and settlement, summed over those settled late
-- column recent_in_grace: Those settled after the due date, but within the product's days of grace
-- column previous_lines: Instalments settled in the window before
-- column previous_late_days: Days late likewise
-- column previous_in_grace: Those settled within grace likewise
-- column last_settled_on: Last day on which one of the recent ones was settled; NULL: there is none
CREATE MATERIALIZED VIEW analytics.mv_payment_lag AS
WITH loan AS (
    SELECT
        s.loan_id,
        s.grace_days,
        e.business_date,
        (SELECT analytics.setting_number('early_warning_window_days'))::integer AS days
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
    WHERE s.status = 'active'
),

settled AS (
    SELECT
        l.loan_id,
        i.settled_on,
        greatest(i.settled_on - i.due_date, 0) AS late_days,
        i.settled_on > i.due_date AND i.settled_on - i.due_date <= l.grace_days AS is_in_grace,
        i.settled_on > l.business_date - l.days AS is_recent
    FROM loan AS l
    INNER JOIN analytics.instalment_state AS i
        ON
            l.loan_id = i.loan_id AND i.settled_on < i.owed_until AND i.owed_from < i.owed_until
            AND i.settled_on > l.business_date - 2 * l.days AND l.business_date >= i.settled_on
)

SELECT
    s.loan_id,
    count(*) FILTER (WHERE s.is_recent) AS recent_lines,
    coalesce(sum(s.late_days) FILTER (WHERE s.is_recent), 0) AS recent_late_days,
    count(*) FILTER (WHERE s.is_recent AND s.is_in_grace) AS recent_in_grace,
    count(*) FILTER (WHERE NOT s.is_recent) AS previous_lines,
    coalesce(sum(s.late_days) FILTER (WHERE NOT s.is_recent), 0) AS previous_late_days,
    count(*) FILTER (WHERE NOT s.is_recent AND s.is_in_grace) AS previous_in_grace,
    max(s.settled_on) FILTER (WHERE s.is_recent) AS last_settled_on
FROM settled AS s
GROUP BY s.loan_id;
CREATE UNIQUE INDEX uq_mv_payment_lag ON analytics.mv_payment_lag (loan_id);
