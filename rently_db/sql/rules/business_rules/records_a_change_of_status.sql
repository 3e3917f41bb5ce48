-- owner: risk
-- severity: fail
-- tags: selftest
-- table: loan_status_history
-- description: A change of the status of a loan records itself and closes the open one
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_records_a_change_of_status AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        'active closed, written_off open',
        $$UPDATE public.loan SET status = 'written_off' WHERE id = :loan$$,
        $$SELECT string_agg(h.status_value || CASE WHEN h.effective_through IS NULL THEN ' open' ELSE ' closed' END, ', '
            ORDER BY h.effective_from) FROM public.loan_status_history AS h WHERE h.loan_id = :loan AND h.status_type =
            'operational_status'$$
    ) AS p;
