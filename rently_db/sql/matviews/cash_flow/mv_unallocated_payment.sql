-- owner: finance
-- tier: T2
-- grain: completed inbound payment whose allocations did not use it up at the last refresh
-- key: payment_id
-- refresh: quarter_hour
-- description: What v_unallocated_cash shows of payments without a change since the refresh; what changed, the view works out itself
-- column payment_id: Payment; the zero id is no payment: its row says when all was computed
-- column computed_at: Moment of the refresh
-- column legal_entity_id: Company that received it
-- column loan_id: Loan of its first allocation
-- column dated_by: Company whose days count: that of the loan, without loan that which received it
-- column payer_party_id: Party that paid
-- column currency_code: Currency, ISO 4217
-- column amount: Amount received
-- column allocated: Allocations that are not reversed on business_date
-- column provider: Provider that took it
-- column external_reference: Its reference there
-- column value_date: Local date of arrival
-- column business_date: Business date of dated_by, for which the row holds
CREATE MATERIALIZED VIEW analytics.mv_unallocated_payment AS
WITH standing AS (
    SELECT
        a.payment_id,
        sum(a.allocated_amount) AS amount
    FROM public.payment_allocation AS a
    WHERE a.reversed_at IS NULL
    GROUP BY a.payment_id
),

candidate AS MATERIALIZED (
    SELECT
        p.id AS payment_id,
        p.legal_entity_id,
        p.payer_party_id,
        p.currency_code,
        p.amount,
        p.provider,
        p.external_reference,
        p.received_at,
        p.processed_at,
        p.created_at
    FROM public.payment AS p
    LEFT JOIN standing AS a ON p.id = a.payment_id
    WHERE p.direction = 'inbound' AND p.status IN ('completed', 'reversed') AND p.reversed_at IS NULL AND p.amount > coalesce(a.amount, 0)
)

SELECT
    c.payment_id,
    now() AS computed_at,
    c.legal_entity_id,
    f.loan_id,
    e.legal_entity_id AS dated_by,
    c.payer_party_id,
    c.currency_code,
    c.amount,
    coalesce(t.allocated, 0) AS allocated,
    c.provider,
    c.external_reference,
    analytics.value_date(c.received_at, c.processed_at, c.created_at, e.time_zone) AS value_date,
    e.business_date
FROM candidate AS c
LEFT JOIN LATERAL (
    SELECT a.loan_id
    FROM public.payment_allocation AS a
    WHERE a.payment_id = c.payment_id
    ORDER BY a.created_at NULLS FIRST, a.id
    LIMIT 1
) AS f ON TRUE
LEFT JOIN public.loan AS l ON f.loan_id = l.id
INNER JOIN analytics.entity_day AS e ON coalesce(l.legal_entity_id, c.legal_entity_id) = e.legal_entity_id
LEFT JOIN LATERAL (
    SELECT sum(a.allocated_amount) AS allocated
    FROM public.payment_allocation AS a
    WHERE a.payment_id = c.payment_id AND (a.reversed_at IS NULL OR (a.reversed_at AT TIME ZONE e.time_zone)::date > e.business_date)
) AS t ON TRUE
UNION ALL
SELECT
    '00000000-0000-0000-0000-000000000000'::uuid AS payment_id,
    now() AS computed_at,
    NULL AS legal_entity_id,
    NULL AS loan_id,
    NULL AS dated_by,
    NULL AS payer_party_id,
    NULL AS currency_code,
    NULL AS amount,
    NULL AS allocated,
    NULL AS provider,
    NULL AS external_reference,
    NULL AS value_date,
    NULL AS business_date;
CREATE UNIQUE INDEX ix_mv_unallocated_payment_key ON analytics.mv_unallocated_payment (payment_id);
