-- owner: risk
-- tier: T1
-- grain: legal entity
-- key: legal_entity_id
-- refresh: live
-- description: Whether a rule or setting that says which loans of a company are in default today still waits for sign-off
-- column legal_entity_id: Company that lends
-- column needs_signoff: Whether one of them needs sign-off: classification rules of its country, non_performing_classes, obligor_materiality_pct
CREATE VIEW analytics.default_signoff AS
WITH entity AS (
    SELECT
        e.legal_entity_id,
        e.country_code,
        e.business_date
    FROM analytics.entity_day AS e
)

SELECT
    e.legal_entity_id,
    EXISTS (
        SELECT FROM public.classification_rule AS r
        WHERE
            r.country_code = e.country_code AND r.needs_signoff
            AND e.business_date >= r.valid_from AND (r.valid_through IS NULL OR e.business_date < r.valid_through)
    ) OR EXISTS (
        SELECT FROM public.analytics_setting AS s
        WHERE
            s.key IN ('non_performing_classes', 'obligor_materiality_pct') AND s.needs_signoff
            AND e.business_date >= s.valid_from AND (s.valid_through IS NULL OR e.business_date < s.valid_through)
    ) AS needs_signoff
FROM entity AS e;
