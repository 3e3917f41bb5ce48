-- owner: finance
-- tier: T1
-- grain: loan
-- key: loan_id
-- refresh: minute
-- description: Payments of each loan by component, and how punctual they were. No copy is kept: loan_state has the sums
-- column loan_id: Loan; every loan has a row
-- column legal_entity_id: Company that lends
-- column currency_code: Currency of all amounts, ISO 4217
-- column payment_count: Payments with an effective allocation to the loan
-- column total_allocated: Effective allocations, all components
-- column principal_paid: Principal among them
-- column interest_paid: Interest among them
-- column rc_fee_paid: Rently Care fee among them
-- column penalty_paid: Penalties among them
-- column other_paid: Other amounts among them
-- column unapplied_cash: Cash of payments that first settled this loan and is not allocated
-- column first_payment_date: Value date of the first payment; NULL: none
-- column last_payment_date: Value date of the last payment; NULL: none
-- column settled_instalments: Instalments settled so far
-- column on_time_instalments: Of them, those settled on or before their due date
-- column on_time_rate_pct: on_time_instalments in percent of settled_instalments; NULL: none settled
-- column avg_days_late: Days between due date and settlement per settled instalment (0 for one on time), rounded to two places; NULL: none settled
CREATE VIEW analytics.mv_payment_summary_detailed AS
SELECT
    s.loan_id,
    s.legal_entity_id,
    s.currency_code,
    s.payment_count,
    s.principal_paid + s.interest_paid + s.rc_fee_paid + s.penalty_paid + s.other_paid AS total_allocated,
    s.principal_paid,
    s.interest_paid,
    s.rc_fee_paid,
    s.penalty_paid,
    s.other_paid,
    s.unapplied_cash,
    s.first_paid_on AS first_payment_date,
    s.last_paid_on AS last_payment_date,
    s.settled_lines AS settled_instalments,
    s.on_time_lines AS on_time_instalments,
    analytics.percentage(s.on_time_lines, s.settled_lines) AS on_time_rate_pct,
    round(s.late_days::numeric / nullif(s.settled_lines, 0), 2) AS avg_days_late
FROM analytics.loan_state AS s;
