-- owner: finance
-- tier: T0
-- grain: completed inbound payment that is not fully allocated
-- key: payment_id
-- refresh: live
-- personal: payer_name
-- description: Cash that came in and does not yet settle anything
-- column payment_id: Payment
-- column legal_entity_id: Company that received it
-- column legal_entity_name: Its name
-- column loan_id: Loan of its first allocation (by created_at, unknown first, then id), to which loan_position counts it as unapplied_cash; NULL: it has none
-- column payer_party_id: Party that paid; NULL: unknown
-- column payer_name: Its name
-- column currency_code: Currency, ISO 4217
-- column amount: Amount received
-- column allocated: Allocations that are not reversed on business_date
-- column unapplied: amount - allocated, above 0
-- column value_date: Local date of arrival (received_at, else processed_at, else created_at), not after business_date
-- column age_days: Days from value_date to business_date
-- column provider: Provider that took it
-- column external_reference: Its reference there
-- column business_date: Business date of the legal entity of the loan, without loan of the company that received it; its zone gives value_date
CREATE VIEW analytics.v_unallocated_cash AS
SELECT
    u.payment_id,
    u.legal_entity_id,
    n.name AS legal_entity_name,
    u.loan_id,
    u.payer_party_id,
    -- Looked up row by row, and WITH stays inside: so the planner sorts first, and who lists the first hundred looks up a hundred.
    (
        SELECT y.display_name FROM public.party AS y
        WHERE y.id = u.payer_party_id
    ) AS payer_name,
    u.currency_code,
    u.amount,
    u.allocated,
    u.amount - u.allocated AS unapplied,
    u.value_date,
    u.business_date - u.value_date AS age_days,
    u.provider,
    u.external_reference,
    u.business_date
-- The linter takes the aliases of all WITH queries for those of one.
-- noqa: disable=ST09
FROM (
    WITH refreshed AS (
        SELECT coalesce(max(m.computed_at), '-infinity') AS at
        FROM analytics.mv_unallocated_payment AS m
    ),

    changed AS MATERIALIZED (
        -- What came in or was completed since the refresh. The hour covers transactions that had begun before it and were committed after it. The
        -- upper bounds exclude nothing: without them the planner takes a third of all rows for new.
        SELECT p.id AS payment_id
        FROM public.payment AS p
        WHERE p.updated_at >= (SELECT r.at FROM refreshed AS r) - interval '1 hour' AND p.updated_at < 'infinity'
        UNION
        -- An allocation that was reversed since then has told the queue of its loan, which waits there or was computed later. As an array:
        -- the planner takes a third of all loans for waiting, and would read every payment.
        SELECT a.payment_id
        FROM public.payment_allocation AS a
        WHERE a.loan_id = any(array(
            SELECT s.loan_id
            FROM analytics.loan_state AS s
            WHERE s.computed_at >= (SELECT r.at FROM refreshed AS r) AND s.computed_at < 'infinity'
            UNION
            SELECT w.loan_id
            FROM analytics.loan_waiting AS w
        ))
    ),

    stale AS (
        SELECT c.payment_id FROM changed AS c
        UNION
        -- Of another day than today: soon after midnight, or when somebody looks back.
        SELECT m.payment_id
        FROM analytics.mv_unallocated_payment AS m
        INNER JOIN analytics.entity_day AS e ON m.dated_by = e.legal_entity_id
        WHERE m.business_date <> e.business_date
    ),

    found AS (
        SELECT
            p.id AS payment_id,
            p.legal_entity_id,
            f.loan_id,
            p.payer_party_id,
            p.currency_code,
            p.amount,
            p.provider,
            p.external_reference,
            p.received_at,
            p.processed_at,
            p.created_at,
            p.reversed_at,
            coalesce(l.legal_entity_id, p.legal_entity_id) AS dated_by
        FROM stale AS c
        INNER JOIN public.payment AS p ON c.payment_id = p.id AND p.direction = 'inbound' AND p.status IN ('completed', 'reversed')
        LEFT JOIN LATERAL (
            SELECT a.loan_id
            FROM public.payment_allocation AS a
            WHERE a.payment_id = p.id
            ORDER BY a.created_at NULLS FIRST, a.id
            LIMIT 1
        ) AS f ON true
        LEFT JOIN public.loan AS l ON f.loan_id = l.id
    ),

    received AS (
        SELECT
            p.payment_id,
            p.legal_entity_id,
            p.loan_id,
            p.payer_party_id,
            p.currency_code,
            p.amount,
            coalesce(t.allocated, 0) AS allocated,
            p.provider,
            p.external_reference,
            e.business_date,
            analytics.value_date(p.received_at, p.processed_at, p.created_at, e.time_zone) AS value_date
        FROM found AS p
        INNER JOIN analytics.entity_day AS e ON e.legal_entity_id = p.dated_by
        LEFT JOIN LATERAL (
            SELECT sum(a.allocated_amount) AS allocated
            FROM public.payment_allocation AS a
            WHERE
                a.payment_id = p.payment_id AND (a.reversed_at IS null OR (a.reversed_at AT TIME ZONE e.time_zone)::date > e.business_date)
        ) AS t ON true
        WHERE p.reversed_at IS null OR (p.reversed_at AT TIME ZONE e.time_zone)::date > e.business_date
    )

    SELECT
        m.payment_id,
        m.legal_entity_id,
        m.loan_id,
        m.payer_party_id,
        m.currency_code,
        m.amount,
        m.allocated,
        m.provider,
        m.external_reference,
        m.business_date,
        m.value_date
    FROM analytics.mv_unallocated_payment AS m
    INNER JOIN analytics.entity_day AS e ON m.dated_by = e.legal_entity_id AND m.business_date = e.business_date
    WHERE m.payment_id NOT IN (SELECT c.payment_id FROM changed AS c)
    UNION ALL
    SELECT
        r.payment_id,
        r.legal_entity_id,
        r.loan_id,
        r.payer_party_id,
        r.currency_code,
        r.amount,
        r.allocated,
        r.provider,
        r.external_reference,
        r.business_date,
        r.value_date
    FROM received AS r
) AS u
INNER JOIN public.legal_entity AS n ON u.legal_entity_id = n.id
WHERE u.value_date <= u.business_date AND u.amount > u.allocated;
