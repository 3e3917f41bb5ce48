-- owner: platform
-- description: The way back to v0 as a script for psql, for whoever has neither Python nor this release at hand: \o script.sql, \t on, \a, then SELECT it
CREATE FUNCTION ops.emergency_rollback_script() RETURNS text
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    present CONSTANT text := (SELECT v.version_num FROM ops.alembic_version AS v);
    answer text;
BEGIN
    SELECT r.script INTO answer FROM ops.rollback_script AS r WHERE r.revision = present;
    IF answer IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', MESSAGE = format('no script is kept for revision %s', coalesce(present, 'none')),
            HINT = format('alembic downgrade %s:v0 --sql prints it.', coalesce(present, 'head'));
    END IF;
    RETURN answer;
END
$function$;
