-- owner: platform
-- description: For a rule: a row if the last of the statements, on a book of the self-test's own, does not give what was expected, or one is refused
CREATE FUNCTION ops.gives(expected text, VARIADIC statements text[]) RETURNS TABLE (id text, detail text)
LANGUAGE sql VOLATILE AS $function$
SELECT expected, 'gave ' || p.answer
FROM (SELECT coalesce(ops.probe(statements), 'NULL') AS answer) AS p
WHERE p.answer <> expected
$function$;
