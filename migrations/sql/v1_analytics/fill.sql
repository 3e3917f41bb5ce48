-- What the tables of v1_analytics hold from the first day on. Written by hand.
-- The queue triggers are there before: what changes while this runs is noted, and computed by rently-db run-due.

-- Which payments came in or changed last, without reading all. Of those from before v1 it holds none.
--: index payment ix_payment_updated_at
CREATE INDEX CONCURRENTLY ix_payment_updated_at ON public.payment (updated_at) WHERE updated_at IS NOT NULL;

-- Month-ends that a downgrade set aside may look different now.
--: data doubt-snapshots
INSERT INTO analytics.restatement_queue (loan_id)
SELECT l.id FROM public.loan AS l WHERE EXISTS (SELECT FROM analytics.published_day);

--: batch fill-loan_state loan bytes=5000 us=1200
INSERT INTO analytics.loan_state
SELECT f.* FROM analytics.fill_loan_state(ARRAY(SELECT t.id FROM public.loan AS t WHERE t.id > :low AND t.id <= :high)) AS f
ON CONFLICT DO NOTHING;

--: data analyze-loan_state
ANALYZE analytics.loan_state, analytics.instalment_state;

--: data partitions-of-month-ends share-update-exclusive=analytics.loan_daily_snapshot
SELECT analytics.ensure_snapshot_partition(m.day) FROM analytics.month_ends_to_publish() AS m (day);

--: batch fill-month-ends loan rows=24 bytes=18000 us=9000
INSERT INTO analytics.loan_daily_snapshot
SELECT r.*
FROM analytics.snapshots_of(
    ARRAY(SELECT t.id FROM public.loan AS t WHERE t.id > :low AND t.id <= :high),
    -- A month that ends while this runs has no partition yet: rently-db run-due publishes it.
    ARRAY(
        SELECT m.day FROM analytics.month_ends_to_publish() AS m (day)
        WHERE to_regclass('analytics.loan_daily_snapshot_' || to_char(m.day, 'YYYY_MM')) IS NOT NULL ORDER BY m.day
    )
) AS r
ON CONFLICT DO NOTHING;

--: data publish-month-ends share-update-exclusive=analytics.published_day
SELECT analytics.publish_snapshot(m.day) FROM analytics.month_ends_to_publish() AS m (day);
