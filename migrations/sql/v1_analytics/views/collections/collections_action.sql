-- owner: collections
-- tier: T0
-- grain: event of collections up to the end of the business date
-- key: event_id
-- refresh: live
-- description: What was done in collections, with its local date at the loan's company
-- column event_id: Event
-- column loan_id: Loan
-- column event_type: What was done
-- column event_at: Moment
-- column event_on: Local date of the moment at the loan's company
-- column actor_party_id: Who did it; NULL: unknown
-- column amount: Amount it was about; NULL: none
-- column amount_ccy: Currency of that amount; NULL: that of the loan
-- column next_action_date: Day of the next action; NULL: none is planned
-- column is_contact: Whether the borrower was reached: call_successful, payment_arrangement, settlement_accepted
-- column is_legal: Whether it is a legal step: legal_notice, lawyer_letter, court_filing
CREATE VIEW analytics.collections_action AS
SELECT
    c.id AS event_id,
    c.loan_id,
    c.event_type,
    c.event_at AT TIME ZONE 'UTC' AS event_at,
    (c.event_at AT TIME ZONE 'UTC' AT TIME ZONE e.time_zone)::date AS event_on,
    c.actor_party_id,
    c.amount_involved AS amount,
    c.currency_code AS amount_ccy,
    c.next_action_date,
    c.event_type IN ('call_successful', 'payment_arrangement', 'settlement_accepted') AS is_contact,
    c.event_type IN ('legal_notice', 'lawyer_letter', 'court_filing') AS is_legal
FROM public.collections_event AS c
INNER JOIN public.loan AS l ON c.loan_id = l.id
INNER JOIN analytics.entity_day AS e ON l.legal_entity_id = e.legal_entity_id
-- The same as event_on <= business_date; so nothing has to be converted row by row.
WHERE c.event_at < e.day_ends_at;
