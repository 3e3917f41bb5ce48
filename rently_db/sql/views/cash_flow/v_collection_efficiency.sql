-- owner: finance
-- tier: T2
-- grain: month x legal entity x product x currency
-- key: month_start, legal_entity_id, product_id, currency_code
-- refresh: quarter_hour
-- description: How much of what fell due was collected, as three ratios that answer three questions and are never mixed; as known today
-- column month_start: First day of the month; months with anything due or received up to the business date
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column product_id: Product
-- column product_code: Its code
-- column product_category: Its category
-- column currency_code: Currency of the amounts, ISO 4217
-- column due: Amounts, all components, of instalments with a due date in the month up to the business date: of the plan in force on the due date, due before the loan left the book
-- column received: All effective allocations with a value date in the month
-- column paid_on_current_due: What of received settled instalments of due of this month, each component at most its due amount; money without
--     an instalment by the rule for such money
-- column paid_on_arrears: What of received settled instalments due before the month, likewise
-- column prepaid: What of received settled instalments due after the month, likewise
-- column unassigned: received less the three: beyond what was due, or on plans that did not hold on the due date, or after the loan left the book
-- column due_ex_npl: due of loans that were not in default at the month-end before (not in its snapshot: performing); NULL: it is not published
-- column paid_ex_npl: paid_on_current_due of these loans; NULL likewise
-- column current_due_ce_pct: paid_on_current_due in percent of due, 2 places; never over 100. NULL: nothing due
-- column total_ce_pct: received in percent of due, 2 places; may be over 100. NULL: nothing due
-- column ce_ex_npl_pct: paid_ex_npl in percent of due_ex_npl, 2 places; NULL: nothing due, or the month-end is not published
-- column is_complete: Whether the month is over on business_date
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_collection_efficiency AS
SELECT
    m.month_start,
    m.legal_entity_id,
    e.legal_entity_name,
    m.product_id,
    p.code AS product_code,
    p.category AS product_category,
    m.currency_code,
    m.due,
    m.received,
    m.paid_on_current_due,
    m.paid_on_arrears,
    m.prepaid,
    m.received - m.paid_on_current_due - m.paid_on_arrears - m.prepaid AS unassigned,
    m.due_ex_npl,
    m.paid_ex_npl,
    analytics.percentage(m.paid_on_current_due, m.due) AS current_due_ce_pct,
    analytics.percentage(m.received, m.due) AS total_ce_pct,
    analytics.percentage(m.paid_ex_npl, m.due_ex_npl) AS ce_ex_npl_pct,
    e.business_date >= m.month_start + interval '1 month' AS is_complete,
    e.business_date
FROM analytics.mv_collection_efficiency AS m
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
INNER JOIN public.product AS p ON m.product_id = p.id;
