-- owner: platform
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: The balance of one loan is read in less than 0.3 s
-- protects: who waits at a counter
-- mend: EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM analytics.v_loan_balance WHERE loan_id = ...; analytics.loan_state_queue may be very long
CREATE VIEW ops.rule_one_loan_is_read_quickly AS
SELECT
    'v_loan_balance' AS id,
    round(t.ms) || ' ms' AS detail
FROM (
    SELECT
        ops.milliseconds_of(
            format(
                'SELECT * FROM analytics.v_loan_balance WHERE loan_id = %L',
                (
                    SELECT s.loan_id FROM analytics.loan_state AS s
                    ORDER BY s.loan_id LIMIT 1
                )
            )
        ) AS ms
) AS t
WHERE t.ms > 300;
