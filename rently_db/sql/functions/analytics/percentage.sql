-- owner: platform
-- description: A share in percent, rounded to two places; NULL where there is nothing to be a share of
CREATE FUNCTION analytics.percentage(part numeric, whole numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT round(100 * part / nullif(whole, 0), 2)
$function$;
