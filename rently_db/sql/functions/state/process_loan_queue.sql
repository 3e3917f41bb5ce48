-- owner: platform
-- description: Computes up to batch loans anew that were noted in the queue or whose day to change has come. Returns how many; 0: none was free
CREATE FUNCTION analytics.process_loan_queue(batch integer DEFAULT 500) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    most CONSTANT integer := least(greatest(batch, 1), 2000);
    loans uuid[];
    notes bigint[];
    noted uuid[];
BEGIN
    PERFORM ops.require_read_committed('loan_state_queue', 'loan_state_queue', 'to compute loans');
    -- The revision that fills the tables takes this lock alone.
    PERFORM pg_advisory_xact_lock_shared(analytics.state_lock());
    -- A note that another worker holds is his. A loan may have several notes, and come by its date besides: one lock a loan, taken
    -- before the snapshot that the loan is computed from, so that an older result never follows a newer one. Nobody waits for it.
    SELECT array_agg(c.loan_id) INTO loans
    FROM (
        WITH note AS MATERIALIZED (
            SELECT q.loan_id
            FROM analytics.loan_state_queue AS q
            ORDER BY q.id
            LIMIT most
            FOR UPDATE SKIP LOCKED
        ),

        -- More than are wanted, for the sake of those that other workers are computing.
        candidate AS MATERIALIZED (
            SELECT n.loan_id, 0 AS sort
            FROM note AS n
            GROUP BY n.loan_id
            UNION ALL
            (
                SELECT s.loan_id, 1
                FROM public.legal_entity AS e
                INNER JOIN analytics.loan_state AS s
                    ON s.legal_entity_id = e.id AND s.next_change_on <= analytics.business_date(e.time_zone)
                LIMIT 8 * most
            )
        )

        SELECT d.loan_id
        FROM candidate AS d
        WHERE pg_try_advisory_xact_lock(hashtextextended(d.loan_id::text, analytics.state_lock()))
        LIMIT most
    ) AS c;
    IF loans IS NULL THEN
        RETURN 0;
    END IF;
    -- Every note of these loans that can be seen by now; what is noted later stays, and is computed later.
    SELECT array_agg(q.id), coalesce(array_agg(DISTINCT q.loan_id), '{}') INTO notes, noted
    FROM (
        SELECT n.id, n.loan_id
        FROM analytics.loan_state_queue AS n
        WHERE n.loan_id = ANY(loans)
        FOR UPDATE SKIP LOCKED
    ) AS q;
    -- Another worker may have computed a loan in between whose day had come.
    SELECT coalesce(array_agg(s.loan_id), '{}') || noted INTO loans
    FROM analytics.loan_state AS s
    INNER JOIN public.legal_entity AS e ON e.id = s.legal_entity_id
    WHERE s.loan_id = ANY(loans) AND s.loan_id <> ALL(noted) AND s.next_change_on <= analytics.business_date(e.time_zone);
    PERFORM analytics.keep_loan_state(loans);
    DELETE FROM analytics.loan_state_queue AS q WHERE q.id = ANY(notes);
    -- What is written today may be dated before a month-end that is published. A note that is there will do, if it stays until this commits.
    INSERT INTO analytics.restatement_queue (loan_id)
    SELECT n.loan_id
    FROM unnest(noted) AS n (loan_id)
    WHERE
        EXISTS (SELECT FROM analytics.published_day)
        AND n.loan_id <> ALL(ARRAY(
            SELECT r.loan_id FROM analytics.restatement_queue AS r WHERE r.loan_id = ANY(noted)
            FOR KEY SHARE SKIP LOCKED
        ));
    RETURN cardinality(loans);
END
$function$;
