-- owner: risk
-- description: The instalments of one loan's plan in force, computed now, with where the contract stands, for views that do so with each loan that waits
CREATE FUNCTION analytics.instalments_now(loan uuid)
RETURNS TABLE (
    line_id uuid, paid_principal numeric, paid_interest numeric, paid_rc_fee numeric, paid_penalty numeric, paid_other numeric,
    unpaid_principal numeric, unpaid_interest numeric, unpaid_rc_fee numeric, unpaid_penalty numeric, unpaid_other numeric,
    unpaid numeric, is_settled boolean, settled_on date, status text, exited_on date
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 40 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        c.line_id, c.paid_principal, c.paid_interest, c.paid_rc_fee, c.paid_penalty, c.paid_other,
        c.unpaid_principal, c.unpaid_interest, c.unpaid_rc_fee, c.unpaid_penalty, c.unpaid_other,
        c.unpaid, c.is_settled, c.settled_on, t.status, CASE WHEN t.status IN ('written_off', 'transferred') THEN t.since END
    FROM analytics.loan_status_on(ARRAY[loan], NULL) AS t
    CROSS JOIN analytics.compute_instalments(ARRAY[loan], NULL) AS c
    WHERE c.in_force;
END
$function$;
