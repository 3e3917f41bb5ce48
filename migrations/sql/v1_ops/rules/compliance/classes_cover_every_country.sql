-- owner: compliance
-- severity: fail
-- tags: selftest
-- table: classification_rule
-- description: Every company has rules of classification and provision rates for each of its classes
-- protects: the regulatory report, which would show nothing as nothing
-- mend: INSERT INTO public.classification_rule and public.provision_rate for its country
CREATE VIEW ops.rule_classes_cover_every_country AS
SELECT
    e.name || ' ' || coalesce(c.class, 'no class') AS id,
    CASE WHEN c.class IS NULL THEN 'no rule of classification' ELSE 'no provision rate' END AS detail
FROM public.legal_entity AS e
LEFT JOIN public.classification_rule AS c
    ON
        e.country_code = c.country_code AND c.valid_from <= analytics.business_date(e.time_zone)
        AND (c.valid_through IS NULL OR c.valid_through > analytics.business_date(e.time_zone))
WHERE
    c.class IS NULL
    OR NOT EXISTS (
        SELECT FROM public.provision_rate AS r
        WHERE
            r.country_code = e.country_code AND r.class = c.class AND r.valid_from <= analytics.business_date(e.time_zone)
            AND (r.valid_through IS NULL OR r.valid_through > analytics.business_date(e.time_zone))
    );
