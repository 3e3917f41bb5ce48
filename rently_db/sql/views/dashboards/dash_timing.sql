-- owner: finance
-- tier: T3
-- grain: currency x timing band
-- key: currency_code, band
-- refresh: daily
-- description: v_payment_timing_analysis, of all companies, with bands in words that sort by themselves
-- column currency_code: Currency of the amounts behind the shares, ISO 4217
-- column band: 1 early, 2 on the day, 3 late 1-7 days, 4 late 8-30 days, 5 late over 30 days, 6 not linked: cash that names no instalment
-- column payments: Instalments settled, in band 6 allocations
-- column pct_of_payments: payments in percent of all bands of the currency, rounded to 2 places
-- column pct_of_amount: Their amounts in percent of all bands of the currency, rounded to 2 places
CREATE VIEW analytics.dash_timing AS
SELECT
    t.currency_code,
    t.band_sort + 1 || CASE t.payment_timing_category
        WHEN 'early' THEN ' early'
        WHEN 'on_time' THEN ' on the day'
        WHEN 'late_1_week' THEN ' late 1-7 days'
        WHEN 'late_1_month' THEN ' late 8-30 days'
        WHEN 'late_over_month' THEN ' late over 30 days'
        ELSE ' not linked'
    END AS band,
    t.payment_count AS payments,
    t.percentage_of_payments AS pct_of_payments,
    t.percentage_of_amount AS pct_of_amount
FROM analytics.v_payment_timing_analysis AS t;
