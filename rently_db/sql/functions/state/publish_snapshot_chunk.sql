-- owner: risk
-- description: Adds up to size loans after a loan (NULL: from the first) to the snapshot of a day that is not published. Returns the last, NULL: none left
CREATE FUNCTION analytics.publish_snapshot_chunk(day date, after uuid, size integer DEFAULT 5000) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    loans uuid[];
BEGIN
    IF EXISTS (SELECT FROM analytics.published_day AS p WHERE p.day = publish_snapshot_chunk.day) THEN
        RETURN NULL;
    END IF;
    IF day >= (SELECT min(analytics.business_date(e.time_zone)) FROM public.legal_entity AS e) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s has not ended for every legal entity', day),
            HINT = 'Publish a day that has ended.';
    END IF;
    PERFORM analytics.ensure_snapshot_partition(day);
    SELECT array_agg(c.loan_id ORDER BY c.loan_id) INTO loans
    FROM (
        SELECT l.id AS loan_id
        FROM public.loan AS l
        LEFT JOIN analytics.loan_state AS s ON s.loan_id = l.id
        WHERE
            (after IS NULL OR l.id > after)
            AND (
                s.loan_id IS NULL OR s.first_disbursed_on <= day OR s.transferred_in > 0
                OR EXISTS (SELECT FROM analytics.loan_state_queue AS q WHERE q.loan_id = l.id)
            )
            AND NOT EXISTS (
                SELECT FROM analytics.loan_daily_snapshot AS k WHERE k.snapshot_date = publish_snapshot_chunk.day AND k.loan_id = l.id
            )
        ORDER BY l.id
        LIMIT size
    ) AS c;
    INSERT INTO analytics.loan_daily_snapshot
    SELECT r.*
    FROM analytics.snapshots_of(loans, ARRAY[day]) AS r
    ON CONFLICT DO NOTHING;
    -- Who was lent nothing leaves no row behind, so that the next call can't see how far this one came: a part of a chunk is the last.
    RETURN CASE WHEN cardinality(loans) = size THEN loans[size] END;
END
$function$;
