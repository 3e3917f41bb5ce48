-- owner: compliance
-- tier: T2
-- grain: legal entity x class x performing or not
-- key: legal_entity_id, class, is_default
-- refresh: quarter_hour
-- description: Loans on the book by class of the country's rules, amounts in the functional currency at today's rates: v_npl_classification and loan_provision added up
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column class: Class of the loans
-- column class_sort: Its place, 0 normal, the worst last
-- column is_default: Whether the loans are non-performing
-- column loans: Loans on the book
-- column outstanding_fn: Outstanding principal, rounded to 2 places; NULL: a rate is missing
-- column provision_fn: Provision required, rounded to 2 places; NULL: an exchange rate is missing, or a loan's class has no provision rate
CREATE VIEW analytics.dash_classification AS
SELECT
    e.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.class,
    coalesce(array_position(e.class_names, t.class), 0) AS class_sort,
    t.is_default,
    sum(t.loans)::bigint AS loans,
    CASE
        WHEN count(*) FILTER (WHERE t.outstanding <> 0 AND r.functional_rate IS NULL) = 0
            THEN round(coalesce(sum(t.outstanding * r.functional_rate), 0), 2)
    END AS outstanding_fn,
    CASE
        WHEN count(*) FILTER (WHERE t.provision IS NULL OR (t.provision <> 0 AND r.functional_rate IS NULL)) = 0
            THEN round(coalesce(sum(t.provision * r.functional_rate), 0), 2)
    END AS provision_fn
FROM analytics.mv_dash_classification AS t
INNER JOIN analytics.entity_day AS e ON t.legal_entity_id = e.legal_entity_id
LEFT JOIN analytics.currency_rate AS r ON t.legal_entity_id = r.legal_entity_id AND t.currency_code = r.currency_code
GROUP BY e.legal_entity_id, e.legal_entity_name, e.functional_ccy, e.class_names, t.class, t.is_default;
