-- owner: risk
-- description: Compares published month-ends of up to batch loans, noted before a moment, with what they would be now; writes what differs. Returns how many loans
CREATE FUNCTION analytics.restate_snapshots(batch integer DEFAULT 200, before timestamptz DEFAULT 'infinity') RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    notes bigint[];
    loans uuid[];
BEGIN
    PERFORM ops.require_read_committed('restatement_queue', 'restatement_queue', 'to restate snapshots');
    SELECT array_agg(DISTINCT q.loan_id) INTO loans
    FROM (
        SELECT n.loan_id
        FROM analytics.restatement_queue AS n
        WHERE n.noted_at < before
        ORDER BY n.id
        LIMIT batch
        FOR UPDATE SKIP LOCKED
    ) AS q;
    IF loans IS NULL THEN
        RETURN 0;
    END IF;
    -- Each of their notes that can be seen by now: one comparison answers them all.
    SELECT array_agg(q.id) INTO notes
    FROM (
        SELECT n.id
        FROM analytics.restatement_queue AS n
        WHERE n.loan_id = ANY(loans)
        FOR UPDATE SKIP LOCKED
    ) AS q;
    WITH former AS (
        SELECT DISTINCT ON (r.snapshot_date, r.loan_id) r.snapshot_date, r.loan_id, r.changes
        FROM analytics.loan_snapshot_restatement AS r
        WHERE r.loan_id = ANY(loans)
        ORDER BY r.snapshot_date ASC, r.loan_id ASC, r.known_at DESC
    ),

    present AS MATERIALIZED (
        SELECT c.snapshot_date, c.loan_id, c.changes
        FROM analytics.snapshot_changes(loans) AS c
    )

    INSERT INTO analytics.loan_snapshot_restatement (snapshot_date, loan_id, known_on, changes)
    SELECT
        coalesce(n.snapshot_date, f.snapshot_date), coalesce(n.loan_id, f.loan_id), analytics.business_date(e.time_zone),
        coalesce(n.changes, '{}')
    FROM present AS n
    FULL JOIN former AS f ON f.snapshot_date = n.snapshot_date AND f.loan_id = n.loan_id
    LEFT JOIN public.loan AS l ON l.id = coalesce(n.loan_id, f.loan_id)
    LEFT JOIN public.legal_entity AS e ON e.id = l.legal_entity_id
    WHERE
        coalesce(n.changes, '{}') <> coalesce(f.changes, '{}')
        -- Month-ends that are compared no more keep what was known last.
        AND (n.loan_id IS NOT NULL OR f.snapshot_date >= (SELECT min(d.day) FROM analytics.compared_month_ends() AS d (day)));
    DELETE FROM analytics.restatement_queue AS q WHERE q.id = ANY(notes);
    RETURN cardinality(loans);
END
$function$;
