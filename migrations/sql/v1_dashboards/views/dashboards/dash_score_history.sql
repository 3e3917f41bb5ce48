-- owner: data_science
-- tier: T3
-- grain: legal entity x score
-- key: legal_entity_id, sort
-- refresh: daily
-- description: What became of performing loans of each score within twelve months, over all published month-ends: lift of the rule-based score on our own history
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column sort: 1 High to 4 Minimal
-- column score: The score by the rule of current_risk_score on what was known at the month-end
-- column observations: Loans and month-ends
-- column labelled: Those of which the twelve months after are over
-- column defaults: Those that went bad in these (label 1 of v_ml_training_set)
-- column default_rate_pct: defaults / labelled in percent, rounded to 2 places; NULL: none is labelled
-- column overall_rate_pct: The same over all scores of the company
-- column lift: Unrounded default rate / that over all scores, 2 places: above 1 the score warns rightly
-- column labelled_pct: Share of all labelled observations in percent, rounded to 2 places
-- column defaults_pct: Share of all defaults likewise
-- column is_small: Whether fewer than setting pd_minimum_observations (100) are labelled: the rate says little
CREATE VIEW analytics.dash_score_history AS
WITH band AS (
    SELECT
        m.legal_entity_id,
        m.score_sort,
        m.score,
        sum(m.observations) AS observations,
        sum(m.labelled) AS labelled,
        sum(m.defaults) AS defaults
    FROM analytics.mv_dash_score_month AS m
    GROUP BY m.legal_entity_id, m.score_sort, m.score
),

placed AS (
    SELECT
        b.legal_entity_id,
        b.score_sort,
        b.score,
        b.observations,
        b.labelled,
        b.defaults,
        sum(b.labelled) OVER (PARTITION BY b.legal_entity_id) AS all_labelled,
        sum(b.defaults) OVER (PARTITION BY b.legal_entity_id) AS all_defaults
    FROM band AS b
)

SELECT
    p.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    p.score_sort AS sort,
    p.score,
    p.observations::bigint AS observations,
    p.labelled::bigint AS labelled,
    p.defaults::bigint AS defaults,
    analytics.percentage(p.defaults, p.labelled) AS default_rate_pct,
    analytics.percentage(p.all_defaults, p.all_labelled) AS overall_rate_pct,
    round(p.defaults * p.all_labelled / nullif(p.labelled * p.all_defaults, 0), 2) AS lift,
    analytics.percentage(p.labelled, p.all_labelled) AS labelled_pct,
    analytics.percentage(p.defaults, p.all_defaults) AS defaults_pct,
    p.labelled < (SELECT analytics.setting_number('pd_minimum_observations')) AS is_small
FROM placed AS p
INNER JOIN analytics.entity_day AS e ON p.legal_entity_id = e.legal_entity_id;
