-- owner: platform
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: The state and the instalments of one loan are found by an index
-- protects: every page that shows one loan
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_one_loan_is_found_by_index AS
SELECT
    p.what AS id,
    'reads the whole table' AS detail
FROM (
    VALUES
    ('analytics.loan_state', 'SELECT * FROM analytics.loan_state WHERE loan_id = ''00000000-0000-0000-0000-000000000000'''),
    ('analytics.instalment_state', 'SELECT * FROM analytics.instalment_state WHERE loan_id = ''00000000-0000-0000-0000-000000000000'''),
    ('payment_allocation', 'SELECT * FROM public.payment_allocation WHERE loan_id = ''00000000-0000-0000-0000-000000000000'''),
    ('amortisation_line', 'SELECT * FROM public.amortisation_line WHERE plan_id = ''00000000-0000-0000-0000-000000000000''')
) AS p (what, query)
WHERE ops.row_count(p.what) > 10000 AND ops.plan_of(p.query) ~ 'Seq Scan';
