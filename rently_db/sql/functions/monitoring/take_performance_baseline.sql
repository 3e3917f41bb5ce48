-- owner: platform
-- description: Keeps, under a name, what the busiest statements took so far and what the tables weigh. Returns how many statements; 0 says that
--     pg_stat_statements is not at work
CREATE FUNCTION ops.take_performance_baseline(label text, statements integer DEFAULT 200) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    named CONSTANT text := btrim(label);
    counted bigint;
BEGIN
    IF coalesce(named, '') = '' OR EXISTS (SELECT FROM ops.performance_baseline AS b WHERE b.label = named) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = CASE
                WHEN coalesce(named, '') = '' THEN 'a baseline needs a name' ELSE format('there is a baseline %L already; what was measured stays', named)
            END,
            HINT = 'Call ops.take_performance_baseline(''after the index of June''), or another name that is free.';
    END IF;
    -- One text may have several numbers, one a user or a set of tables of the same name.
    INSERT INTO ops.performance_baseline (label, kind, subject, query_id, calls, total_ms, mean_ms, row_count)
    SELECT named, 'statement', s.query, min(s.query_id), sum(s.calls), sum(s.total_ms), round(sum(s.total_ms) / sum(s.calls), 3), sum(s.row_count)
    FROM ops.slow_statements(-1, 0) AS s
    -- What sets a password, before 16 as it was written, is nobody's to read.
    WHERE s.query <> '<insufficient privilege>' AND s.query !~* '\m(CREATE|ALTER)\s+(ROLE|USER|GROUP|SUBSCRIPTION|SERVER)\M'
    GROUP BY s.query
    ORDER BY sum(s.total_ms) DESC, s.query
    LIMIT statements;
    GET DIAGNOSTICS counted = ROW_COUNT;
    INSERT INTO ops.performance_baseline (label, kind, subject)
    SELECT named, 'nothing', 'pg_stat_statements counted no statement'
    WHERE counted = 0;
    INSERT INTO ops.performance_baseline (label, kind, subject, row_count, bytes)
    SELECT named, 'table', format('%I.%I', n.nspname, c.relname), greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
    FROM pg_class AS c
    INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'analytics', 'ops') AND c.relkind IN ('r', 'm');
    RETURN counted;
END
$function$;
