-- owner: risk
-- description: The state of loans as of a day (NULL: their business date), computed from the rows that money and promises are recorded in
CREATE FUNCTION analytics.compute_loan_state(loan_ids uuid[], as_of date DEFAULT NULL)
RETURNS SETOF analytics.loan_state
LANGUAGE sql STABLE PARALLEL SAFE AS $function$
SELECT s.*
FROM (
    SELECT array_agg(i) AS instalments
    FROM analytics.compute_instalments(loan_ids, as_of) AS i
) AS a
CROSS JOIN LATERAL analytics.loan_state_from(loan_ids, as_of, coalesce(a.instalments, '{}')) AS s
$function$;
