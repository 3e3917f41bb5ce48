-- owner: treasury
-- description: The exchange rate between two currencies on a day as quoted, one way or inverted; no row if there is none that is young enough
CREATE FUNCTION analytics.fx_leg(from_currency char, to_currency char, day date)
RETURNS TABLE (rate numeric, rate_date date, method text)
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT
    CASE WHEN f.from_ccy = from_currency THEN f.rate ELSE 1 / f.rate END,
    f.as_of_date,
    CASE WHEN f.from_ccy = from_currency THEN 'direct' ELSE 'inverse' END
FROM public.fx_rate AS f
WHERE
    ((f.from_ccy = from_currency AND f.to_ccy = to_currency) OR (f.from_ccy = to_currency AND f.to_ccy = from_currency))
    AND f.as_of_date <= day AND f.as_of_date >= day - coalesce(analytics.setting_number('rate_maximum_age_days'), 7)::integer
ORDER BY
    f.from_ccy = from_currency DESC,
    f.as_of_date DESC,
    (SELECT p.position FROM jsonb_array_elements_text(analytics.setting('fx_source_priority')) WITH ORDINALITY AS p (name, position) WHERE p.name = f.source),
    f.source
LIMIT 1
$function$;
