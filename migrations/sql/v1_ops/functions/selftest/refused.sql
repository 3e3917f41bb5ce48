-- owner: platform
-- description: For a rule: a row if statements on a book of the self-test's own are not refused, or by something else than was expected
CREATE FUNCTION ops.refused(expected text, VARIADIC statements text[]) RETURNS TABLE (id text, detail text)
LANGUAGE sql VOLATILE AS $function$
SELECT expected, CASE WHEN p.answer LIKE 'refused: %' THEN p.answer ELSE 'accepted' END
FROM (SELECT ops.probe(statements) AS answer) AS p
WHERE p.answer NOT LIKE 'refused: %' OR p.answer NOT LIKE '%' || expected || '%'
$function$;
