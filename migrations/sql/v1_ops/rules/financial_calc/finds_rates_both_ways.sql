-- owner: treasury
-- severity: fail
-- tags: selftest
-- table: fx_rate
-- description: A rate is found directly, inverted, across the pivot, and is unknown where there is none
-- protects: the figure: what computes it may have been replaced
-- mend: rently-db drift says what differs from the revision and prints the SQL that mends it
CREATE VIEW ops.rule_finds_rates_both_ways AS
SELECT
    p.id,
    p.detail
FROM
    ops.gives(
        '1 identity, 0.5 direct, 2 inverse, unknown',
        $$INSERT INTO public.currency (code, name, minor_units) VALUES ('QQA', 'Self-test', 2), ('QQB', 'Self-test', 2),
            ('QQC', 'Self-test', 2)$$,
        $$INSERT INTO public.fx_rate (as_of_date, from_ccy, to_ccy, rate, source) VALUES ('2020-01-01', 'QQA', 'QQB', 0.5,
            'selftest')$$,
        $$SELECT string_agg(coalesce(round(f.rate, 1)::float8 || ' ' || f.method, 'unknown'), ', ' ORDER BY p.number) FROM
            (VALUES (1, 'QQA', 'QQA'), (2, 'QQA', 'QQB'), (3, 'QQB', 'QQA'), (4, 'QQA', 'QQC')) AS p (number, a, b) CROSS
            JOIN LATERAL analytics.fx_rate(p.a::char(3), p.b::char(3), '2020-01-02') AS f$$
    ) AS p;
