-- owner: risk
-- description: Days past due from which a loan is non-performing in a country, by the rules of a day; NULL: no class is
CREATE FUNCTION analytics.npl_from(country text, day date) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT min(r.threshold_days + CASE r.operator WHEN 'more_than' THEN 1 ELSE 0 END)
FROM public.classification_rule AS r
WHERE
    r.country_code = country AND day >= r.valid_from AND (r.valid_through IS NULL OR day < r.valid_through)
    AND EXISTS (
        SELECT FROM public.analytics_setting AS s
        WHERE
            s.key = 'non_performing_classes' AND s.value ? r.class
            AND day >= s.valid_from AND (s.valid_through IS NULL OR day < s.valid_through)
    )
$function$;
