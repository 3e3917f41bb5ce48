-- owner: finance
-- tier: T1
-- grain: legal entity
-- key: legal_entity_id
-- refresh: minute
-- description: One row a company, in its functional currency at the rates of its business date. An amount is NULL where the rate of a currency in which
--     it is not 0 is missing, and so is what is made of it
-- column legal_entity_name: Name of the company
-- column country_code: Its country
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column active_loans: Loans on the book: status active
-- column active_portfolio_value: Outstanding principal of these, rounded to 2 places
-- column loans_originated_mtd: Loans first disbursed in the month of the business date
-- column amount_originated_mtd: Amount lent by contract of these, rounded to 2 places
-- column collections_mtd: Effective allocations, all components, with a value date in the month, rounded to 2 places
-- column expected_collections_30d: Unpaid amount of instalments of the plans in force of loans on the book with a due date from 1 to 30 days after the
--     business date, rounded to 2 places; at most a quarter of an hour old
-- column current_default_loans: Loans in default by the rules of classification: loan_risk.is_default
-- column current_default_amount: Outstanding principal of these, rounded to 2 places
-- column written_off_loans: Loans of status written_off
-- column written_off_amount: Principal written off so far, in part or with the whole contract, rounded to 2 places
-- column default_rate_count_pct: current_default_loans / active_loans in percent, rounded to 2 places; NULL: no loan is on the book
-- column default_rate_amount_pct: current_default_amount / active_portfolio_value in percent, rounded to 2 places; NULL: nothing is outstanding
-- column cumulative_loss_rate_pct: Gross: written_off_amount / amount lent by contract of all loans in percent, rounded to 2 places
-- column collection_efficiency_mtd_pct: What is settled of instalments due in the month so far / what was due, in percent, rounded to 2 places; NULL: nothing
-- column growth_trend: High Growth: amount_originated_mtd is over growth_high (5 %) of active_portfolio_value; Moderate Growth: over growth_moderate (2 %);
--     Stable; NULL: a rate is missing
-- column legal_entity_id: Company
-- column glp: Gross loan portfolio: as active_portfolio_value
-- column par30: Outstanding principal of loans on the book more than 30 days past due / glp in percent, rounded to 2 places
-- column npl: As default_rate_amount_pct
-- column ce_mtd: As collection_efficiency_mtd_pct
-- column cnl: Net loss: (principal written off - principal paid after the loan was written off) / amount lent by contract of all loans in percent, 2 places
-- column needs_signoff: Whether a rule that decides what default is, or a setting of growth, still needs sign-off
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_executive_summary_dashboard AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.business_date) AS business_date,
        max(t.value) FILTER (WHERE t.figure = 'active_loans') AS active_loans,
        max(t.value) FILTER (WHERE t.figure = 'new_loans') AS new_loans,
        max(t.value) FILTER (WHERE t.figure = 'default_loans') AS default_loans,
        max(t.value) FILTER (WHERE t.figure = 'written_off_loans') AS written_off_loans,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp,
        max(t.value) FILTER (WHERE t.figure = 'originated_mtd') AS originated_mtd,
        max(t.value) FILTER (WHERE t.figure = 'originated') AS originated,
        max(t.value) FILTER (WHERE t.figure = 'received_mtd') AS received_mtd,
        max(t.value) FILTER (WHERE t.figure = 'expected_30d') AS expected_30d,
        max(t.value) FILTER (WHERE t.figure = 'defaulted') AS defaulted,
        max(t.value) FILTER (WHERE t.figure = 'written_off') AS written_off,
        max(t.value) FILTER (WHERE t.figure = 'recovered') AS recovered,
        max(t.value) FILTER (WHERE t.figure = 'past_due_30') AS past_due_30,
        max(t.value) FILTER (WHERE t.figure = 'due_mtd') AS due_mtd,
        max(t.value) FILTER (WHERE t.figure = 'due_paid_mtd') AS due_paid_mtd
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

growth AS (
    SELECT
        analytics.setting_number('growth_high') AS high,
        analytics.setting_number('growth_moderate') AS moderate
)

SELECT
    e.legal_entity_name,
    e.country_code,
    e.functional_ccy,
    t.active_loans::bigint AS active_loans,
    round(t.glp, 2) AS active_portfolio_value,
    t.new_loans::bigint AS loans_originated_mtd,
    round(t.originated_mtd, 2) AS amount_originated_mtd,
    round(t.received_mtd, 2) AS collections_mtd,
    round(t.expected_30d, 2) AS expected_collections_30d,
    t.default_loans::bigint AS current_default_loans,
    round(t.defaulted, 2) AS current_default_amount,
    t.written_off_loans::bigint AS written_off_loans,
    round(t.written_off, 2) AS written_off_amount,
    analytics.percentage(t.default_loans, t.active_loans) AS default_rate_count_pct,
    analytics.percentage(t.defaulted, t.glp) AS default_rate_amount_pct,
    analytics.percentage(t.written_off, t.originated) AS cumulative_loss_rate_pct,
    analytics.percentage(t.due_paid_mtd, t.due_mtd) AS collection_efficiency_mtd_pct,
    CASE
        WHEN t.originated_mtd IS NULL OR t.glp IS NULL THEN NULL
        WHEN t.originated_mtd > g.high * t.glp THEN 'High Growth'
        WHEN t.originated_mtd > g.moderate * t.glp THEN 'Moderate Growth'
        ELSE 'Stable'
    END AS growth_trend,
    e.legal_entity_id,
    round(t.glp, 2) AS glp,
    analytics.percentage(t.past_due_30, t.glp) AS par30,
    analytics.percentage(t.defaulted, t.glp) AS npl,
    analytics.percentage(t.due_paid_mtd, t.due_mtd) AS ce_mtd,
    analytics.percentage(t.written_off - t.recovered, t.originated) AS cnl,
    s.needs_signoff OR EXISTS (
        SELECT FROM analytics.provisional_setting AS n
        WHERE n.key IN ('growth_high', 'growth_moderate')
    ) AS needs_signoff,
    t.business_date
FROM total AS t
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.default_signoff AS s ON t.legal_entity_id = s.legal_entity_id
CROSS JOIN growth AS g;
