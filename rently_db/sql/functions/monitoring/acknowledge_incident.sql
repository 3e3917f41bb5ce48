-- owner: platform
-- description: Notes who has taken up an open incident, the session's user unless a name is given. Returns whether there was one that nobody had taken up
CREATE FUNCTION ops.acknowledge_incident(incident bigint, who text DEFAULT session_user) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    UPDATE ops.alert_history AS h SET acknowledged_at = clock_timestamp(), acknowledged_by = who
    WHERE h.id = incident AND h.resolved_at IS NULL AND h.acknowledged_at IS NULL;
    RETURN FOUND;
END
$function$;
