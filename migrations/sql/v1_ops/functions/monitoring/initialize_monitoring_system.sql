-- owner: platform
-- description: Brings the standard alert rules up to date, adds settings that are missing, and measures for the first time. Rules of your own, and what you have
--     switched off, stay as they are. Says what it did
CREATE FUNCTION ops.initialize_monitoring_system() RETURNS TABLE (component text, result text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    touched bigint;
BEGIN
    INSERT INTO ops.alert_rules AS r (rule_name, description, severity, query, above, every, is_standard)
    SELECT
        k.rule, k.description, k.alert_severity,
        -- What is exempt in validations is no news to whoever is on call either.
        format(
            'SELECT o.id, o.detail FROM ops.%I AS o WHERE NOT EXISTS (SELECT FROM ops.validation_exemption AS e '
            'WHERE e.rule = %L AND (e.row_id IS NULL OR e.row_id = o.id) AND (now() AT TIME ZONE ''UTC'')::date < e.ends_on)',
            'rule_' || k.rule, k.rule
        ),
        k.alert_above, k.alert_every, true
    FROM ops.rule_catalogue AS k
    WHERE 'alert' = ANY(k.tags)
    ON CONFLICT (rule_name) DO UPDATE SET description = excluded.description, query = excluded.query
    WHERE r.is_standard AND (r.description, r.query) IS DISTINCT FROM (excluded.description, excluded.query);
    GET DIAGNOSTICS touched = ROW_COUNT;
    component := 'alert rules';
    result := format(
        '%s, of which %s were added or brought up to date, %s are your own, %s are switched off',
        (SELECT count(*) FROM ops.alert_rules), touched, (SELECT count(*) FROM ops.alert_rules AS r WHERE NOT r.is_standard),
        (SELECT count(*) FROM ops.alert_rules AS r WHERE NOT r.is_active)
    );
    RETURN NEXT;
    INSERT INTO ops.monitoring_config (key, value, description) VALUES
    ('long_statement_seconds', '600', 'From how many seconds on a statement counts as long'),
    ('idle_in_transaction_seconds', '60', 'From how many seconds on a session that is idle in a transaction is a warning; ten times as many are critical'),
    ('lock_wait_seconds', '5', 'From how many seconds on a wait for a lock is a warning; ten times as many are critical'),
    ('replication_lag_seconds', '30', 'From how many seconds on a replica that lags is a warning; ten times as many are critical'),
    ('dashboard_milliseconds', '300', 'From how many milliseconds on, in the mean, a view of tier T0 or T1 is slow'),
    ('report_milliseconds', '3000', 'From how many milliseconds on, in the mean, any other view is slow'),
    ('unused_index_megabytes', '10', 'From what size on an index that nobody reads is reported'),
    ('log_retention_days', '90', 'For how many days results of validations, resolved incidents and metrics are kept')
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS touched = ROW_COUNT;
    component := 'settings';
    result := format('%s, of which %s were added', (SELECT count(*) FROM ops.monitoring_config), touched);
    RETURN NEXT;
    component := 'metrics';
    result := format('%s recorded', ops.record_metrics());
    RETURN NEXT;
    component := 'role of alert rules';
    result := CASE
        WHEN EXISTS (
            SELECT FROM pg_catalog.pg_proc AS p
            WHERE p.oid = 'ops.look_read_only(text)'::regprocedure AND pg_catalog.pg_get_userbyid(p.proowner) = 'rently_readonly'
        ) THEN 'rently_readonly, which can only read'
        ELSE 'missing: alert rules are not evaluated; have a DBA run what rently-db access script prints'
    END;
    RETURN NEXT;
    component := 'slow statements';
    result := coalesce('not watched: ' || ops.statements_missing(), 'watched');
    RETURN NEXT;
    component := 'schedules';
    result := 'rently-db run-due, or SELECT * FROM ops.setup_automated_testing_schedules()';
    RETURN NEXT;
END
$function$;
