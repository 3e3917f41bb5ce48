-- owner: platform
-- tier: T1
-- grain: dashboard x legal entity x figure
-- key: dashboard, legal_entity_id, figure
-- refresh: live
-- description: The big figures of all dashboards with their targets: what the cards show. Each dashboard's are as old as the views that it reads
-- column dashboard: Key of the dashboard: rently_db.dashboards
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts: the company's functional currency, ISO 4217
-- column sort: Place on the dashboard
-- column figure: Name of the figure: unique in its dashboard; its target is the setting target_<figure>
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
-- column value_text: The figure as text, with unit and currency; no data: it is NULL
-- column low: Lower bound of the target; NULL: none
-- column high: Upper bound of the target; NULL: none
-- column target_text: The target as text; empty: the figure has none
-- column status: met, missed, none (no target) or unknown (no figure)
-- column limit_used_pct: The figure in percent of its upper bound, or its lower bound in percent of the figure: over 100 is missed; NULL: no target, or a range
-- column needs_signoff: Whether the target is a placeholder
-- column business_date: Business date of the company
CREATE VIEW analytics.dashboard_figure AS
SELECT
    f.dashboard,
    f.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value,
    coalesce(analytics.figure_text(f.value, f.unit, e.functional_ccy), 'no data') AS value_text,
    t.low,
    t.high,
    CASE
        WHEN t.figure IS NULL THEN ''
        WHEN t.is_range
            THEN 'target ' || rtrim(to_char(t.low, 'FM999990.99'), '.') || ' to ' || analytics.figure_text(t.high, f.unit, e.functional_ccy)
        WHEN t.high IS NOT NULL THEN 'target < ' || analytics.figure_text(t.high, f.unit, e.functional_ccy)
        ELSE 'target > ' || analytics.figure_text(t.low, f.unit, e.functional_ccy)
    END AS target_text,
    CASE
        WHEN f.value IS NULL THEN 'unknown'
        WHEN t.figure IS NULL THEN 'none'
        WHEN t.is_range THEN CASE WHEN f.value BETWEEN t.low AND t.high THEN 'met' ELSE 'missed' END
        WHEN f.value < t.high OR f.value > t.low THEN 'met'
        ELSE 'missed'
    END AS status,
    CASE
        WHEN t.is_range THEN NULL
        WHEN t.high IS NOT NULL THEN round(100 * f.value / nullif(t.high, 0), 1)
        WHEN t.low IS NOT NULL THEN round(100 * t.low / nullif(f.value, 0), 1)
    END AS limit_used_pct,
    coalesce(t.needs_signoff, FALSE) AS needs_signoff,
    e.business_date
FROM analytics.figure_all AS f
INNER JOIN analytics.entity_day AS e ON f.legal_entity_id = e.legal_entity_id
LEFT JOIN analytics.figure_target AS t ON f.figure = t.figure;
