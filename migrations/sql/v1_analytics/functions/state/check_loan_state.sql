-- owner: platform
-- description: Compares the maintained state of sample loans taken at random, and of the part of the book whose turn it is, with a computation; writes down
--    what differs and notes those loans in the queue. Returns how many loans differ
CREATE FUNCTION analytics.check_loan_state(sample integer DEFAULT 1000) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    -- Each loan has its turn once in four weeks.
    turn CONSTANT integer := (analytics.business_date('UTC') - date '2000-01-03') % 28;
    begun CONSTANT timestamptz := clock_timestamp();
    chosen uuid[];
    slice uuid[];
    different bigint;
BEGIN
    PERFORM analytics.queue_missing_loans();
    SELECT array_agg(c.id) INTO chosen
    FROM (
        SELECT l.id FROM public.loan AS l WHERE ('x' || left(md5(l.id::text), 6))::bit(24)::integer % 28 = turn
        UNION
        (SELECT l.id FROM public.loan AS l ORDER BY random() LIMIT sample)
    ) AS c;
    FOR at IN 0 .. coalesce(cardinality(chosen), 0) / 1000 LOOP
        slice := chosen[at * 1000 + 1:(at + 1) * 1000];
        -- A statement a slice: each sees the maintained rows and what they are made of at the same moment.
        INSERT INTO analytics.loan_state_check (loan_id, line_id, problem, maintained, computed)
        SELECT d.loan_id, d.line_id, d.problem, d.maintained, d.computed
        FROM analytics.loan_state_differences(slice) AS d;
    END LOOP;
    INSERT INTO analytics.loan_state_queue (loan_id)
    SELECT DISTINCT c.loan_id
    FROM analytics.loan_state_check AS c
    WHERE c.found_at >= begun;
    GET DIAGNOSTICS different = ROW_COUNT;
    RETURN different;
END
$function$;
