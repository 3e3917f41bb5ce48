-- owner: product
-- tier: T2
-- grain: legal entity x kind of borrower
-- key: legal_entity_id, borrower_type
-- refresh: quarter_hour
-- description: Customers of each company by kind: how many came back, what they paid so far, what they owe; amounts in the functional currency at today's rate.
--     v_customer_segment_performance by company instead of product and currency, so that no customer counts twice
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column segment: Country and kind of borrower, e.g. SG individual
-- column borrower_type: Kind of the borrower: individual, corporate ...
-- column customers: Borrowers with a loan of the company that was disbursed or taken over from another
-- column repeat_customers: Of them, those with two such loans or more
-- column single_customers: The others
-- column repeat_rate_pct: repeat_customers in percent of customers
-- column loans: Such loans
-- column lifetime_income: Interest, fees, penalties and other amounts that were paid on them so far, rounded to 2 places; NULL: a rate is missing
-- column lifetime_value: lifetime_income / customers, rounded to 2 places
-- column glp: Outstanding principal of those on the book, rounded to 2 places; NULL: a rate is missing
-- column par30_pct: Of it, of loans more than 30 days past due, in percent, rounded to 2 places
CREATE VIEW analytics.dash_segment AS
SELECT
    s.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    e.country_code || ' ' || s.borrower_type AS segment,
    s.borrower_type,
    s.customers,
    s.repeat_customers,
    s.customers - s.repeat_customers AS single_customers,
    analytics.percentage(s.repeat_customers, s.customers) AS repeat_rate_pct,
    s.loans,
    round(s.income, 2) AS lifetime_income,
    round(s.income / s.customers, 2) AS lifetime_value,
    round(s.glp, 2) AS glp,
    analytics.percentage(s.past_due_30, s.glp) AS par30_pct
FROM analytics.mv_dash_segment AS s
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id;
