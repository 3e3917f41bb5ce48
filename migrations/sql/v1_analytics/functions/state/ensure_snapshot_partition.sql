-- owner: platform
-- description: Makes the partition of loan_daily_snapshot for the month of a day, unless it is there. Readers do not wait
CREATE FUNCTION analytics.ensure_snapshot_partition(day date) RETURNS void
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    first_day CONSTANT date := date_trunc('month', day);
    partition CONSTANT text := 'loan_daily_snapshot_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF to_regclass('analytics.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Two who publish make it once.
    PERFORM pg_advisory_xact_lock(hashtextextended(partition, analytics.state_lock()));
    IF to_regclass('analytics.' || partition) IS NULL THEN
        -- CREATE TABLE ... PARTITION OF would lock readers out; to attach it does not.
        EXECUTE format('CREATE TABLE analytics.%I (LIKE analytics.loan_daily_snapshot INCLUDING ALL)', partition);
        EXECUTE format(
            'ALTER TABLE analytics.loan_daily_snapshot ATTACH PARTITION analytics.%I FOR VALUES FROM (%L) TO (%L)',
            partition, first_day, first_day + interval '1 month'
        );
    END IF;
END
$function$;
