-- owner: collections
-- tier: T1
-- grain: instalment that was unsettled after its due date while its plan held and its loan was neither closed nor off the book
-- key: line_id
-- refresh: minute
-- description: From when to when each instalment was overdue, and what ended it, as known on the business date: one that a refund opened again was
--     never settled before
-- column line_id: Instalment
-- column loan_id: Loan
-- column due_date: Last day on which paying was on time
-- column from_day: First day on which it was overdue: the day after the due date, or the first day of its plan
-- column last_day: Last day on which it was overdue, the business date if it is
-- column late_from: Day from which days past due are counted: due date and days of grace
-- column has_pause: Whether the loan ever had a payment pause, so that days past due are not simply days since late_from
-- column ended_by: settled, replanned, closed, written_off, transferred; NULL: it is still overdue
-- column business_date: Business date of the company
CREATE VIEW analytics.overdue_spell AS
WITH loan AS (
    SELECT
        s.loan_id,
        s.exited_on,
        s.closed_on,
        s.status,
        s.grace_days,
        e.business_date,
        exists(
            SELECT FROM public.loan_flag AS f
            WHERE f.loan_id = s.loan_id AND f.flag = 'payment_pause'
        ) AS has_pause
    FROM analytics.loan_state AS s
    INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id
),

instalment AS (
    SELECT
        i.line_id,
        i.loan_id,
        i.due_date,
        i.owed_from,
        i.owed_until,
        i.settled_on
    FROM analytics.instalment_state AS i
    WHERE i.is_material OR NOT i.is_settled
)

SELECT
    i.line_id,
    i.loan_id,
    i.due_date,
    greatest(i.due_date + 1, i.owed_from) AS from_day,
    u.until_day - 1 AS last_day,
    i.due_date + l.grace_days AS late_from,
    l.has_pause,
    CASE
        WHEN u.until_day > l.business_date THEN NULL
        WHEN u.until_day = l.exited_on THEN l.status
        WHEN u.until_day = i.settled_on THEN 'settled'
        WHEN u.until_day = l.closed_on THEN 'closed'
        ELSE 'replanned'
    END AS ended_by,
    l.business_date
FROM instalment AS i
INNER JOIN loan AS l ON i.loan_id = l.loan_id
CROSS JOIN LATERAL (SELECT least(i.settled_on, i.owed_until, l.exited_on, l.closed_on, l.business_date + 1) AS until_day) AS u
WHERE u.until_day > i.due_date + 1 AND u.until_day > i.owed_from;
