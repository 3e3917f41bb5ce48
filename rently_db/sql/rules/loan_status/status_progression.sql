-- owner: collections
-- severity: warning
-- tags: validation
-- table: loan_status_history
-- description: Change of status that status_transition does not list
-- protects: against stages that were skipped, and notices with them
-- mend: look whether the stage in between was forgotten; a new normal move is added to public.status_transition
-- exempt: yes: of moves that were right by the rules of their day; name the entries
CREATE VIEW ops.rule_status_progression AS
SELECT
    h.id::text AS id,
    format('%s: %s to %s', h.status_type, h.former, h.status_value) AS detail
FROM (
    SELECT
        n.id,
        n.status_type,
        n.status_value,
        n.effective_from,
        lag(n.status_value) OVER (PARTITION BY n.loan_id, n.status_type ORDER BY n.effective_from) AS former
    FROM public.loan_status_history AS n
) AS h
WHERE
    h.former IS NOT NULL AND h.former <> h.status_value
    AND EXISTS (
        SELECT FROM public.status_transition AS t
        WHERE t.entity = 'loan' AND t.status_type = h.status_type
    )
    AND NOT EXISTS (
        SELECT FROM public.status_transition AS t
        WHERE
            t.entity = 'loan' AND t.status_type = h.status_type AND t."from" = h.former AND t."to" = h.status_value
            AND h.effective_from::date >= t.valid_from AND (t.valid_through IS NULL OR h.effective_from::date < t.valid_through)
    );
