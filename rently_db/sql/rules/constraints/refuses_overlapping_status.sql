-- owner: platform
-- severity: fail
-- tags: selftest
-- table: loan_status_history
-- description: Two statuses of one type at the same time are refused
-- protects: what it refuses: the rule itself may be switched off or gone
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_refuses_overlapping_status AS
SELECT
    p.id,
    p.detail
FROM
    ops.refused(
        'loan_status_history',
        $$INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from, effective_through)
            VALUES (:loan, 'risk_level', 'risk', '2020-02-01Z', '2020-04-01Z'), (:loan, 'risk_level', 'normal',
            '2020-03-01Z', '2020-05-01Z')$$
    ) AS p;
