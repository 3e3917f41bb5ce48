-- owner: platform
-- description: Notes in ops.row_journal each value that a repair changed, old and new
CREATE FUNCTION ops.journal_repair(relation text, id uuid, rules text[], written jsonb, repaired jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, new_value, origin)
SELECT
    'repair',
    -- The last rule that speaks of the column is the one that gave it its value.
    coalesce((SELECT r.rule FROM unnest(rules) WITH ORDINALITY AS r (rule, nr)
              WHERE starts_with(r.rule, relation || '_' || w.key) ORDER BY r.nr DESC LIMIT 1), array_to_string(rules, ', ')),
    relation,
    id,
    w.key,
    jsonb_build_object(w.key, w.value),
    jsonb_build_object(w.key, repaired -> w.key),
    coalesce(nullif(current_setting('rently.origin', true), ''), 'write')
FROM jsonb_each(written) AS w
WHERE w.value IS DISTINCT FROM repaired -> w.key
    -- Columns v0 does not have are derived, not repaired: a fresh upgrade derives them again.
    AND w.key NOT IN ('category', 'business_unit', 'time_zone')
$function$;
