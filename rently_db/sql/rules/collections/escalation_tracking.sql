-- owner: collections
-- severity: warning
-- tags: validation
-- table: collections_event
-- column: resolution_status
-- description: Escalation whose outcome nobody tracks: it has a trigger and no resolution status
-- protects: that an escalated case is not forgotten
-- mend: UPDATE public.collections_event SET resolution_status = ... (pending, in_progress, resolved, escalated, closed)
-- exempt: no: write what came of it
CREATE VIEW ops.rule_escalation_tracking AS
SELECT
    c.id::text AS id,
    'escalated for ' || c.escalation_trigger AS detail
FROM public.collections_event AS c
WHERE c.escalation_trigger IS NOT NULL AND c.resolution_status IS NULL;
