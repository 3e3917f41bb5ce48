-- owner: platform
-- description: Records the figures of the health overview and of performance, for trends. Returns how many
CREATE FUNCTION ops.record_metrics() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    recorded bigint;
BEGIN
    INSERT INTO ops.metric_history (metric_category, metric_name, value, status)
    SELECT h.metric_category, h.metric_name, substring(h.current_value FROM '^-?[0-9]+\.?[0-9]*')::numeric, h.status
    FROM ops.get_system_health_overview() AS h
    UNION ALL
    SELECT 'performance', p.metric_name, p.current_value, p.status
    FROM ops.get_performance_metrics() AS p;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    RETURN recorded;
END
$function$;
