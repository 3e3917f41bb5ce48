-- owner: data_science
-- tier: T3
-- grain: loan with an event of collections x period: now (period infinity) and each published month-end
-- key: period, loan_id
-- refresh: live
-- description: Events of collections of each loan up to the end of a day, in the zone of the company, for today and for month-ends
-- column period: The month-end; infinity for today
-- column loan_id: Loan
-- column events: Events
-- column reminders: Of them, reminder_sent
-- column calls: Of them, call_attempt and call_successful
-- column legal: Of them, legal_notice, lawyer_letter and court_filing
CREATE VIEW analytics.collections_count_by_day AS
WITH days AS (
    SELECT
        'infinity'::date AS period,
        e.business_date AS day,
        e.legal_entity_id,
        e.time_zone
    FROM analytics.entity_day AS e
    UNION ALL
    SELECT
        m.day AS period,
        m.day,
        e.legal_entity_id,
        e.time_zone
    FROM analytics.published_day AS m
    CROSS JOIN analytics.entity_day AS e
    WHERE m.is_month_end
)

SELECT
    d.period,
    c.loan_id,
    count(*) AS events,
    count(*) FILTER (WHERE c.event_type = 'reminder_sent') AS reminders,
    count(*) FILTER (WHERE c.event_type IN ('call_attempt', 'call_successful')) AS calls,
    count(*) FILTER (WHERE c.event_type IN ('legal_notice', 'lawyer_letter', 'court_filing')) AS legal
FROM public.collections_event AS c
INNER JOIN public.loan AS l ON c.loan_id = l.id
INNER JOIN
    days AS d
    ON l.legal_entity_id = d.legal_entity_id AND (c.event_at AT TIME ZONE 'UTC' AT TIME ZONE d.time_zone)::date <= d.day
GROUP BY d.period, c.loan_id;
