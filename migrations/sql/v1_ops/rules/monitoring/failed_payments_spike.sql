-- owner: finance
-- severity: fail
-- tags: alert
-- table: payment
-- column: status
-- alert: high
-- above: 10
-- every: 1 minute
-- description: Payment that failed within the last hour
-- protects: borrowers who want to pay and can not, and the cash flow of the day
-- mend: look whether they share a provider: SELECT provider, count(*) FROM public.payment WHERE status = 'failed' AND updated_at >= now() - interval '1 hour' GROUP BY 1
-- ends: no more than ten payments failed within the last hour
-- urgency: at once by day, in the morning by night: borrowers who want to pay can't
-- first: SELECT provider, currency_code, count(*), min(updated_at), max(updated_at) FROM public.payment WHERE status = 'failed' AND
--     updated_at >= now() - interval '1 hour' GROUP BY 1, 2 ORDER BY 3 DESC
-- second: SELECT date_trunc('hour', updated_at) AS hour, count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE
--     status = 'completed') AS completed FROM public.payment WHERE updated_at >= now() - interval '1 day' GROUP BY 1 ORDER BY 1
-- third: SELECT id, provider, external_reference, amount, currency_code, updated_at FROM public.payment WHERE status = 'failed' AND
--     updated_at >= now() - interval '1 hour' ORDER BY updated_at DESC LIMIT 20
-- call: the provider, if they share one; else the team of the payment application; finance, who must know that cash is late
CREATE VIEW ops.rule_failed_payments_spike AS
SELECT
    p.id::text AS id,
    coalesce(p.provider, 'no provider') || ' ' || p.amount || ' ' || p.currency_code AS detail
FROM public.payment AS p
WHERE p.updated_at >= now() - interval '1 hour' AND p.status = 'failed';
