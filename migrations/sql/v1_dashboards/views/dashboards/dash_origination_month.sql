-- owner: product
-- tier: T2
-- grain: legal entity x month of submission
-- key: legal_entity_id, cohort_month
-- refresh: quarter_hour
-- description: Applications by the month in which they were submitted, over all products, and what became of them: for trend lines
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column cohort_month: First day of the local month of submission
-- column months_ago: Months before that of the business date: 0 is the month that runs
-- column submitted: Applications
-- column decided: Those with a decision
-- column approved: Those whose latest decision is approved
-- column contracted: Those approved with at least one loan
-- column disbursed: Those contracted with a completed disbursement
-- column approval_pct: approved / decided in percent, rounded to 2 places; NULL: none decided
-- column conversion_pct: contracted / approved in percent likewise; NULL: none approved
-- column days_to_disburse: Mean days from the decision to the first disbursement, 2 places; NULL: none is known
CREATE VIEW analytics.dash_origination_month AS
SELECT
    m.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    m.cohort_month,
    (
        12 * (extract(YEAR FROM e.business_date) - extract(YEAR FROM m.cohort_month))
        + extract(MONTH FROM e.business_date) - extract(MONTH FROM m.cohort_month)
    )::integer AS months_ago,
    sum(m.submitted)::bigint AS submitted,
    sum(m.decided)::bigint AS decided,
    sum(m.approved)::bigint AS approved,
    sum(m.contracted)::bigint AS contracted,
    sum(m.disbursed)::bigint AS disbursed,
    analytics.percentage(sum(m.approved), sum(m.decided)) AS approval_pct,
    analytics.percentage(sum(m.contracted), sum(m.approved)) AS conversion_pct,
    round(sum(m.days_to_disburse) / nullif(sum(m.paid_out), 0), 2) AS days_to_disburse
FROM analytics.mv_dash_origination AS m
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
GROUP BY m.legal_entity_id, e.legal_entity_name, e.functional_ccy, m.cohort_month, e.business_date;
