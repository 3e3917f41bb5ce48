-- owner: platform
-- severity: fail
-- tags: alert
-- table: party
-- column: display_name
-- alert: low
-- every: 1 hour
-- description: Party whose name begins or ends with a blank
-- protects: searching for a name, and comparing two
-- mend: UPDATE public.party SET display_name = btrim(display_name) on these
-- ends: no name begins or ends with a blank
-- urgency: within the week: nobody loses money by it
-- first: SELECT count(*), min(updated_at), max(updated_at) FROM public.party WHERE display_name <> btrim(display_name)
-- second: SELECT id, external_ref, updated_at FROM public.party WHERE display_name <> btrim(display_name) ORDER BY updated_at DESC LIMIT 20
-- third: SELECT kind, count(*) FROM public.party WHERE display_name <> btrim(display_name) GROUP BY 1 ORDER BY 2 DESC
-- call: the team of the application that writes parties
CREATE VIEW ops.rule_${name} AS
SELECT
    p.id::text AS id,
    format('%L', p.display_name) AS detail
FROM public.party AS p
WHERE p.display_name <> btrim(p.display_name);
