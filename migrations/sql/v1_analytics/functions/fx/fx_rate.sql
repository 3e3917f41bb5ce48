-- owner: treasury
-- description: The exchange rate between two currencies on a day: identity, direct, inverse, or cross through the pivot; one row, NULL if there is none
CREATE FUNCTION analytics.fx_rate(from_currency char, to_currency char, day date)
RETURNS TABLE (rate numeric, rate_date date, method text)
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT c.rate, c.rate_date, c.method
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
    SELECT 1 AS sort, 1::numeric AS rate, day AS rate_date, 'identity' AS method WHERE from_currency = to_currency
    UNION ALL
    SELECT 2, l.rate, l.rate_date, l.method FROM analytics.fx_leg(from_currency, to_currency, day) AS l WHERE from_currency <> to_currency
    UNION ALL
    -- The younger leg can't make the older one fresher.
    SELECT 3, a.rate * b.rate, least(a.rate_date, b.rate_date), 'cross'
    FROM (SELECT analytics.setting_text('rate_pivot')::char(3) AS pivot) AS v
    CROSS JOIN LATERAL analytics.fx_leg(from_currency, v.pivot, day) AS a
    CROSS JOIN LATERAL analytics.fx_leg(v.pivot, to_currency, day) AS b
    WHERE from_currency <> to_currency AND v.pivot NOT IN (from_currency, to_currency)
    ORDER BY 1
    LIMIT 1
) AS c ON true
$function$;
