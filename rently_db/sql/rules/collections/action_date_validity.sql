-- owner: collections
-- severity: warning
-- tags: validation
-- table: collections_event
-- column: next_action_date
-- description: Open action whose day has passed, of a loan on the book that nothing was done about since
-- protects: that what was promised to a borrower, or to the board, is done
-- mend: do it and record it, or close the event (resolution_status)
-- exempt: no: do it, or close it
CREATE VIEW ops.rule_action_date_validity AS
SELECT
    c.id::text AS id,
    'was due on ' || c.next_action_date AS detail
FROM public.collections_event AS c
INNER JOIN public.loan AS l ON c.loan_id = l.id AND l.status = 'active'
INNER JOIN analytics.entity_day AS e ON l.legal_entity_id = e.legal_entity_id
WHERE
    c.next_action_date < e.business_date AND coalesce(c.resolution_status, 'pending') IN ('pending', 'in_progress', 'escalated')
    AND NOT EXISTS (
        SELECT FROM public.collections_event AS n
        WHERE n.loan_id = c.loan_id AND n.event_at > c.event_at
    );
