-- owner: risk
-- description: The status of each loan at the end of a day (NULL: its business date), since when, and when the next recorded change counts
CREATE FUNCTION analytics.loan_status_on(loan_ids uuid[], as_of date)
RETURNS TABLE (loan_id uuid, status text, since date, next_on date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH scope AS MATERIALIZED (
        SELECT l.id AS loan_id, l.status, coalesce(e.time_zone, 'UTC') AS zone, coalesce(as_of, analytics.business_date(e.time_zone)) AS day
        FROM public.loan AS l
        INNER JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
        WHERE l.id = ANY(loan_ids)
    ),

    entry AS (
        SELECT
            s.loan_id, s.day, h.status_value, h.effective_from,
            coalesce(
                CASE WHEN h.status_value = 'transferred' THEN (
                    SELECT min(t.transfer_date) FROM public.loan_transfers AS t WHERE t.source_loan_id = s.loan_id AND t.status = 'completed'
                ) END,
                -- A status from before v1 knows no date of its own: what happened tells it.
                CASE WHEN h.created_at IS NULL THEN CASE h.status_value
                    WHEN 'written_off' THEN (
                        SELECT min((c.event_at AT TIME ZONE 'UTC' AT TIME ZONE s.zone)::date)
                        FROM public.collections_event AS c
                        WHERE c.loan_id = s.loan_id AND c.event_type = 'write_off'
                    )
                    WHEN 'transferred' THEN (SELECT min(n.start_date) FROM public.loan AS n WHERE n.parent_loan_id = s.loan_id)
                    WHEN 'closed' THEN (
                        SELECT max(a.value_date) FROM analytics.dated_allocation AS a WHERE a.loan_id = s.loan_id AND a.counts_until = 'infinity'
                    )
                END END,
                (h.effective_from AT TIME ZONE s.zone)::date
            ) AS since
        FROM scope AS s
        INNER JOIN public.loan_status_history AS h ON h.loan_id = s.loan_id AND h.status_type = 'operational_status'
        WHERE h.loan_id = ANY(loan_ids)
    )

    SELECT s.loan_id, coalesce(e.status_value, CASE WHEN n.loan_id IS NULL THEN s.status ELSE 'active' END), e.since, n.next_on
    FROM scope AS s
    LEFT JOIN (
        SELECT f.loan_id, min(f.since) FILTER (WHERE f.since > f.day) AS next_on
        FROM entry AS f
        GROUP BY f.loan_id
    ) AS n ON n.loan_id = s.loan_id
    LEFT JOIN (
        SELECT DISTINCT ON (f.loan_id) f.loan_id, f.status_value, f.since
        FROM entry AS f
        WHERE f.since <= f.day
        ORDER BY f.loan_id, f.effective_from DESC
    ) AS e ON e.loan_id = s.loan_id;
END
$function$;
