-- owner: treasury
-- severity: fail
-- tags: preflight, validation
-- table: fx_rate
-- column: rate
-- description: Exchange rate of 0 or less, or of more than 1,000
-- protects: totals in functional currency, where a slip of the decimal point is multiplied with everything
-- mend: correct the rate, or store the pair the other way round
-- constraint: fx_rate_positive
-- exempt: yes: of pairs like SGD to IDR, of which 1 really buys more than 1,000, as long as the feed gives them so; name the rates
CREATE VIEW ops.rule_fx_rate_range AS
SELECT
    f.id::text AS id,
    format('%s %s for 1 %s on %s', f.rate, f.to_ccy, f.from_ccy, f.as_of_date) AS detail
FROM public.fx_rate AS f
WHERE NOT (f.rate > 0 AND f.rate <= 1000);
