-- owner: portfolio
-- severity: fail
-- tags: alert
-- table: loan
-- column: created_at
-- alert: medium
-- above: 100
-- every: 5 minutes
-- description: Loan that was recorded within the last hour; very many at once come from a program that runs wild, or a fraud
-- protects: against lending by accident
-- mend: look who recorded them: SELECT actor, count(*) FROM ops.audit_log WHERE table_name = 'loan' AND action = 'INSERT' AND changed_at >= now() - interval '1 hour' GROUP BY 1
-- ends: no more than a hundred loans were recorded within the last hour
-- urgency: within the hour, until it is known who records them: money may be paid out on them
-- first: SELECT p.code, l.currency_code, count(*), sum(l.principal_amount), min(l.created_at), max(l.created_at) FROM public.loan AS l
--     INNER JOIN public.product AS p ON p.id = l.product_id WHERE l.created_at >= now() - interval '1 hour' GROUP BY 1, 2 ORDER BY 3 DESC
-- second: SELECT d.status, count(*), sum(d.amount), d.currency_code FROM public.loan AS l INNER JOIN public.disbursement AS d ON
--     d.loan_id = l.id WHERE l.created_at >= now() - interval '1 hour' GROUP BY 1, 4
-- third: SELECT usename, application_name, client_addr, count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1, 2,
--     3 ORDER BY 4 DESC
-- call: portfolio, who may expect them: a campaign, an import; else an auditor, who reads in ops.audit_log who recorded them, and whoever
--     can stop payouts
CREATE VIEW ops.rule_high_loan_creation_rate AS
SELECT
    l.id::text AS id,
    l.loan_number || ', ' || l.principal_amount || ' ' || l.currency_code AS detail
FROM public.loan AS l
WHERE l.created_at >= now() - interval '1 hour';
