-- owner: product
-- tier: T2
-- grain: month of submission x legal entity x product
-- key: cohort_month, legal_entity_id, product_id
-- refresh: quarter_hour
-- description: The steps of v_origination_funnel and the wait for the money. Materialized: every application with its decision and its loans takes longer than a
--     dashboard should wait. Applications of before v1, of which nobody knows when they were submitted, are not in it
-- column cohort_month: First day of the local month of submission
-- column legal_entity_id: Company that they went to
-- column product_id: Product
-- column submitted: Applications
-- column decided: Those with a decision, of any outcome
-- column approved: Those whose latest decision is approved
-- column contracted: Those approved with at least one loan
-- column disbursed: Those contracted with a completed disbursement
-- column paid_out: Applications decided after their submission whose first disbursement is not before the decision, as v_time_to_decision counts them
-- column days_to_disburse: Days from the decision to that disbursement, summed over paid_out
CREATE MATERIALIZED VIEW analytics.mv_dash_origination AS
WITH application AS (
    SELECT
        a.submitted_month,
        a.legal_entity_id,
        a.product_id,
        a.outcome,
        a.outcome = 'approved' AS is_approved,
        a.outcome = 'approved' AND a.loans > 0 AS is_contracted,
        a.outcome = 'approved' AND a.loans > 0 AND (a.disbursed_amount > 0 OR a.disbursed_amount IS NULL) AS is_disbursed,
        CASE
            WHEN a.decided_at > a.submitted_at AND a.disbursed_at >= a.decided_at
                THEN extract(EPOCH FROM a.disbursed_at - a.decided_at)::numeric / 86400
        END AS days_to_disburse
    FROM analytics.application_outcome AS a
    WHERE a.submitted_month IS NOT NULL
)

SELECT
    a.submitted_month AS cohort_month,
    a.legal_entity_id,
    a.product_id,
    count(*) AS submitted,
    count(a.outcome) AS decided,
    count(*) FILTER (WHERE a.is_approved) AS approved,
    count(*) FILTER (WHERE a.is_contracted) AS contracted,
    count(*) FILTER (WHERE a.is_disbursed) AS disbursed,
    count(a.days_to_disburse) AS paid_out,
    coalesce(sum(a.days_to_disburse), 0) AS days_to_disburse
FROM application AS a
GROUP BY a.submitted_month, a.legal_entity_id, a.product_id;
CREATE UNIQUE INDEX uq_mv_dash_origination ON analytics.mv_dash_origination (cohort_month, legal_entity_id, product_id);
