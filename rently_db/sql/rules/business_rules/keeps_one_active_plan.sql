-- owner: finance
-- severity: fail
-- tags: selftest
-- table: amortisation_plan
-- description: A new active plan supersedes the former one
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_keeps_one_active_plan AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '1 superseded, 2 active',
        $$INSERT INTO public.amortisation_plan (loan_id, version, status, effective_from) VALUES (:loan, 2, 'active',
            '2020-06-01')$$,
        $$SELECT string_agg(p.version || ' ' || p.status, ', ' ORDER BY p.version) FROM public.amortisation_plan AS p
            WHERE p.loan_id = :loan$$
    ) AS p;
