-- owner: risk
-- description: Which of the last 24 month-ends that have ended for every legal entity are not published, from the first disbursement on
CREATE FUNCTION analytics.month_ends_to_publish() RETURNS SETOF date
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT m.day
FROM (SELECT date_trunc('month', min(analytics.business_date(e.time_zone))) AS month FROM public.legal_entity AS e) AS t
CROSS JOIN generate_series(0, 23) AS ago
CROSS JOIN LATERAL (SELECT (t.month - make_interval(months => ago) - interval '1 day')::date AS day) AS m
WHERE
    NOT EXISTS (SELECT FROM analytics.published_day AS p WHERE p.day = m.day)
    AND m.day >= (SELECT min(s.first_disbursed_on) FROM analytics.loan_state AS s)
ORDER BY m.day
$function$;
