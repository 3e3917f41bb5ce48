-- owner: risk
-- description: Adds a portion to the next day that is to be published, and publishes it when it is complete. Returns how many loans; 0: nothing is due
CREATE FUNCTION analytics.publish_due_snapshots(size integer DEFAULT 5000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    latest CONSTANT date := (SELECT min(analytics.business_date(e.time_zone)) - 1 FROM public.legal_entity AS e);
    next_day date;
    last uuid;
    before bigint;
BEGIN
    -- The day that has just ended comes first: the maintained state still holds for it. Then days that nobody was there to publish.
    SELECT c.day INTO next_day
    FROM (
        SELECT latest AS day
        UNION
        SELECT m.day FROM analytics.month_ends_to_publish() AS m (day)
        UNION
        SELECT g.day::date
        FROM generate_series(
            greatest((SELECT min(p.day) FROM analytics.published_day AS p WHERE p.source = 'nightly'), analytics.oldest_daily_snapshot()),
            latest, interval '1 day'
        ) AS g (day)
        WHERE EXISTS (SELECT FROM analytics.published_day AS p WHERE p.source = 'nightly')
    ) AS c
    WHERE c.day IS NOT NULL AND NOT EXISTS (SELECT FROM analytics.published_day AS p WHERE p.day = c.day)
    ORDER BY c.day DESC
    LIMIT 1;
    IF next_day IS NULL OR NOT EXISTS (SELECT FROM analytics.loan_state) THEN
        RETURN 0;
    END IF;
    SELECT s.loan_id INTO last
    FROM analytics.loan_daily_snapshot AS s
    WHERE s.snapshot_date = next_day
    ORDER BY s.loan_id DESC
    LIMIT 1;
    SELECT count(*) INTO before FROM analytics.loan_daily_snapshot AS s WHERE s.snapshot_date = next_day;
    IF analytics.publish_snapshot_chunk(next_day, last, size) IS NULL THEN
        PERFORM analytics.publish_snapshot(next_day);
        -- Autovacuum looks at partitions only; who reads many days needs statistics of the whole.
        ANALYZE analytics.loan_daily_snapshot;
    END IF;
    -- At least 1: a day on which nothing was lent is work done, too.
    RETURN greatest((SELECT count(*) FROM analytics.loan_daily_snapshot AS s WHERE s.snapshot_date = next_day) - before, 1);
END
$function$;
