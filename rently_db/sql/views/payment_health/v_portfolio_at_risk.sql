-- owner: risk
-- tier: T1
-- grain: legal entity x product x currency
-- key: legal_entity_id, product_id, currency_code
-- refresh: minute
-- description: Portfolio at risk of loans on the book (status active): the whole balance of loans so many days past due, not the overdue part; beside it the arrears rate, restructured loans and write-offs
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of all amounts, ISO 4217
-- column loans: Loans on the book
-- column glp: Gross loan portfolio: outstanding principal
-- column par1_amount: Outstanding principal of loans more than 1 day past due
-- column par30_amount: Outstanding principal of loans more than 30 days past due
-- column par60_amount: Outstanding principal of loans more than 60 days past due
-- column par90_amount: Outstanding principal of loans more than 90 days past due
-- column par180_amount: Outstanding principal of loans more than 180 days past due
-- column par1: par1_amount / glp in percent, rounded to 2 places; NULL: nothing is outstanding
-- column par30: par30_amount / glp likewise
-- column par60: par60_amount / glp likewise
-- column par90: par90_amount / glp likewise
-- column par180: par180_amount / glp likewise
-- column restructured_amount: Outstanding principal of restructured loans: flag forborne holds
-- column par30_incl_restructured: Outstanding principal of loans more than 30 days past due or restructured / glp in percent, rounded to 2 places
-- column par30_excl_restructured: par30 of loans that are not restructured, over their own outstanding principal, in percent, rounded to 2 places
-- column arrears_principal: Overdue unpaid principal
-- column arrears_rate: arrears_principal / glp in percent, rounded to 2 places
-- column written_off_12m: Principal written off of loans whose contract was written off in the 12 months up to the business date
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_portfolio_at_risk AS
WITH position AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        p.product_id,
        p.currency_code,
        p.is_on_book,
        p.outstanding_principal,
        p.dpd,
        p.is_forborne,
        p.arrears_principal,
        p.business_date,
        p.status,
        p.exited_on,
        p.principal_written_off
    FROM analytics.loan_position AS p
    WHERE p.is_on_book OR p.status = 'written_off'
),

total AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        p.product_id,
        p.currency_code,
        p.business_date,
        count(*) FILTER (WHERE p.is_on_book) AS loans,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book), 0) AS glp,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 1), 0) AS par1,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 30), 0) AS par30,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 60), 0) AS par60,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 90), 0) AS par90,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.dpd > 180), 0) AS par180,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.is_forborne), 0) AS restructured,
        coalesce(sum(p.outstanding_principal) FILTER (WHERE p.is_on_book AND p.is_forborne AND p.dpd > 30), 0) AS restructured_par30,
        coalesce(sum(p.arrears_principal) FILTER (WHERE p.is_on_book), 0) AS arrears,
        coalesce(sum(p.principal_written_off) FILTER (
            WHERE p.status = 'written_off' AND p.exited_on > (p.business_date - interval '12 months')::date
        ), 0) AS written_off_12m
    FROM position AS p
    GROUP BY p.legal_entity_id, p.legal_entity_name, p.product_id, p.currency_code, p.business_date
)

SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.product_id,
    r.code AS product_code,
    r.category AS product_category,
    t.currency_code,
    t.loans,
    t.glp,
    t.par1 AS par1_amount,
    t.par30 AS par30_amount,
    t.par60 AS par60_amount,
    t.par90 AS par90_amount,
    t.par180 AS par180_amount,
    analytics.percentage(t.par1, t.glp) AS par1,
    analytics.percentage(t.par30, t.glp) AS par30,
    analytics.percentage(t.par60, t.glp) AS par60,
    analytics.percentage(t.par90, t.glp) AS par90,
    analytics.percentage(t.par180, t.glp) AS par180,
    t.restructured AS restructured_amount,
    analytics.percentage(t.par30 + t.restructured - t.restructured_par30, t.glp) AS par30_incl_restructured,
    analytics.percentage(t.par30 - t.restructured_par30, t.glp - t.restructured) AS par30_excl_restructured,
    t.arrears AS arrears_principal,
    analytics.percentage(t.arrears, t.glp) AS arrears_rate,
    t.written_off_12m,
    t.business_date
FROM total AS t
INNER JOIN public.product AS r ON t.product_id = r.id;
