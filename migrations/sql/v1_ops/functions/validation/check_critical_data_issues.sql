-- owner: platform
-- description: What is wrong with the data now, among the rules of tag critical: one row for each that rows offend, worst first; nothing is logged
CREATE FUNCTION ops.check_critical_data_issues()
RETURNS TABLE (issue_category text, issue_description text, severity text, affected_records bigint, recommended_action text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
DECLARE
    known record;
BEGIN
    FOR known IN SELECT k.* FROM ops.rule_catalogue AS k WHERE 'critical' = ANY(k.tags)
        ORDER BY array_position('{fail,warning,info}', k.severity), k.validation_type, k.rule
    LOOP
        BEGIN
            EXECUTE format(
                $query$
                SELECT count(*) FROM ops.%I AS r
                WHERE coalesce(to_jsonb(r) ->> 'severity', $2) = $2 AND NOT EXISTS (
                    SELECT FROM ops.validation_exemption AS e
                    WHERE e.rule = $1 AND (e.row_id IS NULL OR e.row_id = r.id) AND (now() AT TIME ZONE 'UTC')::date < e.ends_on
                )
                $query$,
                'rule_' || known.rule
            ) INTO affected_records USING known.rule, known.severity;
            issue_description := known.description;
            recommended_action := known.mend;
        EXCEPTION WHEN OTHERS THEN
            affected_records := NULL;
            issue_description := format('%s could not be evaluated: %s', known.rule, SQLERRM);
            recommended_action := 'rently-db drift says whether the rule is what its revision deployed';
        END;
        IF affected_records IS DISTINCT FROM 0 THEN
            issue_category := known.validation_type;
            severity := CASE known.severity WHEN 'fail' THEN 'CRITICAL' ELSE upper(known.severity) END;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
