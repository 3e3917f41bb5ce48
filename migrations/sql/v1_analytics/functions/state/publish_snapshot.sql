-- owner: risk
-- description: Completes the snapshot of a day that has ended and publishes it. Returns its rows; 0: it is published already, and is not touched
CREATE FUNCTION analytics.publish_snapshot(day date) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    latest CONSTANT date := (SELECT min(analytics.business_date(e.time_zone)) - 1 FROM public.legal_entity AS e);
    month_end CONSTANT boolean := day = (date_trunc('month', day) + interval '1 month - 1 day')::date;
    last uuid;
    published bigint;
BEGIN
    PERFORM ops.require_read_committed('loan_daily_snapshot', 'loan_daily_snapshot', 'to publish a day');
    PERFORM pg_advisory_xact_lock(hashtextextended('publish ' || day, analytics.state_lock()));
    IF EXISTS (SELECT FROM analytics.published_day AS p WHERE p.day = publish_snapshot.day) THEN
        RETURN 0;
    END IF;
    IF NOT month_end AND day < analytics.oldest_daily_snapshot() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no month-end and too old to be kept', day),
            HINT = 'Read such a day from analytics.loan_state_as_of.';
    END IF;
    LOOP
        last := analytics.publish_snapshot_chunk(day, last);
        EXIT WHEN last IS NULL;
    END LOOP;
    SELECT count(*) INTO published FROM analytics.loan_daily_snapshot AS s WHERE s.snapshot_date = day;
    INSERT INTO analytics.published_day (day, is_month_end, loans, published_at, source)
    VALUES (day, month_end, published, clock_timestamp(), CASE WHEN day = latest THEN 'nightly' ELSE 'as_of' END);
    IF month_end THEN
        PERFORM analytics.publish_risk(day);
    END IF;
    RETURN published;
END
$function$;
