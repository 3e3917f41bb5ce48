-- owner: treasury
-- severity: warning
-- tags: validation, quality
-- table: fx_rate
-- description: Currency of the book without a rate to the functional or the group currency on the business date
-- protects: totals, which are unknown without it; a missing rate is never taken for 1
-- mend: INSERT INTO public.fx_rate the rate of the day; analytics_setting rate_maximum_age_days says how old one may be
-- exempt: yes: of a currency that is given up, until its last loan is closed
CREATE VIEW ops.rule_fx_rate_gap AS
SELECT
    c.currency_code || ' of ' || c.legal_entity_id AS id,
    concat_ws(
        ', ',
        CASE WHEN c.functional_rate IS NULL THEN 'no rate to ' || c.functional_ccy END,
        CASE WHEN c.group_rate IS NULL THEN 'no rate to ' || coalesce(c.group_ccy, 'the group currency, which is not set') END
    ) AS detail
FROM analytics.currency_rate AS c
WHERE c.functional_rate IS NULL OR c.group_rate IS NULL;
