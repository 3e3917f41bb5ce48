-- owner: treasury
-- tier: T2
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: daily
-- description: Big figures of the dashboard Multi-currency, amounts in the functional currency of the company unless the label says otherwise
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_currency AS
WITH target AS (
    SELECT analytics.setting_text('group_currency') AS group_ccy
),

total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

book AS (
    SELECT
        m.legal_entity_id,
        m.currency_code,
        sum(m.outstanding) AS outstanding
    FROM analytics.mv_portfolio_total AS m
    WHERE m.status = 'active' AND m.outstanding > 0
    GROUP BY m.legal_entity_id, m.currency_code
),

exposure AS (
    SELECT
        b.legal_entity_id,
        CASE
            WHEN count(*) = count(r.functional_rate)
                THEN
                    100 * coalesce(max(b.outstanding * r.functional_rate) FILTER (WHERE r.currency_code <> r.functional_ccy), 0)
                    / sum(b.outstanding * r.functional_rate)
        END AS largest
    FROM book AS b
    INNER JOIN analytics.currency_rate AS r ON b.legal_entity_id = r.legal_entity_id AND b.currency_code = r.currency_code
    GROUP BY b.legal_entity_id
),

mix AS (
    SELECT
        m.legal_entity_id,
        CASE WHEN count(*) = count(m.outstanding_group) THEN sum(m.outstanding_group) END AS outstanding_group
    FROM analytics.dash_mix AS m
    GROUP BY m.legal_entity_id
),

pair AS (
    SELECT
        p.legal_entity_id,
        CASE WHEN count(*) = count(p.at_risk_fn) THEN sum(p.at_risk_fn) END AS at_risk,
        max(p.volatility_pct) AS volatility,
        count(*) FILTER (WHERE p.rate_sort < 3) AS bad_rates
    FROM analytics.dash_fx_pair AS p
    GROUP BY p.legal_entity_id
),

-- Of each currency the newest month.
revaluation AS (
    SELECT
        r.legal_entity_id,
        CASE WHEN count(*) = count(r.gain_loss) THEN sum(r.gain_loss) END AS gain_loss,
        CASE WHEN count(*) = count(r.change_in_month) THEN sum(r.change_in_month) END AS change_in_month
    FROM (
        SELECT
            v.legal_entity_id,
            v.gain_loss,
            v.change_in_month,
            row_number() OVER (PARTITION BY v.legal_entity_id, v.currency_code ORDER BY v.month_end DESC) AS age
        FROM analytics.v_fx_revaluation AS v
    ) AS r
    WHERE r.age = 1
    GROUP BY r.legal_entity_id
)

SELECT
    e.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM analytics.entity_day AS e
CROSS JOIN target AS g
LEFT JOIN total AS t ON e.legal_entity_id = t.legal_entity_id
LEFT JOIN mix AS m ON e.legal_entity_id = m.legal_entity_id
LEFT JOIN exposure AS x ON e.legal_entity_id = x.legal_entity_id
LEFT JOIN pair AS p ON e.legal_entity_id = p.legal_entity_id
LEFT JOIN revaluation AS r ON e.legal_entity_id = r.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'active_value', 'Portfolio value', 'money', t.glp),
        (2, 'group_value', concat('Portfolio, million ', g.group_ccy), 'number', m.outstanding_group / 1000000),
        (3, 'fx_exposure', 'Largest foreign currency', 'percent', x.largest),
        (4, 'fx_volatility', 'Most volatile rate', 'percent', p.volatility),
        (5, 'fx_at_risk', 'At risk by one deviation', 'money', p.at_risk),
        (6, 'fx_unrealised', 'Unrealised FX gain or loss', 'money', CASE WHEN r.legal_entity_id IS NULL THEN 0 ELSE r.gain_loss END),
        (7, 'fx_change', 'FX gain or loss, this month', 'money', CASE WHEN r.legal_entity_id IS NULL THEN 0 ELSE r.change_in_month END),
        (8, 'bad_rates', 'Stale or missing rates', 'count', coalesce(p.bad_rates, 0))
    ) AS f (sort, figure, label, unit, value);
