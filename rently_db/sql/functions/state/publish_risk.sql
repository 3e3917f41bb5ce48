-- owner: risk
-- description: Keeps class, stage and provision of each loan at a month-end whose snapshot is complete, by the rules of that day; what is there stays
CREATE FUNCTION analytics.publish_risk(month_end date) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_custom_plan SET jit = off AS $function$
DECLARE
    kept bigint;
BEGIN
    -- The rows have just been written: without their statistics the joins below would be loops.
    EXECUTE format('ANALYZE analytics.%I, analytics.published_day', 'loan_daily_snapshot_' || to_char(month_end, 'YYYY_MM'));
    INSERT INTO analytics.month_end_risk (
        day, loan_id, is_default, reason, class, stage, obligor_dpd, rule_version, ead, eligible_collateral, base, rate, provision, needs_signoff
    )
    SELECT
        r.day, r.loan_id, r.is_default, r.reason, r.class, r.stage, r.obligor_dpd, r.rule_version,
        v.ead, v.eligible_collateral, v.base, v.rate, v.provision, coalesce(v.needs_signoff, false)
    FROM analytics.loan_risk_by_day AS r
    LEFT JOIN analytics.loan_provision_by_day AS v ON v.period = month_end AND v.loan_id = r.loan_id
    WHERE r.period = month_end
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$function$;
