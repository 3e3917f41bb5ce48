-- owner: product
-- tier: T3
-- grain: month of submission x product
-- key: month_start, product_id
-- refresh: minute
-- description: How long applicants wait for the decision, and then for the money. Decisions at exactly the moment of submission do not count: both moments are then
--     derived from the loan, because v0 knew neither
-- column month_start: First day of the local month of submission; months with an application
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column applications: Applications submitted
-- column decisions: Those whose latest decision has a known moment after submission
-- column p50: Median hours from submission to that decision, interpolated, 2 places; NULL: none
-- column p90: 90th percentile of the same
-- column disbursements: Those of decisions whose first disbursement is not before the decision
-- column disbursement_p50: Median hours from the decision to that disbursement, interpolated, 2 places; NULL: none
-- column disbursement_p90: 90th percentile of the same
-- column as_of: Latest business date among the companies
CREATE VIEW analytics.v_time_to_decision AS
WITH waited AS (
    SELECT
        a.submitted_month,
        a.product_id,
        CASE WHEN a.decided_at > a.submitted_at THEN extract(EPOCH FROM a.decided_at - a.submitted_at) / 3600.0 END AS for_decision,
        CASE
            WHEN
                a.decided_at > a.submitted_at AND a.disbursed_at >= a.decided_at
                THEN extract(EPOCH FROM a.disbursed_at - a.decided_at) / 3600.0
        END AS for_money
    FROM analytics.application_outcome AS a
    WHERE a.submitted_month IS NOT NULL
)

SELECT
    w.submitted_month AS month_start,
    w.product_id,
    p.code AS product_code,
    p.category AS product_category,
    count(*) AS applications,
    count(w.for_decision) AS decisions,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.for_decision)::numeric, 2) AS p50,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.for_decision)::numeric, 2) AS p90,
    count(w.for_money) AS disbursements,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.for_money)::numeric, 2) AS disbursement_p50,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.for_money)::numeric, 2) AS disbursement_p90,
    (SELECT max(e.business_date) FROM analytics.entity_day AS e) AS as_of
FROM waited AS w
INNER JOIN public.product AS p ON w.product_id = p.id
GROUP BY w.submitted_month, w.product_id, p.code, p.category;
