-- owner: platform
-- description: Checks the rules of a tag (those of validations without one), or one rule, and says how many passed; data_validation_log has the details
CREATE FUNCTION ops.run_all_validations(tag text DEFAULT NULL, rule text DEFAULT NULL)
RETURNS TABLE (
    validation_summary text, total_checks bigint, passed_checks bigint, failed_checks bigint, warning_checks bigint, info_checks bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    run bigint;
    item record;
    checked ops.data_validation_log;
    ended ops.validation_run;
    left_out bigint := 0;
BEGIN
    IF NOT EXISTS (
        SELECT FROM ops.rule_catalogue AS k
        WHERE (run_all_validations.rule IS NULL OR k.rule = run_all_validations.rule) AND coalesce(run_all_validations.tag, k.tags[1]) = ANY(k.tags)
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'undefined_object',
            MESSAGE = format('no rule is named %L and has tag %L', coalesce(run_all_validations.rule, 'anything'), coalesce(run_all_validations.tag, 'any')),
            HINT = 'SELECT rule, tags FROM ops.rule_catalogue lists them.';
    END IF;
    INSERT INTO ops.validation_run (asked)
    VALUES (coalesce('rule ' || run_all_validations.rule, 'tag ' || coalesce(run_all_validations.tag, 'validation')))
    RETURNING id INTO run;
    FOR item IN
        SELECT k.rule
        FROM ops.rule_catalogue AS k
        WHERE
            (run_all_validations.rule IS NULL OR k.rule = run_all_validations.rule)
            AND coalesce(run_all_validations.tag, CASE WHEN run_all_validations.rule IS NULL THEN 'validation' ELSE k.tags[1] END) = ANY(k.tags)
        ORDER BY k.validation_type, k.rule
    LOOP
        -- A statement is stopped once: what would come after has no limit any more.
        IF checked.details ? 'stopped' THEN
            left_out := left_out + 1;
            CONTINUE;
        END IF;
        checked := ops.check_rule(item.rule, run);
    END LOOP;
    ended := ops.close_validation_run(run);
    validation_summary := CASE
        WHEN left_out > 0 THEN format('run %s: stopped by statement_timeout, %s rules not checked', run, left_out)
        WHEN ended.failed_checks > 0 THEN format('run %s: %s of %s rules fail', run, ended.failed_checks, ended.total_checks)
        WHEN ended.warning_checks > 0 THEN format('run %s: no rule fails, %s warn', run, ended.warning_checks)
        ELSE format('run %s: all %s rules pass', run, ended.total_checks)
    END;
    total_checks := ended.total_checks;
    passed_checks := ended.passed_checks;
    failed_checks := ended.failed_checks;
    warning_checks := ended.warning_checks;
    info_checks := ended.info_checks;
    RETURN NEXT;
END
$function$;
