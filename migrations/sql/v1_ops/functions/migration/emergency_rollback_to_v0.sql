-- owner: platform
-- description: How to go back to v0, step by step, with the command of each; it changes nothing, as the way back needs transactions of its own
CREATE FUNCTION ops.emergency_rollback_to_v0() RETURNS TABLE (step integer, what text, command text)
LANGUAGE sql STABLE AS $function$
VALUES
    (1, 'Redeploy the v0 application: head serves it, and you may stop here', 'the deployment of the v0 application'),
    (2, 'Stop the v1 application and rently-db run-due, and recycle connection pools', 'the deployment of the v1 application'),
    (3, 'Take a backup of what v1 holds', 'rently-db backup before-rollback.dump'),
    (4, 'Take the schema back; it can be run again after a failure, and goes on', 'rently-db rollback --yes'),
    (5, 'Or without Python', 'psql -X -A -t -c ''SELECT ops.emergency_rollback_script()'' -o rollback.sql && psql -X -f rollback.sql'),
    (6, 'Look that everything is accounted for', 'rently-db status')
$function$;
