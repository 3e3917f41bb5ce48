-- owner: platform
-- tier: T0
-- grain: loan
-- key: loan_id
-- refresh: live
-- description: Loans whose loan_state is behind: something was written about them, or their business date has reached next_change_on
-- column loan_id: Loan
CREATE VIEW analytics.loan_waiting AS
SELECT q.loan_id
FROM analytics.loan_state_queue AS q
UNION
SELECT s.loan_id
FROM public.legal_entity AS e
INNER JOIN analytics.loan_state AS s ON e.id = s.legal_entity_id AND s.next_change_on <= analytics.business_date(e.time_zone)
-- Excludes nothing more: between two bounds that it knows beforehand the planner expects few, else a third of all loans.
WHERE
    s.next_change_on > '-infinity'
    AND s.next_change_on <= (SELECT max(analytics.business_date(y.time_zone)) FROM public.legal_entity AS y);
