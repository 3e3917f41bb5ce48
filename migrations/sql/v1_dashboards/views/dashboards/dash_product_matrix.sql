-- owner: product
-- tier: T3
-- grain: legal entity x product
-- key: legal_entity_id, product_code
-- refresh: daily
-- description: What was lent in each product over the last 12 published months and what it earned, in the functional currency at the rate of each month-end
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column product_code: Product; (none): entries that name no loan
-- column product_name: Its name; Other for (none)
-- column months: Months of the 12 in which the product had a loan on the book or an entry
-- column avg_glp: Mean over these months of the outstanding principal on the book (v_product_profitability.avg_glp); NULL: a rate is missing, or no month is
--     published at both ends
-- column income: Interest, fees and other income of these months
-- column provision_charge: Provisions charged
-- column loss: Losses
-- column net: income - provision_charge - loss
-- column yield_pct: Income of a year in percent of the book: 12 * income / sum of the months' avg_glp, over months that are published at both ends, rounded to 2
--     places; NULL: nothing was lent, or a rate is missing
-- column net_yield_pct: The same of net
-- column earned: income of the months that are published at both ends: what yield_pct divides
-- column glp_months: Sum of their avg_glp, by which it divides
CREATE VIEW analytics.dash_product_matrix AS
WITH newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

result AS (
    SELECT
        r.month_start,
        r.legal_entity_id,
        r.legal_entity_name,
        e.functional_ccy,
        r.product_code,
        coalesce(r.product_name, 'Other') AS product_name,
        r.avg_glp,
        r.income,
        r.provision_charge,
        r.loss,
        r.currency_code,
        (r.month_start + interval '1 month')::date - 1 AS month_end
    FROM analytics.v_product_profitability AS r
    INNER JOIN analytics.entity_day AS e ON r.legal_entity_id = e.legal_entity_id
    CROSS JOIN newest AS n
    WHERE
        r.month_start <= n.day AND r.month_start > (date_trunc('month', n.day) - interval '12 months')::date
),

-- Few: a rate for each month and currency, not for each product.
rate AS (
    SELECT
        d.month_end,
        d.currency_code,
        d.functional_ccy,
        f.rate
    FROM (SELECT DISTINCT
        r.month_end,
        r.currency_code,
        r.functional_ccy
    FROM result AS r) AS d
    CROSS JOIN LATERAL analytics.fx_rate(d.currency_code, d.functional_ccy, d.month_end) AS f
),

total AS (
    SELECT
        r.legal_entity_id,
        r.legal_entity_name,
        r.functional_ccy,
        r.product_code,
        r.product_name,
        count(DISTINCT r.month_start) AS months,
        -- A month that is not published at both ends has no volume.
        sum(r.avg_glp * f.rate) / nullif(count(DISTINCT r.month_start) FILTER (WHERE r.avg_glp IS NOT NULL), 0) AS avg_glp,
        sum(r.income * f.rate) AS income,
        sum(r.provision_charge * f.rate) AS provision_charge,
        sum(r.loss * f.rate) AS loss,
        sum(r.income * f.rate) FILTER (WHERE r.avg_glp IS NOT NULL) AS earned,
        sum((r.income - r.provision_charge - r.loss) * f.rate) FILTER (WHERE r.avg_glp IS NOT NULL) AS kept,
        sum(r.avg_glp * f.rate) AS glp_months,
        bool_or(f.rate IS NULL AND (r.avg_glp <> 0 OR r.income <> 0 OR r.provision_charge <> 0 OR r.loss <> 0)) AS is_unknown
    FROM result AS r
    INNER JOIN rate AS f ON r.month_end = f.month_end AND r.currency_code = f.currency_code AND r.functional_ccy = f.functional_ccy
    GROUP BY r.legal_entity_id, r.legal_entity_name, r.functional_ccy, r.product_code, r.product_name
)

SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    t.product_code,
    t.product_name,
    t.months,
    CASE WHEN NOT t.is_unknown THEN round(t.avg_glp, 2) END AS avg_glp,
    CASE WHEN NOT t.is_unknown THEN round(t.income, 2) END AS income,
    CASE WHEN NOT t.is_unknown THEN round(t.provision_charge, 2) END AS provision_charge,
    CASE WHEN NOT t.is_unknown THEN round(t.loss, 2) END AS loss,
    CASE WHEN NOT t.is_unknown THEN round(t.income - t.provision_charge - t.loss, 2) END AS net,
    CASE WHEN NOT t.is_unknown THEN analytics.percentage(12 * t.earned, t.glp_months) END AS yield_pct,
    CASE WHEN NOT t.is_unknown THEN analytics.percentage(12 * t.kept, t.glp_months) END AS net_yield_pct,
    CASE WHEN NOT t.is_unknown THEN round(t.earned, 2) END AS earned,
    CASE WHEN NOT t.is_unknown THEN round(t.glp_months, 2) END AS glp_months
FROM total AS t;
