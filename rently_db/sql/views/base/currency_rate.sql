-- owner: treasury
-- tier: T1
-- grain: legal entity x currency that it lends in
-- key: legal_entity_id, currency_code
-- refresh: live
-- description: Rates of today from each currency to the entity's functional currency and to the group's; NULL where no rate is young enough
-- column legal_entity_id: Legal entity
-- column currency_code: Currency of its loans
-- column functional_ccy: Currency of its books
-- column group_ccy: Currency of the group
-- column functional_rate: Units of functional_ccy for one of currency_code; NULL: missing
-- column functional_rate_date: Day of that rate
-- column functional_method: identity, direct, inverse or cross
-- column group_rate: Units of group_ccy for one of currency_code; NULL: missing
-- column group_rate_date: Day of that rate
-- column group_method: identity, direct, inverse or cross
CREATE VIEW analytics.currency_rate AS
WITH lent AS (
    SELECT DISTINCT
        s.legal_entity_id,
        s.currency_code
    FROM analytics.loan_state AS s
),

target AS (
    SELECT analytics.setting_text('group_currency')::char(3) AS group_ccy
)

SELECT
    n.legal_entity_id,
    n.currency_code,
    e.functional_ccy,
    t.group_ccy,
    f.rate AS functional_rate,
    f.rate_date AS functional_rate_date,
    f.method AS functional_method,
    g.rate AS group_rate,
    g.rate_date AS group_rate_date,
    g.method AS group_method
FROM lent AS n
INNER JOIN analytics.entity_day AS e ON n.legal_entity_id = e.legal_entity_id
CROSS JOIN target AS t
CROSS JOIN LATERAL analytics.fx_rate(n.currency_code, e.functional_ccy, e.business_date) AS f
CROSS JOIN LATERAL analytics.fx_rate(n.currency_code, t.group_ccy, e.business_date) AS g;
