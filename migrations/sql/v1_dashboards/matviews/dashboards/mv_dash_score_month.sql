-- owner: data_science
-- tier: T3
-- grain: legal entity x published month-end x standard bucket x score x the ten factors
-- key: legal_entity_id, month_end, bucket_sort, score_sort, is_forborne, was_over_medium_dpd, is_past_due, pays_late, is_slow, was_reminded, was_called,
--     had_legal_action, is_corporate, is_first_loan
-- refresh: daily
-- description: The rule of current_risk_score and factors of default on v_ml_training_set, with what became of the loans, as counts: history of the score. By the
--     settings of today. Materialized: it reads every month-end of every performing loan
-- column legal_entity_id: Company that lends
-- column month_end: The month-end, t
-- column bucket_sort: Position of dpd_bucket
-- column dpd_bucket: Standard bucket of the days past due at t
-- column score_sort: 1 High to 4 Minimal
-- column score: The score by the rule of v_ml_features_default_prediction on what was known at t
-- column is_forborne: Flag forborne held
-- column was_over_medium_dpd: max_dpd_reached over setting risk_score_medium_dpd (30)
-- column is_past_due: current_dpd above 0
-- column pays_late: on_time_payment_rate_pct under setting counterparty_on_time_pct (80)
-- column is_slow: avg_days_late over setting risk_score_medium_days_late (10)
-- column was_reminded: A reminder was sent
-- column was_called: A call was made
-- column had_legal_action: A legal action was taken
-- column is_corporate: The borrower is a company
-- column is_first_loan: The borrower had no earlier loan
-- column observations: Loans
-- column labelled: Those of which the twelve months after t are over, so that the label is known
-- column defaults: Those with label 1
CREATE MATERIALIZED VIEW analytics.mv_dash_score_month AS
WITH setting AS (
    SELECT
        (SELECT analytics.setting_number('risk_score_high_dpd')) AS high_dpd,
        (SELECT analytics.setting_number('risk_score_medium_dpd')) AS medium_dpd,
        (SELECT analytics.setting_number('risk_score_medium_days_late')) AS medium_days,
        (SELECT analytics.setting_number('counterparty_on_time_pct')) AS on_time
),

scored AS (
    SELECT
        l.legal_entity_id,
        t.month_end,
        b.sort AS bucket_sort,
        b.label AS dpd_bucket,
        CASE
            WHEN t.current_dpd > k.high_dpd OR t.legal_actions_count > 0 THEN 1
            WHEN t.current_dpd > k.medium_dpd OR t.avg_days_late > k.medium_days THEN 2
            WHEN t.max_dpd_reached > 0 OR t.avg_days_late > 0 THEN 3
            ELSE 4
        END AS score_sort,
        t.is_forborne = 1 AS is_forborne,
        coalesce(t.max_dpd_reached > k.medium_dpd, FALSE) AS was_over_medium_dpd,
        t.current_dpd > 0 AS is_past_due,
        coalesce(t.on_time_payment_rate_pct < k.on_time, FALSE) AS pays_late,
        coalesce(t.avg_days_late > k.medium_days, FALSE) AS is_slow,
        t.reminder_count > 0 AS was_reminded,
        t.call_attempts > 0 AS was_called,
        t.legal_actions_count > 0 AS had_legal_action,
        t.borrower_type = 'corporate' AS is_corporate,
        t.customer_relationship_days <= t.loan_age_days AS is_first_loan,
        t.label
    FROM analytics.v_ml_training_set AS t
    CROSS JOIN setting AS k
    INNER JOIN public.loan AS l ON t.loan_id = l.id
    INNER JOIN public.dpd_bucket AS b
        ON
            b.scheme = 'standard' AND b.days @> t.current_dpd AND t.month_end >= b.valid_from
            AND (b.valid_through IS NULL OR t.month_end < b.valid_through)
)

SELECT
    s.legal_entity_id,
    s.month_end,
    s.bucket_sort,
    s.dpd_bucket,
    s.score_sort,
    (ARRAY['High', 'Medium', 'Low', 'Minimal'])[s.score_sort] AS score,
    s.is_forborne,
    s.was_over_medium_dpd,
    s.is_past_due,
    s.pays_late,
    s.is_slow,
    s.was_reminded,
    s.was_called,
    s.had_legal_action,
    s.is_corporate,
    s.is_first_loan,
    count(*) AS observations,
    count(s.label) AS labelled,
    coalesce(sum(s.label), 0)::bigint AS defaults
FROM scored AS s
GROUP BY
    s.legal_entity_id, s.month_end, s.bucket_sort, s.dpd_bucket, s.score_sort, s.is_forborne, s.was_over_medium_dpd, s.is_past_due,
    s.pays_late, s.is_slow, s.was_reminded, s.was_called, s.had_legal_action, s.is_corporate, s.is_first_loan;
CREATE UNIQUE INDEX uq_mv_dash_score_month ON analytics.mv_dash_score_month (
    legal_entity_id, month_end, bucket_sort, score_sort, is_forborne, was_over_medium_dpd, is_past_due, pays_late, is_slow, was_reminded,
    was_called, had_legal_action, is_corporate, is_first_loan
);
