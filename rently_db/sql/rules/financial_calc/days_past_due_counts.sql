-- owner: risk
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: Days past due count from the oldest unpaid instalment, less grace and pauses, and are never negative
-- protects: every bucket, class and provision
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_days_past_due_counts AS
SELECT
    c.name AS id,
    format('%s instead of %s', c.given, c.expected) AS detail
FROM (
    VALUES
    ('none overdue', analytics.days_past_due(NULL, 0, 0, FALSE, '2026-01-31', '2026-01-31'), 0),
    ('due today', analytics.days_past_due('2026-01-31', 0, 0, FALSE, '2026-01-31', '2026-01-31'), 0),
    ('ninety days', analytics.days_past_due('2025-11-02', 0, 0, FALSE, '2026-01-31', '2026-01-31'), 90),
    ('grace', analytics.days_past_due('2026-01-21', 3, 0, FALSE, '2026-01-31', '2026-01-31'), 7),
    ('within grace', analytics.days_past_due('2026-01-30', 3, 0, FALSE, '2026-01-31', '2026-01-31'), 0),
    ('paused', analytics.days_past_due('2026-01-01', 0, 10, FALSE, '2026-01-31', '2026-01-31'), 20),
    ('pause goes on', analytics.days_past_due('2026-01-01', 0, 10, TRUE, '2026-01-31', '2026-02-05'), 20)
) AS c (name, given, expected)
WHERE c.given IS DISTINCT FROM c.expected;
