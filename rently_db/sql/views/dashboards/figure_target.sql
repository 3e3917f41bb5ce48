-- owner: platform
-- tier: T1
-- grain: figure that has a target
-- key: figure
-- refresh: live
-- description: Targets in force on the business date of UTC: settings target_<figure>
-- column figure: Name of the figure, as dashboard_figure has it
-- column low: The figure should be above it, or from it on; NULL: no such bound
-- column high: The figure should be below it, or up to it; NULL: no such bound
-- column is_range: Whether both bounds belong to the target
-- column needs_signoff: Whether the target is a placeholder
CREATE VIEW analytics.figure_target AS
WITH setting AS (
    SELECT
        substr(s.key, length('target_') + 1) AS figure,
        s.value,
        s.needs_signoff
    FROM public.analytics_setting AS s
    WHERE
        starts_with(s.key, 'target_')
        AND analytics.business_date('UTC') >= s.valid_from AND (s.valid_through IS NULL OR analytics.business_date('UTC') < s.valid_through)
)

SELECT
    s.figure,
    coalesce(s.value ->> 'above', s.value ->> 'from')::numeric AS low,
    coalesce(s.value ->> 'below', s.value ->> 'to')::numeric AS high,
    s.value ? 'from' AND s.value ? 'to' AS is_range,
    s.needs_signoff
FROM setting AS s;
