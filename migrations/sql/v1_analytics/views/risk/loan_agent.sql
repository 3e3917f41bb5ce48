-- owner: risk
-- tier: T2
-- grain: loan with an originating agent
-- key: loan_id
-- refresh: live
-- description: The agent who brought each loan: named in the contract, else the party in the role of agent (of several the earliest, an unknown day first, then the lowest id)
-- column loan_id: Loan
-- column agent_party_id: Agent
CREATE VIEW analytics.loan_agent AS
SELECT
    l.id AS loan_id,
    l.agent_party_id
FROM public.loan AS l
WHERE l.agent_party_id IS NOT NULL
UNION ALL
SELECT
    r.loan_id,
    r.party_id AS agent_party_id
FROM (
    SELECT DISTINCT ON (x.loan_id)
        x.loan_id,
        x.party_id
    FROM public.party_role AS x
    WHERE x.role = 'agent'
    ORDER BY x.loan_id, x.effective_from NULLS FIRST, x.party_id
) AS r
INNER JOIN public.loan AS l ON r.loan_id = l.id AND l.agent_party_id IS NULL;
