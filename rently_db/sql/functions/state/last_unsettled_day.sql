-- owner: risk
-- description: The last day up to until on which an instalment was not settled, from the days on which it was settled and open again in turn, and whether it
--     began open; NULL: it always was
CREATE FUNCTION analytics.last_unsettled_day(changed_on date[], began_open boolean, until date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT max(least(spell.settled_on - 1, $3))
    FROM (
        SELECT c.day AS opened_on, lead(c.day) OVER (ORDER BY c.number) AS settled_on, c.number
        FROM unnest('-infinity'::date || $1) WITH ORDINALITY AS c (day, number)
    ) AS spell
    -- The first entry is the beginning: of an open spell, or of a settled one.
    WHERE spell.number % 2 = CASE WHEN $2 THEN 1 ELSE 0 END AND spell.opened_on <= $3
$function$;
