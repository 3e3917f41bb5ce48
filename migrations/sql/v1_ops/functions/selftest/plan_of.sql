-- owner: platform
-- description: The plan of a query, as EXPLAIN prints it
CREATE FUNCTION ops.plan_of(query text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END
$function$;
