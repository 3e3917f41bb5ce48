-- owner: risk
-- description: Whether instalment_state holds an instalment on a day: it fell due while its plan held, or money lies on it
CREATE FUNCTION analytics.is_kept(instalment analytics.instalment_state, as_of date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT instalment.due_date <= as_of AND instalment.due_date < instalment.owed_until
    OR (instalment.paid_principal, instalment.paid_interest, instalment.paid_rc_fee, instalment.paid_penalty, instalment.paid_other)
    IS DISTINCT FROM (0, 0, 0, 0, 0)
$function$;
