-- owner: platform
-- description: Rows of a table of ours: counted if it is small, else as PostgreSQL counted them last; NULL: there is no such table
CREATE FUNCTION ops.row_count(table_name text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    relation CONSTANT regclass := coalesce(to_regclass(table_name), to_regclass('public.' || table_name));
    known CONSTANT bigint := (
        SELECT c.reltuples::bigint FROM pg_catalog.pg_class AS c
        WHERE c.oid = relation AND c.relkind IN ('r', 'p', 'm') AND c.relnamespace::regnamespace::text IN ('public', 'analytics', 'ops')
    );
    counted bigint;
BEGIN
    IF relation IS NULL OR known IS NULL OR known > 100000 THEN
        RETURN known;
    END IF;
    EXECUTE format('SELECT count(*) FROM %s', relation) INTO counted;
    RETURN counted;
END
$function$;
