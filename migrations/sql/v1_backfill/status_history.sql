-- The operational status of loans from before v1, since their start date; and what changed while v0 ran alone after a rollback.

--: batch status-history loan silent
-- Writers of a loan's history take turns by its row: else a status that changes right now meets a period that it could not see.
WITH bare AS (
    SELECT l.id, l.status, l.start_date
    FROM public.loan AS l
    WHERE
        l.id > :low AND l.id <= :high AND NOT EXISTS (
            SELECT FROM public.loan_status_history AS h WHERE h.loan_id = l.id AND h.status_type = 'operational_status'
        )
    ORDER BY l.id FOR NO KEY UPDATE
)
INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from, created_at)
SELECT l.id, v.status_type, v.status_value, l.start_date::timestamp AT TIME ZONE 'UTC', NULL -- derived, not observed
FROM bare AS l
INNER JOIN public.status_value AS v ON v.status_type = 'operational_status' AND v.status_value = l.status
ON CONFLICT DO NOTHING;

--: batch status-changed-under-v0 loan
-- A status that changes right now records itself: only loans whose status is still the one that this statement saw.
WITH changed AS (
    SELECT l.id, l.status, (SELECT s.status FROM public.loan AS s WHERE s.id = l.id) AS seen
    FROM public.loan AS l
    WHERE
        l.id > :low AND l.id <= :high AND EXISTS (
            SELECT FROM public.loan_status_history AS h
            WHERE h.loan_id = l.id AND h.status_type = 'operational_status' AND h.effective_through IS NULL AND h.status_value <> l.status
        )
    ORDER BY l.id FOR NO KEY UPDATE OF l
)
INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from, reason)
SELECT l.id, v.status_type, v.status_value, clock_timestamp(), 'changed while v0 ran alone; the moment is not known'
FROM changed AS l
INNER JOIN public.status_value AS v ON v.status_type = 'operational_status' AND v.status_value = l.status
WHERE l.status = l.seen;
