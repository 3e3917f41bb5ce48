-- owner: portfolio
-- tier: T1
-- grain: legal entity x product category x business unit x currency of loans on the book
-- key: legal_entity_id, product_category, business_unit, currency_code
-- refresh: minute
-- description: What the book is made of: loans on the book and their outstanding principal in the functional and the group currency
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column country_code: Its country
-- column functional_ccy: Currency of outstanding_fn, ISO 4217
-- column group_ccy: Currency of outstanding_group, ISO 4217
-- column product_category: Category of the product
-- column business_unit: Business unit of the product
-- column currency_code: Currency of the loans
-- column loans: Loans on the book
-- column outstanding_fn: Outstanding principal in the functional currency, rounded to 2 places; NULL: the rate is missing
-- column outstanding_group: Outstanding principal in the group currency, rounded to 2 places; NULL: the rate is missing
CREATE VIEW analytics.dash_mix AS
SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.country_code,
    e.functional_ccy,
    r.group_ccy,
    p.category AS product_category,
    p.business_unit,
    m.currency_code,
    sum(m.loans)::bigint AS loans,
    round(sum(m.outstanding) * r.functional_rate, 2) AS outstanding_fn,
    round(sum(m.outstanding) * r.group_rate, 2) AS outstanding_group
FROM analytics.mv_portfolio_total AS m
INNER JOIN public.product AS p ON m.product_id = p.id
INNER JOIN analytics.entity_day AS e ON m.legal_entity_id = e.legal_entity_id
INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
WHERE m.status = 'active'
GROUP BY
    e.legal_entity_id, e.legal_entity_name, e.country_code, e.functional_ccy, r.group_ccy, p.category, p.business_unit,
    m.currency_code, r.functional_rate, r.group_rate;
