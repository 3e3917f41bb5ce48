-- owner: platform
-- tier: T1
-- grain: dashboard x legal entity x figure
-- key: dashboard, legal_entity_id, figure
-- refresh: live
-- description: The big figures of all dashboards, without their targets
-- column dashboard: Key of the dashboard: rently_db.dashboards
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_all AS
SELECT
    'portfolio' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_portfolio AS f
UNION ALL
SELECT
    'cash_flow' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_cash_flow AS f
UNION ALL
SELECT
    'collections' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_collections AS f
UNION ALL
SELECT
    'payment_health' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_payment_health AS f
UNION ALL
SELECT
    'risk' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_risk AS f
UNION ALL
SELECT
    'performance' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_performance AS f
UNION ALL
SELECT
    'predictive' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_predictive AS f
UNION ALL
SELECT
    'executive' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_executive AS f
UNION ALL
SELECT
    'business' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_business AS f
UNION ALL
SELECT
    'compliance' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_compliance AS f
UNION ALL
SELECT
    'currency' AS dashboard,
    f.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.figure_currency AS f;
