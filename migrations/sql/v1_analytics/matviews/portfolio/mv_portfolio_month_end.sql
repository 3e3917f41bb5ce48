-- owner: finance
-- tier: T3
-- grain: published month-end x legal entity x product x currency
-- key: month_end, legal_entity_id, product_id, currency_code
-- refresh: daily
-- description: Totals of the month-end snapshots: balances, and what was paid, written off and moved since the beginning of each loan
-- column month_end: Last day of the month
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column currency_code: Currency of all amounts, ISO 4217
-- column loans: Loans on the book
-- column outstanding: Outstanding principal of all loans
-- column outstanding_on_book: Outstanding principal of loans on the book
-- column overpaid: Principal paid beyond what was owed
-- column disbursed: Completed disbursements so far
-- column repaid: Principal paid so far while the loan had not left the book
-- column recovered: Principal paid so far after the loan had been written off
-- column waived: Principal waived so far
-- column written_off: Principal written off so far
-- column refunded: Principal given back so far
-- column transferred_in: Principal taken over so far
-- column transferred_out: Principal moved away so far
-- column received: Effective allocations of all components so far
-- column originated: Amount lent by contract of all loans
-- column originated_in_month: Amount lent by contract of loans first disbursed in the month
-- column loans_in_month: Loans first disbursed in the month
-- column past_due_30: Outstanding principal of loans on the book more than 30 days past due
-- column default_loans: Loans in default by the rules of that day: snapshot_risk.is_default
-- column default_outstanding: Outstanding principal of these
CREATE MATERIALIZED VIEW analytics.mv_portfolio_month_end AS
WITH snapshot AS (
    SELECT
        s.snapshot_date,
        s.loan_id,
        s.legal_entity_id,
        s.product_id,
        s.currency_code,
        s.status,
        s.approved_principal,
        s.disbursed_principal,
        s.first_disbursed_on,
        s.principal_paid,
        s.principal_recovered,
        s.interest_paid,
        s.rc_fee_paid,
        s.penalty_paid,
        s.other_paid,
        s.principal_waived,
        s.principal_written_off,
        s.principal_refunded,
        s.transferred_in,
        s.transferred_out,
        s.outstanding_principal,
        s.overpaid_principal,
        s.dpd
    FROM analytics.loan_daily_snapshot AS s
    INNER JOIN analytics.published_day AS d ON s.snapshot_date = d.day AND d.is_month_end
),

risk AS (
    SELECT
        k.day,
        k.loan_id
    FROM analytics.snapshot_risk AS k
    WHERE k.is_default
)

SELECT
    s.snapshot_date AS month_end,
    s.legal_entity_id,
    s.product_id,
    s.currency_code,
    count(*) FILTER (WHERE s.status = 'active') AS loans,
    sum(s.outstanding_principal) AS outstanding,
    coalesce(sum(s.outstanding_principal) FILTER (WHERE s.status = 'active'), 0) AS outstanding_on_book,
    sum(s.overpaid_principal) AS overpaid,
    sum(s.disbursed_principal) AS disbursed,
    sum(s.principal_paid - s.principal_recovered) AS repaid,
    coalesce(sum(s.principal_recovered) FILTER (WHERE s.status = 'written_off'), 0) AS recovered,
    sum(s.principal_waived) AS waived,
    sum(s.principal_written_off) AS written_off,
    sum(s.principal_refunded) AS refunded,
    sum(s.transferred_in) AS transferred_in,
    sum(s.transferred_out) AS transferred_out,
    sum(s.principal_paid + s.interest_paid + s.rc_fee_paid + s.penalty_paid + s.other_paid) AS received,
    sum(s.approved_principal) AS originated,
    coalesce(sum(s.approved_principal) FILTER (WHERE s.first_disbursed_on >= date_trunc('month', s.snapshot_date)::date), 0)
        AS originated_in_month,
    count(*) FILTER (WHERE s.first_disbursed_on >= date_trunc('month', s.snapshot_date)::date) AS loans_in_month,
    coalesce(sum(s.outstanding_principal) FILTER (WHERE s.status = 'active' AND s.dpd > 30), 0) AS past_due_30,
    count(k.loan_id) AS default_loans,
    coalesce(sum(s.outstanding_principal) FILTER (WHERE k.loan_id IS NOT NULL), 0) AS default_outstanding
FROM snapshot AS s
LEFT JOIN risk AS k ON s.snapshot_date = k.day AND s.loan_id = k.loan_id
GROUP BY s.snapshot_date, s.legal_entity_id, s.product_id, s.currency_code;
CREATE UNIQUE INDEX uq_mv_portfolio_month_end ON analytics.mv_portfolio_month_end (month_end, legal_entity_id, product_id, currency_code);
