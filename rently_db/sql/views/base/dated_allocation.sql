-- owner: finance
-- tier: T0
-- grain: allocation of inbound money that was received
-- key: allocation_id
-- refresh: live
-- description: Allocations of completed or reversed inbound payments with the days between which they count: effective at d if value_date <= d < counts_until
-- column allocation_id: Allocation
-- column payment_id: Payment that settles
-- column loan_id: Loan that is settled
-- column plan_id: Plan that is settled; NULL: not said
-- column line_id: Instalment that is settled; NULL: the oldest unpaid ones of its component
-- column component: Part of the debt that is settled
-- column amount: Amount settled, in the loan's currency
-- column value_date: Local date at the loan's legal entity on which the money arrived; NULL: unknown, counts nowhere
-- column counts_until: First day on which it no longer counts, because it or its payment was reversed; infinity: not reversed
CREATE VIEW analytics.dated_allocation AS
SELECT
    a.id AS allocation_id,
    a.payment_id,
    a.loan_id,
    a.plan_id,
    a.line_id,
    a.component,
    a.allocated_amount AS amount,
    analytics.value_date(p.received_at, p.processed_at, p.created_at, e.time_zone) AS value_date,
    analytics.counts_until(p.reversed_at, a.reversed_at, e.time_zone) AS counts_until
FROM public.payment_allocation AS a
INNER JOIN public.payment AS p ON a.payment_id = p.id AND p.direction = 'inbound' AND p.status IN ('completed', 'reversed')
INNER JOIN public.loan AS l ON a.loan_id = l.id
INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id;
