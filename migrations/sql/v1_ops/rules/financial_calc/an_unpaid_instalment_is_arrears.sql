-- owner: risk
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: An instalment that fell due and was not paid is arrears from the day after, with all its components
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_an_unpaid_instalment_is_arrears AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '610.00 since 2020-02-01, outstanding 1200.00',
        $$SELECT format('%s since %s, outstanding %s', s.arrears::numeric(9, 2), s.overdue_since,
            s.outstanding_principal::numeric(9, 2)) FROM analytics.compute_loan_state(ARRAY[:loan], '2020-02-15') AS s$$
    ) AS p;
