-- owner: risk
-- description: Days past due on a day: days since the oldest unpaid instalment fell due, less grace and paused days, never negative
CREATE FUNCTION analytics.days_past_due(
    overdue_since date, grace_days integer, paused_days integer, is_paused boolean, as_of date, day date
)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
-- A pause that holds on as_of holds until the state is computed anew: its end is a day on which the state changes.
SELECT CASE
    WHEN overdue_since IS NULL THEN 0
    ELSE greatest(day - overdue_since - grace_days - paused_days - CASE WHEN is_paused THEN day - as_of ELSE 0 END, 0)
END
$function$;
