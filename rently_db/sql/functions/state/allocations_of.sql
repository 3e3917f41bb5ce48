-- owner: finance
-- description: dated_allocation of some loans, for those who compute many at once: each loan's time zone is looked up once, not with each allocation
CREATE FUNCTION analytics.allocations_of(loan_ids uuid[])
RETURNS TABLE (
    allocation_id uuid, payment_id uuid, loan_id uuid, plan_id uuid, line_id uuid, component text, amount numeric, value_date date,
    counts_until date
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH scope AS MATERIALIZED (
        SELECT l.id AS loan_id, e.time_zone
        FROM public.loan AS l
        INNER JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
        WHERE l.id = ANY(loan_ids)
    )

    SELECT
        a.id, a.payment_id, a.loan_id, a.plan_id, a.line_id, a.component, a.allocated_amount,
        analytics.value_date(p.received_at, p.processed_at, p.created_at, s.time_zone),
        analytics.counts_until(p.reversed_at, a.reversed_at, s.time_zone)
    FROM scope AS s
    INNER JOIN public.payment_allocation AS a ON a.loan_id = s.loan_id
    INNER JOIN public.payment AS p ON p.id = a.payment_id AND p.direction = 'inbound' AND p.status IN ('completed', 'reversed')
    WHERE a.loan_id = ANY(loan_ids);
END
$function$;
