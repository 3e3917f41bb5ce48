-- owner: finance
-- severity: fail
-- tags: selftest
-- table: analytics.loan_state
-- description: A share is rounded to two places, and unknown where there is nothing to be a share of
-- protects: every ratio on a dashboard
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_shares_are_of_sums AS
SELECT
    c.name AS id,
    format('%s instead of %s', coalesce(c.given::text, 'NULL'), coalesce(c.expected::text, 'NULL')) AS detail
FROM (
    VALUES
    ('a third', analytics.percentage(1, 3), 33.33),
    ('all', analytics.percentage(5, 5), 100.00),
    ('of nothing', analytics.percentage(5, 0), NULL),
    ('two loans', analytics.percentage(10 + 50, 1000 + 100), 5.45)
) AS c (name, given, expected)
WHERE c.given IS DISTINCT FROM c.expected;
