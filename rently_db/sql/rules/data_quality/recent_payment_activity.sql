-- owner: finance
-- severity: info
-- tags: validation
-- table: payment
-- column: created_at
-- description: No payment was recorded for 7 days
-- protects: against a provider or an application that has stopped without anybody noticing
-- mend: ask whether nothing was paid; else look at the webhooks of the payment provider
-- exempt: yes: where nothing is due for a while; for all rows
CREATE VIEW ops.rule_recent_payment_activity AS
SELECT
    'payment' AS id,
    coalesce('the last one on ' || max(p.created_at)::date, 'never') AS detail
FROM public.payment AS p
HAVING coalesce(max(p.created_at), '-infinity') < now() - interval '7 days';
