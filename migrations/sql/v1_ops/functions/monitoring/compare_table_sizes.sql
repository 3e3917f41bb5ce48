-- owner: platform
-- description: What the tables of one baseline weigh, with their indexes, at another baseline or now; the biggest change first. NULL: the table was not there
CREATE FUNCTION ops.compare_table_sizes(before text, after text DEFAULT NULL)
RETURNS TABLE (table_name text, bytes_before bigint, bytes_after bigint, bytes_more bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
WITH former AS (
    SELECT b.subject, b.bytes FROM ops.performance_baseline AS b WHERE b.label = before AND b.kind = 'table'
),

latter AS (
    SELECT b.subject, b.bytes FROM ops.performance_baseline AS b WHERE b.label = after AND b.kind = 'table'
    UNION ALL
    SELECT format('%I.%I', n.nspname, c.relname), pg_total_relation_size(c.oid)
    FROM pg_class AS c
    INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE after IS NULL AND n.nspname IN ('public', 'analytics', 'ops') AND c.relkind IN ('r', 'm')
)

SELECT coalesce(f.subject, l.subject), f.bytes, l.bytes, coalesce(l.bytes, 0) - coalesce(f.bytes, 0)
FROM former AS f
FULL JOIN latter AS l ON f.subject = l.subject
ORDER BY abs(coalesce(l.bytes, 0) - coalesce(f.bytes, 0)) DESC, 1
$function$;
