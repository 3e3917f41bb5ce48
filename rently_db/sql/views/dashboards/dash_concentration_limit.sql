-- owner: risk
-- tier: T2
-- grain: legal entity x series
-- key: legal_entity_id, series
-- refresh: quarter_hour
-- description: The concentrations that have a limit, as figure_risk has them, beside their limits: for a radar
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column sort: 1 the book, 2 the limit
-- column series: book or limit
-- column product_pct: Share of the largest product category in percent
-- column borrower_pct: Share of the ten largest borrowers
-- column country_pct: Share of the largest country in the group's book
-- column currency_pct: Share of the largest foreign currency
CREATE VIEW analytics.dash_concentration_limit AS
WITH figure AS (
    SELECT
        f.legal_entity_id,
        s.sort,
        s.series,
        f.figure,
        CASE s.series WHEN 'book' THEN round(f.value, 2) ELSE t.high END AS value
    FROM analytics.figure_risk AS f
    CROSS JOIN (VALUES (1, 'book'), (2, 'limit')) AS s (sort, series)
    LEFT JOIN analytics.figure_target AS t ON f.figure = t.figure
)

SELECT
    f.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    f.sort,
    f.series,
    max(f.value) FILTER (WHERE f.figure = 'largest_product_share') AS product_pct,
    max(f.value) FILTER (WHERE f.figure = 'top_10_borrowers_share') AS borrower_pct,
    max(f.value) FILTER (WHERE f.figure = 'largest_country_share') AS country_pct,
    max(f.value) FILTER (WHERE f.figure = 'fx_exposure') AS currency_pct
FROM figure AS f
INNER JOIN analytics.entity_day AS e ON f.legal_entity_id = e.legal_entity_id
GROUP BY f.legal_entity_id, e.legal_entity_name, e.functional_ccy, f.sort, f.series;
