-- owner: platform
-- severity: warning
-- tags: validation
-- table: party
-- column: display_name
-- description: Party whose name begins or ends with a blank
-- protects: searching for a name, and comparing two
-- mend: UPDATE public.party SET display_name = btrim(display_name) on these
-- exempt: no: write the name without the blanks
CREATE VIEW ops.rule_${name} AS
SELECT
    p.id::text AS id,
    format('%L', p.display_name) AS detail
FROM public.party AS p
WHERE p.display_name <> btrim(p.display_name);
