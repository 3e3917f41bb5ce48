-- owner: risk
-- description: The state of every loan as of a day, computed anew a thousand loans at a time
CREATE FUNCTION analytics.loan_state_as_of(day date)
RETURNS SETOF analytics.loan_state
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $function$
DECLARE
    last uuid;
    loans uuid[];
BEGIN
    LOOP
        SELECT array_agg(c.id ORDER BY c.id) INTO loans
        FROM (
            SELECT l.id
            FROM public.loan AS l
            WHERE last IS NULL OR l.id > last
            ORDER BY l.id
            LIMIT 1000
        ) AS c;
        EXIT WHEN loans IS NULL;
        RETURN QUERY SELECT s.* FROM analytics.compute_loan_state(loans, day) AS s;
        last := loans[cardinality(loans)];
    END LOOP;
END
$function$;
