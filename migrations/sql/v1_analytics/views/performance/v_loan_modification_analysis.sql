-- owner: risk
-- tier: T3
-- grain: month x type x currency
-- key: month_start, modification_type, currency_code
-- refresh: daily
-- description: Changes of contract by month, and how the loans that went on were paid afterwards
-- column month_start: First day of the month of the modification
-- column modification_type: transfer (apartment change, consolidation), refinance, renewal (lease renewal, or a loan with a parent that no completed transfer links to
--     it) or re_plan (a plan that took over from an earlier one, both of which held for a day or more)
-- column currency_code: Currency of the amount, that of the loan that goes on: target of the transfer (without one its source), child loan, or the loan itself
-- column count: Modifications up to the business date
-- column amount: Amount transferred, lent by contract to the child, or principal that the new plan schedules
-- column observed_6m: Modifications whose re_default_months (6) months after are over at the last published month-end, and whose month is not before the first one's
-- column re_default_6m: Those of observed_6m whose loan was non-performing at a published month-end after the modification, up to that many months after it
-- column re_default_6m_pct: re_default_6m in percent of observed_6m, 2 places; NULL: none observed
-- column max_dpd_6m: Worst days past due of their loans at these month-ends, of modifications observed in full or not; NULL: none
-- column default_now: Modifications whose loan is non-performing today
-- column needs_signoff: Whether re_default_months or a rule of default is a placeholder
CREATE VIEW analytics.v_loan_modification_analysis AS
SELECT
    m.month_start,
    m.modification_type,
    m.currency_code,
    m.modifications AS count,
    m.amount,
    m.observed_6m,
    m.re_default_6m,
    analytics.percentage(m.re_default_6m, m.observed_6m) AS re_default_6m_pct,
    m.max_dpd_6m,
    m.default_now,
    EXISTS (
        SELECT FROM analytics.provisional_setting AS s
        WHERE s.key = 're_default_months'
    )
    OR EXISTS (
        SELECT FROM analytics.default_signoff AS d
        WHERE d.needs_signoff
    ) AS needs_signoff
FROM analytics.mv_loan_modification AS m;
