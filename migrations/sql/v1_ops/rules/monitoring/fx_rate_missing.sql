-- owner: treasury
-- severity: fail
-- tags: alert
-- table: fx_rate
-- alert: high
-- every: 5 minutes
-- description: Currency of the book without a rate of today to the functional or the group currency
-- protects: totals in functional and group currency, which are unknown without it
-- mend: INSERT INTO public.fx_rate the rate of the day, and look why the feed did not
-- ends: every currency of the book has a rate to the functional and the group currency on the business date
-- urgency: within the hour on a working day: totals in functional and group currency are unknown (NULL), never wrong
-- first: SELECT id, detail FROM ops.rule_fx_rate_missing
-- second: SELECT from_ccy, to_ccy, source, max(as_of_date) AS latest FROM public.fx_rate GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2 LIMIT 20
-- third: SELECT key, value, valid_from FROM public.analytics_setting WHERE key LIKE '%rate%' OR key LIKE 'fx%' ORDER BY 1, 3
-- call: treasury, who has the rate of the day and knows whether the feed was late
CREATE VIEW ops.rule_fx_rate_missing AS
SELECT
    c.currency_code || ' of ' || c.legal_entity_id AS id,
    concat_ws(
        ', ',
        CASE WHEN c.functional_rate IS NULL THEN 'no rate to ' || c.functional_ccy END,
        CASE WHEN c.group_rate IS NULL THEN 'no rate to ' || coalesce(c.group_ccy, 'the group currency, which is not set') END
    ) AS detail
FROM analytics.currency_rate AS c
WHERE c.functional_rate IS NULL OR c.group_rate IS NULL;
