-- owner: finance
-- description: What settles instalments of loans as of a day (NULL: their business date): effective allocations, and adjustments with their sign
CREATE FUNCTION analytics.dated_money(loan_ids uuid[], as_of date)
RETURNS TABLE (loan_id uuid, line_id uuid, plan_id uuid, component text, amount numeric, value_date date, rank integer, id uuid)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH scope AS MATERIALIZED (
        SELECT l.id AS loan_id, coalesce(as_of, analytics.business_date(e.time_zone)) AS day
        FROM public.loan AS l
        INNER JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
        WHERE l.id = ANY(loan_ids)
    )

    SELECT a.loan_id, a.line_id, a.plan_id, a.component, a.amount, a.value_date, 0 AS rank, a.allocation_id AS id
    FROM analytics.allocations_of(loan_ids) AS a
    INNER JOIN scope AS s ON s.loan_id = a.loan_id AND a.value_date <= s.day AND a.counts_until > s.day
    UNION ALL
    SELECT
        j.loan_id, j.line_id, NULL, j.component, CASE j.kind WHEN 'refund' THEN -j.amount ELSE j.amount END, j.effective_date, 1, j.id
    FROM public.loan_adjustment AS j
    INNER JOIN scope AS s ON s.loan_id = j.loan_id AND j.effective_date <= s.day
    WHERE j.loan_id = ANY(loan_ids) AND (j.kind <> 'refund' OR j.line_id IS NOT NULL);
END
$function$;
