-- owner: platform
-- description: The roles of ours, with what each is for; none can log in: login roles of people and programs are members
CREATE FUNCTION ops.our_roles() RETURNS TABLE (role_name text, description text)
LANGUAGE sql IMMUTABLE AS $function$
VALUES
    ('rently_owner', 'administers: all rights on everything of ours'),
    ('rently_app', 'the application: reads and writes the lending tables, but rewrites no past'),
    ('rently_readonly', 'reads everything but what was audited; alert rules are run as this role'),
    ('rently_analyst', 'reads the analytics without personal data'),
    ('rently_collections', 'reads what collections need, with names and telephone numbers, and records what was done'),
    ('rently_auditor', 'reads everything, the audit too'),
    ('rently_ops', 'runs the worker, validations, alerts and refreshes, and reads what they found'),
    ('rently_monitor', 'exporters of metrics: figures of the monitoring, and no row of the business')
$function$;
