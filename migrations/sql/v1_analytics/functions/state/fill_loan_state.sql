-- owner: platform
-- description: The states of loans that have none, for the statement that inserts them; writes their instalments itself. For the revision that fills the tables
CREATE FUNCTION analytics.fill_loan_state(loan_ids uuid[]) RETURNS SETOF analytics.loan_state
LANGUAGE plpgsql VOLATILE AS $function$
DECLARE
    missing uuid[];
    slice uuid[];
    instalments analytics.instalment_state[];
    states analytics.loan_state[];
BEGIN
    -- Workers stay out until what is written here is there: they would neither see nor correct it. What changes meanwhile is in the queue.
    PERFORM pg_advisory_xact_lock(analytics.state_lock());
    missing := ARRAY(
        SELECT l.id
        FROM unnest(loan_ids) AS l (id)
        WHERE NOT EXISTS (SELECT FROM analytics.loan_state AS s WHERE s.loan_id = l.id)
    );
    FOR at IN 0 .. cardinality(missing) / 500 LOOP
        slice := missing[at * 500 + 1:(at + 1) * 500];
        instalments := ARRAY(SELECT i FROM analytics.compute_instalments(slice, NULL) AS i);
        states := ARRAY(SELECT s FROM analytics.loan_state_from(slice, NULL, instalments) AS s);
        INSERT INTO analytics.instalment_state
        SELECT i.*
        FROM unnest(instalments) AS i
        INNER JOIN unnest(states) AS s ON s.loan_id = i.loan_id
        WHERE analytics.is_kept(i, s.as_of)
        ON CONFLICT DO NOTHING;
        RETURN QUERY SELECT s.* FROM unnest(states) AS s;
    END LOOP;
END
$function$;
