-- owner: portfolio
-- tier: T1
-- grain: legal entity x figure
-- key: legal_entity_id, figure
-- refresh: minute
-- description: Big figures of the dashboard Loan portfolio overview, amounts in the functional currency of the company
-- column legal_entity_id: Company that lends
-- column sort: Place on the dashboard
-- column figure: Name of the figure
-- column label: What the card says
-- column unit: count, percent, money, days or number
-- column value: The figure, not rounded; NULL: there is nothing to measure, or a rate is missing
CREATE VIEW analytics.figure_portfolio AS
WITH total AS (
    SELECT
        t.legal_entity_id,
        max(t.value) FILTER (WHERE t.figure = 'active_loans') AS active_loans,
        max(t.value) FILTER (WHERE t.figure = 'glp') AS glp,
        max(t.value) FILTER (WHERE t.figure = 'default_loans') AS default_loans,
        max(t.value) FILTER (WHERE t.figure = 'defaulted') AS defaulted,
        max(t.value) FILTER (WHERE t.figure = 'written_off') AS written_off,
        max(t.value) FILTER (WHERE t.figure = 'originated') AS originated
    FROM analytics.mv_entity_total AS t
    GROUP BY t.legal_entity_id
),

residential AS (
    SELECT
        m.legal_entity_id,
        count(*) FILTER (WHERE m.outstanding <> 0 AND r.functional_rate IS NULL) AS unknown,
        sum(m.outstanding * r.functional_rate) FILTER (WHERE p.business_unit = 'residential') AS residential,
        sum(m.outstanding * r.functional_rate) AS outstanding
    FROM analytics.mv_portfolio_total AS m
    INNER JOIN public.product AS p ON m.product_id = p.id
    INNER JOIN analytics.currency_rate AS r ON m.legal_entity_id = r.legal_entity_id AND m.currency_code = r.currency_code
    WHERE m.status = 'active'
    GROUP BY m.legal_entity_id
)

SELECT
    t.legal_entity_id,
    f.sort,
    f.figure,
    f.label,
    f.unit,
    f.value
FROM total AS t
LEFT JOIN residential AS b ON t.legal_entity_id = b.legal_entity_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'active_loans', 'Active loans', 'count', t.active_loans),
        (2, 'active_value', 'Active value', 'money', t.glp),
        (3, 'average_loan', 'Average balance', 'money', t.glp / nullif(t.active_loans, 0)),
        (4, 'default_rate_count', 'Default rate, loans', 'percent', 100 * t.default_loans / nullif(t.active_loans, 0)),
        (5, 'default_rate_amount', 'Default rate, amount', 'percent', 100 * t.defaulted / nullif(t.glp, 0)),
        (6, 'write_off_rate', 'Write-off rate', 'percent', 100 * t.written_off / nullif(t.originated, 0)),
        (
            7, 'residential_share', 'Residential share', 'percent',
            CASE WHEN b.unknown = 0 THEN 100 * coalesce(b.residential, 0) / nullif(b.outstanding, 0) END
        )
    ) AS f (sort, figure, label, unit, value);
