-- owner: platform
-- description: A name as a part of a URL: whatever is not a letter of ASCII, a digit or one of -._~ as %XX
CREATE FUNCTION ops.url_part(name text) RETURNS text
LANGUAGE sql STABLE STRICT AS $function$
SELECT coalesce(string_agg(
    CASE WHEN c.letter ~ '[A-Za-z0-9._~-]' THEN c.letter ELSE regexp_replace(upper(encode(convert_to(c.letter, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END,
    '' ORDER BY c.place
), '')
FROM unnest(string_to_array(url_part.name, NULL)) WITH ORDINALITY AS c (letter, place)
$function$;
