-- owner: platform
-- description: Runs every self-test of the database: rules of tag selftest, each in a subtransaction that is taken back. It changes nothing and can be run at
--     any time
CREATE FUNCTION ops.run_all_tests()
RETURNS TABLE (test_category text, test_name text, test_status text, test_message text, execution_duration interval)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    item record;
    began timestamptz;
    seen record;
    answer text;
BEGIN
    PERFORM ops.require_read_committed('payment_allocation', 'run_all_tests', 'for self-tests');
    FOR item IN
        SELECT k.rule, k.validation_type, CASE WHEN 'validation' = ANY(k.tags) THEN 'no row offends' ELSE k.description END AS description
        FROM ops.rule_catalogue AS k
        WHERE 'selftest' = ANY(k.tags)
        ORDER BY k.validation_type, k.rule
    LOOP
        began := clock_timestamp();
        test_category := item.validation_type;
        test_name := item.rule;
        BEGIN
            EXECUTE format(
                'SELECT count(*) AS offenders, (array_agg(r.id || '': '' || r.detail ORDER BY r.id))[1:3] AS first FROM ops.%I AS r', 'rule_' || item.rule
            ) INTO seen;
            -- Whatever a test might have written goes with the subtransaction.
            RAISE EXCEPTION USING ERRCODE = 'RD003';
        EXCEPTION
            WHEN SQLSTATE 'RD003' THEN
                test_status := CASE WHEN seen.offenders = 0 THEN 'PASS' ELSE 'FAIL' END;
                test_message := CASE
                    WHEN seen.offenders = 0 THEN item.description
                    ELSE format('%s found, e.g. %s', seen.offenders, array_to_string(seen.first, '; '))
                END;
            WHEN query_canceled THEN
                RAISE;
            WHEN OTHERS THEN
                test_status := 'FAIL';
                test_message := format('could not be run: %s', SQLERRM);
        END;
        execution_duration := clock_timestamp() - began;
        RETURN NEXT;
    END LOOP;
END
$function$;
