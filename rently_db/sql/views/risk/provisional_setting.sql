-- owner: risk
-- tier: T2
-- grain: setting in force whose value nobody has signed off
-- key: key
-- refresh: live
-- description: Settings of today that are placeholders: views that use one say so in needs_signoff
-- column key: Name of the setting
-- column valid_from: First day on which it holds
-- column source: Where its value comes from
CREATE VIEW analytics.provisional_setting AS
SELECT
    s.key,
    s.valid_from,
    s.source
FROM public.analytics_setting AS s
CROSS JOIN (SELECT analytics.business_date('UTC') AS day) AS d
WHERE s.needs_signoff AND d.day >= s.valid_from AND (s.valid_through IS NULL OR d.day < s.valid_through);
