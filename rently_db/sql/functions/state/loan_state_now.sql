-- owner: risk
-- description: The state of one loan, computed now, for views that do so with each loan that waits; no row if there is no such loan
CREATE FUNCTION analytics.loan_state_now(loan uuid) RETURNS SETOF analytics.loan_state
-- It reads tables that readers of the views need no right to. A planner that expects a thousand rows of each would prepare for a million.
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
BEGIN
    RETURN QUERY SELECT s.* FROM analytics.compute_loan_state(ARRAY[loan], NULL) AS s;
END
$function$;
