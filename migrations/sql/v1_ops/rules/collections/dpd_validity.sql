-- owner: collections
-- severity: warning
-- tags: preflight, validation, quality
-- table: collections_event
-- column: dpd_snapshot
-- description: Noted days past due that are negative, or more than the days since the loan began
-- protects: whoever reads the note; the figures do not, they count from instalments
-- mend: correct the note, or set it to 0
-- constraint: collections_event_dpd_non_negative
-- exempt: yes: of old notes, for all rows: the figures don't read them
CREATE VIEW ops.rule_dpd_validity AS
SELECT
    c.id::text AS id,
    format('%s days past due on %s, loan from %s', c.dpd_snapshot, c.event_at::date, l.start_date) AS detail
FROM public.collections_event AS c
INNER JOIN public.loan AS l ON c.loan_id = l.id
WHERE c.dpd_snapshot < 0 OR c.dpd_snapshot > greatest(c.event_at::date - l.start_date, 0) + 1;
