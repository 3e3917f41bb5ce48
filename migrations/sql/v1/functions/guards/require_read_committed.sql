-- owner: finance
-- description: Refuses to judge money from a snapshot that misses what other sessions have committed since
CREATE FUNCTION ops.require_read_committed(relation text, rule text, what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    -- SERIALIZABLE would be safe only if every writer used it.
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'feature_not_supported', TABLE = relation, CONSTRAINT = rule,
            MESSAGE = format('%s in a %s transaction is refused', what, upper(current_setting('transaction_isolation'))),
            HINT = 'Use READ COMMITTED, the default.';
    END IF;
END
$function$;
