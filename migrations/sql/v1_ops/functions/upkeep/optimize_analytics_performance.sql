-- owner: platform
-- description: Analyses what is stale, creates extended statistics where columns belong together, and reports indexes that are unused, duplicate or missing, dead
--     rows, and views slower than their tier allows. Says of each what it did (done) and what it only advises (advised)
CREATE FUNCTION ops.optimize_analytics_performance()
RETURNS TABLE (area text, object text, finding text, action text, command text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    item record;
    analysed text[] := '{}';
BEGIN
    -- Two at once would create the same statistics.
    PERFORM pg_advisory_xact_lock(hashtext('ops.optimize_analytics_performance')::bigint);
    action := 'done';
    area := 'extended statistics';
    FOR item IN
        SELECT s.name, s.relation, s.columns
        FROM (
            VALUES
            ('loan_state_status', 'analytics.loan_state', 'legal_entity_id, currency_code, product_id'),
            ('loan_entity_product', 'public.loan', 'legal_entity_id, currency_code, product_id'),
            ('payment_direction_status', 'public.payment', 'direction, status, currency_code'),
            ('instalment_state_settled', 'analytics.instalment_state', 'in_force, is_settled'),
            ('status_history_type', 'public.loan_status_history', 'status_type, status_value')
        ) AS s (name, relation, columns)
        -- The same columns may have them under another name.
        WHERE
            to_regclass(s.relation) IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_statistic_ext AS e
                WHERE
                    e.stxrelid = to_regclass(s.relation) AND e.stxkind::text[] @> '{d,f}'
                    AND e.stxkeys::smallint[] @> ARRAY(
                        SELECT a.attnum FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid = to_regclass(s.relation) AND a.attname = ANY(string_to_array(s.columns, ', '))
                    )
            )
    LOOP
        object := item.relation;
        finding := format('(%s) belong together', item.columns);
        command := format('CREATE STATISTICS ops.st_%s (ndistinct, dependencies) ON %s FROM %s', item.name, item.columns, item.relation);
        EXECUTE command;
        EXECUTE format('ANALYZE %s', item.relation);
        analysed := analysed || item.relation;
        RETURN NEXT;
    END LOOP;
    area := 'statistics';
    FOR item IN SELECT s.relation, s.finding FROM ops.stale_statistics() AS s WHERE s.relation <> ALL(analysed) LOOP
        object := item.relation;
        finding := item.finding;
        command := format('ANALYZE %s', item.relation);
        EXECUTE command;
        RETURN NEXT;
    END LOOP;
    RETURN QUERY
    SELECT
        'dead rows', s.relid::regclass::text, format('%s dead rows beside %s live ones', s.n_dead_tup, s.n_live_tup), 'advised',
        format('VACUUM (ANALYZE) %s', s.relid::regclass)
    FROM pg_catalog.pg_stat_user_tables AS s
    WHERE s.schemaname IN ('public', 'analytics', 'ops') AND s.n_dead_tup > 10000 AND s.n_dead_tup > 0.2 * s.n_live_tup
    ORDER BY s.n_dead_tup DESC;
    RETURN QUERY SELECT i.area, i.object, i.finding, 'advised', i.command FROM ops.index_advice() AS i;
    RETURN QUERY SELECT 'slow view', v.object, v.finding, 'advised', v.command FROM ops.slow_view_advice() AS v;
    IF ops.statements_missing() IS NOT NULL THEN
        action := 'advised';
        area := 'slow view';
        object := 'pg_stat_statements';
        finding := split_part(ops.statements_missing(), ': ', 1) || ': slow views are not seen';
        command := split_part(ops.statements_missing(), ': ', 2);
        RETURN NEXT;
    END IF;
END
$function$;
