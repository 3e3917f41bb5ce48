-- owner: collections
-- tier: T2
-- grain: loan with an event of collections
-- key: loan_id
-- refresh: quarter_hour
-- description: What v_collections_worklist shows of the events of a loan without a change since the refresh; of the others it goes through the events
-- column loan_id: Loan
-- column last_contact: Last day on which the borrower was reached; NULL: never
-- column next_action_date: Day of the next action by the last event that plans one; NULL: none is planned
-- column promise_id: Event of the last promise to pay: a payment_arrangement with an amount in the loan's currency; NULL: none was made
-- column promise_amount: Amount promised
-- column promised_on: Local date of the promise
-- column business_date: Business date of the company, up to which events count
CREATE MATERIALIZED VIEW analytics.mv_collections_effort AS
WITH act AS (
    SELECT
        n.loan_id,
        n.event_id,
        n.event_at,
        n.event_on,
        n.amount,
        n.next_action_date,
        n.is_contact,
        n.event_type = 'payment_arrangement' AND n.amount IS NOT NULL AND coalesce(n.amount_ccy, l.currency_code) = l.currency_code
            AS is_promise,
        e.business_date
    FROM analytics.collections_action AS n
    INNER JOIN public.loan AS l ON n.loan_id = l.id
    INNER JOIN analytics.entity_day AS e ON l.legal_entity_id = e.legal_entity_id
)

SELECT
    a.loan_id,
    max(a.event_on) FILTER (WHERE a.is_contact) AS last_contact,
    (array_agg(a.next_action_date ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.next_action_date IS NOT NULL))[1]
        AS next_action_date,
    (array_agg(a.event_id ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promise_id,
    (array_agg(a.amount ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promise_amount,
    (array_agg(a.event_on ORDER BY a.event_at DESC, a.event_id DESC) FILTER (WHERE a.is_promise))[1] AS promised_on,
    a.business_date
FROM act AS a
GROUP BY a.loan_id, a.business_date;
CREATE UNIQUE INDEX uq_mv_collections_effort ON analytics.mv_collections_effort (loan_id);
