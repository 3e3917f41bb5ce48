-- owner: platform
-- description: Where the maintained state of loans differs from what it would be if it were computed now; loans that wait to be computed are left out
CREATE FUNCTION analytics.loan_state_differences(loan_ids uuid[])
RETURNS TABLE (loan_id uuid, line_id uuid, problem text, maintained jsonb, computed jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
WITH scope AS MATERIALIZED (
    SELECT array_agg(l.id) AS ids
    FROM unnest(loan_ids) AS l (id)
    WHERE NOT EXISTS (SELECT FROM analytics.loan_waiting AS w WHERE w.loan_id = l.id)
),

latest AS MATERIALIZED (
    SELECT c.*
    FROM scope AS s
    CROSS JOIN LATERAL analytics.compute_loan_state(s.ids, NULL) AS c
),

pair AS (
    -- A row that was computed on an earlier day says the same of today as one of today: what is counted from as_of is brought forward.
    SELECT
        coalesce(m.loan_id, c.loan_id) AS loan_id,
        NULL::uuid AS line_id,
        to_jsonb(m) - '{as_of,computed_at}'::text[]
        || CASE WHEN m.is_paused AND m.overdue_since IS NOT NULL
            THEN jsonb_build_object('paused_days', m.paused_days + c.as_of - m.as_of) ELSE '{}' END
        || CASE WHEN m.month < c.month
            THEN jsonb_build_object('month', c.month, 'month_due', 0, 'month_due_paid', 0, 'month_received', 0) ELSE '{}' END AS maintained,
        to_jsonb(c) - '{as_of,computed_at}'::text[] AS computed
    FROM (SELECT k.* FROM analytics.loan_state AS k INNER JOIN scope AS s ON k.loan_id = ANY(s.ids)) AS m
    FULL JOIN latest AS c ON c.loan_id = m.loan_id
    UNION ALL
    SELECT coalesce(m.loan_id, c.loan_id), coalesce(m.line_id, c.line_id), to_jsonb(m), to_jsonb(c)
    FROM (SELECT k.* FROM analytics.instalment_state AS k INNER JOIN scope AS s ON k.loan_id = ANY(s.ids)) AS m
    FULL JOIN (
        SELECT i.*
        FROM scope AS s
        CROSS JOIN LATERAL analytics.compute_instalments(s.ids, NULL) AS i
        INNER JOIN latest AS c ON c.loan_id = i.loan_id
        WHERE analytics.is_kept(i, c.as_of)
    ) AS c ON c.line_id = m.line_id
)

SELECT
    p.loan_id,
    p.line_id,
    CASE WHEN p.maintained IS NULL THEN 'missing' WHEN p.computed IS NULL THEN 'unknown' ELSE 'different' END,
    (SELECT jsonb_object_agg(k.key, k.value) FROM jsonb_each(p.maintained) AS k WHERE k.value IS DISTINCT FROM p.computed -> k.key),
    (SELECT jsonb_object_agg(k.key, k.value) FROM jsonb_each(p.computed) AS k WHERE k.value IS DISTINCT FROM p.maintained -> k.key)
FROM pair AS p
WHERE p.maintained IS DISTINCT FROM p.computed
$function$;
