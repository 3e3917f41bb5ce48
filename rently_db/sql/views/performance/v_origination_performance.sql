-- owner: product
-- tier: T2
-- grain: month of submission x product category x business unit x legal entity x requested currency
-- key: origination_month, product_category, business_unit, legal_entity_id, requested_currency
-- refresh: minute
-- description: Applications by the month in which they were submitted, what was decided and lent on them; only the latest decision of each counts
-- column origination_month: First day of the local month of submission; NULL: submitted before v1, unknown when
-- column product_category: Category of the product
-- column business_unit: residential or commercial
-- column legal_entity_name: Company that they went to
-- column requested_currency: Currency of all amounts, ISO 4217; other currencies at the rate of the business date
-- column total_applications: Applications
-- column decided_applications: Those with a decision, of any outcome
-- column approved_applications: Those whose latest decision (by decided_at, unknown last, then id) is approved
-- column rejected_applications: Those whose latest decision is rejected
-- column loans_created: Those with at least one loan
-- column avg_requested_amount: total_requested_amount / total_applications, 2 places
-- column avg_approved_amount: total_approved_amount / approved_applications, 2 places; NULL: none approved
-- column total_requested_amount: Amounts asked for
-- column total_approved_amount: Amounts approved by the latest decisions, 2 places; NULL: a rate or an approved amount is missing
-- column total_disbursed_amount: Completed disbursements of the loans made from them, 2 places; NULL: a rate is missing
-- column decision_rate_pct: decided_applications in percent of total_applications, 2 places
-- column approval_rate_pct: approved_applications in percent of decided_applications, 2 places
-- column loan_conversion_rate_pct: loans_created in percent of approved_applications, 2 places
-- column amount_approval_rate_pct: Unrounded total_approved_amount in percent of total_requested_amount, 2 places
-- column disbursement_rate_pct: Unrounded total_disbursed_amount in percent of unrounded total_approved_amount, 2 places
-- column legal_entity_id: Company
-- column conditional_applications: Those whose latest decision is conditional
-- column funded: Those with a completed disbursement
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_origination_performance AS
WITH cohort AS (
    SELECT
        a.submitted_month,
        p.category,
        p.business_unit,
        a.legal_entity_id,
        a.currency_code,
        count(*) AS applications,
        count(a.outcome) AS decided,
        count(*) FILTER (WHERE a.outcome = 'approved') AS approved,
        count(*) FILTER (WHERE a.outcome = 'rejected') AS rejected,
        count(*) FILTER (WHERE a.outcome = 'conditional') AS conditional,
        count(*) FILTER (WHERE a.loans > 0) AS with_loan,
        count(*) FILTER (WHERE a.loans > 0 AND (a.disbursed_amount > 0 OR a.disbursed_amount IS NULL)) AS funded,
        sum(a.requested_amount) AS requested,
        CASE
            WHEN bool_and(a.outcome IS DISTINCT FROM 'approved' OR a.approved_amount IS NOT NULL) THEN coalesce(sum(a.approved_amount), 0)
        END AS approved_amount,
        CASE WHEN count(*) = count(a.disbursed_amount) THEN sum(a.disbursed_amount) END AS disbursed
    FROM analytics.application_outcome AS a
    INNER JOIN public.product AS p ON a.product_id = p.id
    GROUP BY a.submitted_month, p.category, p.business_unit, a.legal_entity_id, a.currency_code
)

SELECT
    c.submitted_month AS origination_month,
    c.category AS product_category,
    c.business_unit,
    e.legal_entity_name,
    c.currency_code AS requested_currency,
    c.applications AS total_applications,
    c.decided AS decided_applications,
    c.approved AS approved_applications,
    c.rejected AS rejected_applications,
    c.with_loan AS loans_created,
    round(c.requested / c.applications, 2) AS avg_requested_amount,
    round(c.approved_amount / nullif(c.approved, 0), 2) AS avg_approved_amount,
    c.requested AS total_requested_amount,
    round(c.approved_amount, 2) AS total_approved_amount,
    round(c.disbursed, 2) AS total_disbursed_amount,
    analytics.percentage(c.decided, c.applications) AS decision_rate_pct,
    analytics.percentage(c.approved, c.decided) AS approval_rate_pct,
    analytics.percentage(c.with_loan, c.approved) AS loan_conversion_rate_pct,
    analytics.percentage(c.approved_amount, c.requested) AS amount_approval_rate_pct,
    analytics.percentage(c.disbursed, c.approved_amount) AS disbursement_rate_pct,
    c.legal_entity_id,
    c.conditional AS conditional_applications,
    c.funded,
    e.business_date
FROM cohort AS c
INNER JOIN analytics.entity_day AS e ON c.legal_entity_id = e.legal_entity_id;
