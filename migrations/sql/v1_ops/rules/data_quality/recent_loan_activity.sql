-- owner: portfolio
-- severity: info
-- tags: validation
-- table: loan
-- column: created_at
-- description: No loan was recorded for 30 days
-- protects: against an application that has stopped writing without anybody noticing
-- mend: ask whether nothing was lent; else look at the application that records loans
-- exempt: yes: where nothing is lent for a while, as in a book that runs off; for all rows
CREATE VIEW ops.rule_recent_loan_activity AS
SELECT
    'loan' AS id,
    coalesce('the last one on ' || max(l.created_at)::date, 'never') AS detail
FROM public.loan AS l
HAVING coalesce(max(l.created_at), '-infinity') < now() - interval '30 days';
