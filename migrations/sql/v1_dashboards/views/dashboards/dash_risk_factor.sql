-- owner: data_science
-- tier: T3
-- grain: legal entity x factor
-- key: legal_entity_id, factor
-- refresh: daily
-- description: What went with default within twelve months, over all labelled observations: ten factors ranked by lift. Not causes: factors overlap
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column rank: Place by lift, those with too few observations last
-- column factor: The factor, with the setting that it is measured by
-- column labelled: Loans and month-ends with the factor of which the twelve months after are over
-- column labelled_pct: labelled / those with or without it in percent, rounded to 2 places
-- column defaults: Those of labelled that went bad in these
-- column default_rate_pct: defaults / labelled in percent, rounded to 2 places; NULL: nothing has the factor
-- column rate_without_pct: The same of observations without the factor
-- column lift: Unrounded default rate / that of all observations of the company, 2 places
-- column is_small: Whether labelled is below setting pd_minimum_observations (100): the lift says little
CREATE VIEW analytics.dash_risk_factor AS
WITH setting AS (
    SELECT
        (SELECT analytics.setting_number('risk_score_medium_dpd')) AS medium_dpd,
        (SELECT analytics.setting_number('risk_score_medium_days_late')) AS medium_days,
        (SELECT analytics.setting_number('counterparty_on_time_pct')) AS on_time
),

total AS (
    SELECT
        m.legal_entity_id,
        f.factor,
        coalesce(sum(m.labelled) FILTER (WHERE f.holds), 0) AS labelled,
        coalesce(sum(m.defaults) FILTER (WHERE f.holds), 0) AS defaults,
        sum(m.labelled) AS all_labelled,
        sum(m.defaults) AS all_defaults
    FROM analytics.mv_dash_score_month AS m
    CROSS JOIN setting AS k
    CROSS JOIN
        LATERAL (
            VALUES
            ('forborne', m.is_forborne), (concat('over ', k.medium_dpd, ' days past due before'), m.was_over_medium_dpd),
            ('past due at the month-end', m.is_past_due), (concat('on time below ', k.on_time, ' %'), m.pays_late),
            (concat('over ', k.medium_days, ' days late on average'), m.is_slow), ('was reminded', m.was_reminded),
            ('was called', m.was_called), ('legal action taken', m.had_legal_action), ('company, not a person', m.is_corporate),
            ('first loan of the borrower', m.is_first_loan)
        ) AS f (factor, holds)
    GROUP BY m.legal_entity_id, f.factor
),

judged AS (
    SELECT
        t.legal_entity_id,
        t.factor,
        t.labelled,
        t.defaults,
        t.all_labelled,
        t.all_defaults,
        t.defaults * t.all_labelled / nullif(t.labelled * t.all_defaults, 0) AS lift,
        t.labelled < (SELECT analytics.setting_number('pd_minimum_observations')) AS is_small
    FROM total AS t
)

SELECT
    j.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    row_number() OVER (PARTITION BY j.legal_entity_id ORDER BY j.is_small ASC, j.lift DESC NULLS LAST, j.factor ASC) AS rank,
    j.factor,
    j.labelled::bigint AS labelled,
    analytics.percentage(j.labelled, j.all_labelled) AS labelled_pct,
    j.defaults::bigint AS defaults,
    analytics.percentage(j.defaults, j.labelled) AS default_rate_pct,
    analytics.percentage(j.all_defaults - j.defaults, j.all_labelled - j.labelled) AS rate_without_pct,
    round(j.lift, 2) AS lift,
    j.is_small
FROM judged AS j
INNER JOIN analytics.entity_day AS e ON j.legal_entity_id = e.legal_entity_id;
