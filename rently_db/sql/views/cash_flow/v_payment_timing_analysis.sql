-- owner: finance
-- tier: T3
-- grain: currency x timing band
-- key: currency_code, payment_timing_category
-- refresh: daily
-- description: How long before or after their due dates instalments were settled; cash that names no instalment in a band of its own
-- column currency_code: Currency of the amounts, ISO 4217
-- column payment_timing_category: Days from the due date to the value date on which the instalment was settled: early (< 0), on_time (0),
--     late_1_week (1 to 7), late_1_month (8 to 30), late_over_month (> 30); unlinked: effective allocations that name no instalment
-- column payment_count: Instalments of any plan that were settled before their plan ended (settled_on < owed_until), the settled_lines of
--     loan_position; in band unlinked the allocations
-- column total_amount: Amounts due of these instalments, all components; in band unlinked the allocated amounts, which settle the oldest unpaid
--     instalments of the other bands
-- column avg_days_variance: Mean of the days, 2 places, negative if early; NULL for unlinked
-- column median_days_variance: Median of the days (of an even number the mean of the two in the middle), 2 places; NULL for unlinked
-- column percentage_of_payments: payment_count in percent of all bands of the currency, 2 places
-- column instalments: Instalments of the band, 0 for unlinked
-- column percentage_of_amount: total_amount in percent of all bands of the currency, 2 places
-- column band_sort: Position of the band, from 0
-- column as_of: Latest business date among the companies when it was computed
CREATE VIEW analytics.v_payment_timing_analysis AS
WITH timing AS (
    SELECT
        m.currency_code,
        m.payment_timing_category,
        m.payment_count,
        m.total_amount,
        m.avg_days_variance,
        m.median_days_variance,
        m.instalments,
        m.band_sort,
        m.as_of,
        sum(m.payment_count) OVER (PARTITION BY m.currency_code) AS all_payments,
        sum(m.total_amount) OVER (PARTITION BY m.currency_code) AS whole_amount
    FROM analytics.mv_payment_timing AS m
)

SELECT
    t.currency_code,
    t.payment_timing_category,
    t.payment_count,
    t.total_amount,
    t.avg_days_variance,
    t.median_days_variance,
    analytics.percentage(t.payment_count, t.all_payments) AS percentage_of_payments,
    t.instalments,
    analytics.percentage(t.total_amount, t.whole_amount) AS percentage_of_amount,
    t.band_sort,
    t.as_of
FROM timing AS t;
