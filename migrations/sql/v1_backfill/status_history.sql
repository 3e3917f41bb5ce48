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
INSERT INTO public.loan_status_history (loan_id, status_type, status_value, effective_from, reason)
SELECT l.id, v.status_type, v.status_value, clock_timestamp(), 'changed while v0 ran alone; the moment is not known'
FROM public.loan AS l
INNER JOIN public.status_value AS v ON v.status_type = 'operational_status' AND v.status_value = l.status
INNER JOIN public.loan_status_history AS h
    ON h.loan_id = l.id AND h.status_type = 'operational_status' AND h.effective_through IS NULL
WHERE l.id > :low AND l.id <= :high AND h.status_value <> l.status;
