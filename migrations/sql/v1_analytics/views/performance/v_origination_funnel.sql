-- owner: product
-- tier: T2
-- grain: month of submission x legal entity x product
-- key: cohort_month, legal_entity_id, product_id
-- refresh: minute
-- description: How many applications of a month got how far; each step counts only those that passed the step before
-- column cohort_month: First day of the local month of submission; NULL: submitted before v1, unknown when
-- column legal_entity_id: Company that they went to
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column submitted: Applications
-- column decided: Those with a decision, of any outcome
-- column approved: Those whose latest decision (by decided_at, unknown last, then id) is approved
-- column contracted: Those approved with at least one loan
-- column disbursed: Those contracted with a completed disbursement
-- column decision_rate: decided / submitted, a fraction, 4 places
-- column approval_rate: approved / decided, a fraction, 4 places; NULL: none decided
-- column contract_rate: contracted / approved, a fraction, 4 places; NULL: none approved
-- column pull_through: disbursed / approved, a fraction, 4 places; NULL: none approved
-- column p95_decision_days: 95th percentile (interpolated), over all applications of the company, of the days from submission to the latest decision, 2 places. Decisions
--     at exactly the moment of submission do not count: both moments are then derived from the loan, because v0 knew neither. NULL: none counts
-- column immature: Whether business_date is not after the cohort month's last day + p95_decision_days (unrounded, 0 if NULL): decisions are still to come. NULL:
--     the month is unknown
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_origination_funnel AS
WITH application AS MATERIALIZED (
    SELECT
        a.legal_entity_id,
        a.product_id,
        a.submitted_month,
        a.submitted_at,
        a.outcome,
        a.decided_at,
        a.outcome = 'approved' AS is_approved,
        a.outcome = 'approved' AND a.loans > 0 AS is_contracted,
        a.outcome = 'approved' AND a.loans > 0 AND (a.disbursed_amount > 0 OR a.disbursed_amount IS NULL) AS is_disbursed
    FROM analytics.application_outcome AS a
),

pace AS (
    SELECT
        a.legal_entity_id,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(EPOCH FROM a.decided_at - a.submitted_at) / 86400.0)::numeric AS p95
    FROM application AS a
    WHERE a.decided_at > a.submitted_at
    GROUP BY a.legal_entity_id
),

cohort AS (
    SELECT
        a.submitted_month,
        a.legal_entity_id,
        a.product_id,
        count(*) AS submitted,
        count(a.outcome) AS decided,
        count(*) FILTER (WHERE a.is_approved) AS approved,
        count(*) FILTER (WHERE a.is_contracted) AS contracted,
        count(*) FILTER (WHERE a.is_disbursed) AS disbursed
    FROM application AS a
    GROUP BY a.submitted_month, a.legal_entity_id, a.product_id
)

SELECT
    c.submitted_month AS cohort_month,
    c.legal_entity_id,
    e.legal_entity_name,
    c.product_id,
    p.code AS product_code,
    p.category AS product_category,
    c.submitted,
    c.decided,
    c.approved,
    c.contracted,
    c.disbursed,
    round(c.decided::numeric / c.submitted, 4) AS decision_rate,
    round(c.approved::numeric / nullif(c.decided, 0), 4) AS approval_rate,
    round(c.contracted::numeric / nullif(c.approved, 0), 4) AS contract_rate,
    round(c.disbursed::numeric / nullif(c.approved, 0), 4) AS pull_through,
    round(k.p95, 2) AS p95_decision_days,
    e.business_date - ((c.submitted_month + interval '1 month')::date - 1) <= coalesce(k.p95, 0) AS immature,
    e.business_date
FROM cohort AS c
INNER JOIN analytics.entity_day AS e ON c.legal_entity_id = e.legal_entity_id
INNER JOIN public.product AS p ON c.product_id = p.id
LEFT JOIN pace AS k ON c.legal_entity_id = k.legal_entity_id;
