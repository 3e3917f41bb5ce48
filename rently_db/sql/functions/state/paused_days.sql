-- owner: risk
-- description: Days of payment pause of a loan after one day, up to and including another
CREATE FUNCTION analytics.paused_days(loan uuid, after date, upto date) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
-- Pauses may overlap: each day counts once.
SELECT count(DISTINCT g.day)::integer
FROM public.loan_flag AS f
CROSS JOIN LATERAL generate_series(greatest(f.effective_from, after + 1), least(f.effective_through - 1, upto), interval '1 day') AS g (day)
WHERE f.loan_id = loan AND f.flag = 'payment_pause'
$function$;
