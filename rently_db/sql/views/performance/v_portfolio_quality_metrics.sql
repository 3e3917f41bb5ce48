-- owner: risk
-- tier: T3
-- grain: month of first disbursement x product category x business unit x currency
-- key: origination_month, product_category, business_unit, currency_code
-- refresh: minute
-- description: How the loans of each month stand today. Loans without a completed disbursement (not yet paid out, or made by a transfer alone) belong to no month
-- column origination_month: First day of the month of the first completed disbursement's value date
-- column product_category: Category of the product
-- column business_unit: residential or commercial
-- column currency_code: Currency of all amounts, ISO 4217
-- column loans_originated: Loans, of any status
-- column principal_originated: Their completed disbursements
-- column avg_interest_rate_pct: Mean yearly interest rate in percent, weighted by completed disbursements, 2 places
-- column avg_rc_fee_rate_pct: Mean Rently Care fee rate in percent, weighted likewise (unknown as 0), 2 places
-- column written_off_loans: Loans with status written_off
-- column written_off_amount: Principal written off, of all loans, with what remained when the contract was written off
-- column current_default_loans: Loans that are non-performing
-- column current_default_amount: Their outstanding principal
-- column avg_dpd_for_delinquent: Mean days past due over loans on the book with days past due above 0, 2 places; NULL: none
-- column write_off_rate_count_pct: written_off_loans in percent of loans_originated, 2 places
-- column write_off_rate_amount_pct: written_off_amount in percent of principal_originated, 2 places
-- column current_default_rate_count_pct: current_default_loans in percent of loans_originated, 2 places
-- column current_default_rate_amount_pct: current_default_amount in percent of principal_originated, 2 places
-- column portfolio_age_months: Months on book: calendar months from origination_month to the month of as_of
-- column active_loans: Loans on the book
-- column outstanding: Their outstanding principal
-- column needs_signoff: Whether a rule of default of a company that lent these is a placeholder
-- column as_of: Latest business date among the companies
CREATE VIEW analytics.v_portfolio_quality_metrics AS
WITH day AS (
    SELECT max(e.business_date) AS as_of
    FROM analytics.entity_day AS e
),

loan AS (
    SELECT
        date_trunc('month', p.first_disbursed_on)::date AS origination_month,
        r.category,
        r.business_unit,
        p.currency_code,
        p.disbursed_principal,
        l.interest_rate,
        coalesce(l.rc_fee_rate, 0) AS rc_fee_rate,
        p.status,
        p.is_on_book,
        p.principal_written_off,
        CASE WHEN p.is_on_book THEN p.outstanding_principal ELSE 0 END AS outstanding,
        p.dpd,
        k.is_default,
        g.needs_signoff
    FROM analytics.loan_position AS p
    INNER JOIN public.loan AS l ON p.loan_id = l.id
    INNER JOIN public.product AS r ON p.product_id = r.id
    INNER JOIN analytics.loan_risk AS k ON p.loan_id = k.loan_id
    INNER JOIN analytics.default_signoff AS g ON p.legal_entity_id = g.legal_entity_id
    WHERE p.first_disbursed_on IS NOT NULL
),

cohort AS (
    SELECT
        n.origination_month,
        n.category,
        n.business_unit,
        n.currency_code,
        count(*) AS loans,
        sum(n.disbursed_principal) AS principal,
        sum(100 * n.interest_rate * n.disbursed_principal) AS weighted_interest,
        sum(100 * n.rc_fee_rate * n.disbursed_principal) AS weighted_fee,
        count(*) FILTER (WHERE n.status = 'written_off') AS written_off,
        sum(n.principal_written_off) AS written_off_amount,
        count(*) FILTER (WHERE n.is_default) AS defaults,
        coalesce(sum(n.outstanding) FILTER (WHERE n.is_default), 0) AS default_amount,
        avg(n.dpd) FILTER (WHERE n.is_on_book AND n.dpd > 0) AS avg_dpd,
        count(*) FILTER (WHERE n.is_on_book) AS active,
        sum(n.outstanding) AS outstanding,
        bool_or(n.needs_signoff) AS needs_signoff
    FROM loan AS n
    GROUP BY n.origination_month, n.category, n.business_unit, n.currency_code
)

SELECT
    c.origination_month,
    c.category AS product_category,
    c.business_unit,
    c.currency_code,
    c.loans AS loans_originated,
    c.principal AS principal_originated,
    round(c.weighted_interest / nullif(c.principal, 0), 2) AS avg_interest_rate_pct,
    round(c.weighted_fee / nullif(c.principal, 0), 2) AS avg_rc_fee_rate_pct,
    c.written_off AS written_off_loans,
    c.written_off_amount,
    c.defaults AS current_default_loans,
    c.default_amount AS current_default_amount,
    round(c.avg_dpd, 2) AS avg_dpd_for_delinquent,
    analytics.percentage(c.written_off, c.loans) AS write_off_rate_count_pct,
    analytics.percentage(c.written_off_amount, c.principal) AS write_off_rate_amount_pct,
    analytics.percentage(c.defaults, c.loans) AS current_default_rate_count_pct,
    analytics.percentage(c.default_amount, c.principal) AS current_default_rate_amount_pct,
    (
        12 * (extract(YEAR FROM d.as_of) - extract(YEAR FROM c.origination_month))
        + extract(MONTH FROM d.as_of) - extract(MONTH FROM c.origination_month)
    )::integer AS portfolio_age_months,
    c.active AS active_loans,
    c.outstanding,
    c.needs_signoff,
    d.as_of
FROM cohort AS c
CROSS JOIN day AS d;
