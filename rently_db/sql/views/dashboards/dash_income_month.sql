-- owner: finance
-- tier: T3
-- grain: month x legal entity x product x part of the result
-- key: month_start, legal_entity_id, product_code, part
-- refresh: daily
-- description: Income and losses of each product, month by month, in the functional currency at the rate of the month's last day: v_product_profitability with
--     its currencies brought together and its columns below each other, so that the parts add up to the net result
-- column month_start: First day of the month
-- column months_ago: Months before the month of the business date: 0 is the running one
-- column legal_entity_id: Company
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of amount, ISO 4217
-- column product_code: Product; (none): the entry names no loan
-- column product_name: Its name; Other for (none)
-- column part: Interest, Fees, Other income, Provisions or Losses
-- column part_sort: Its place in that order
-- column is_income: Whether the part is income
-- column amount: Income as it is, provisions and losses with a minus sign, rounded to 2 places; NULL: the rate of a currency in which it is not 0 is missing
CREATE VIEW analytics.dash_income_month AS
WITH result AS (
    SELECT
        r.month_start,
        r.legal_entity_id,
        r.legal_entity_name,
        e.functional_ccy,
        e.business_date,
        r.product_code,
        coalesce(r.product_name, 'Other') AS product_name,
        r.currency_code,
        least((r.month_start + interval '1 month')::date - 1, e.business_date) AS rate_day,
        r.interest_income,
        r.fee_income,
        r.other_income,
        r.provision_charge,
        r.loss
    FROM analytics.v_product_profitability AS r
    INNER JOIN analytics.entity_day AS e ON r.legal_entity_id = e.legal_entity_id
    WHERE r.month_start <= e.business_date
),

-- Few: a rate for each month and currency, not for each product.
rate AS (
    SELECT
        d.rate_day,
        d.currency_code,
        d.functional_ccy,
        f.rate
    FROM (SELECT DISTINCT
        r.rate_day,
        r.currency_code,
        r.functional_ccy
    FROM result AS r) AS d
    CROSS JOIN LATERAL analytics.fx_rate(d.currency_code, d.functional_ccy, d.rate_day) AS f
)

SELECT
    r.month_start,
    (
        (extract(YEAR FROM r.business_date) - extract(YEAR FROM r.month_start)) * 12
        + extract(MONTH FROM r.business_date) - extract(MONTH FROM r.month_start)
    )::integer AS months_ago,
    r.legal_entity_id,
    r.legal_entity_name,
    r.functional_ccy,
    r.product_code,
    r.product_name,
    v.part,
    v.part_sort,
    v.part_sort <= 3 AS is_income,
    CASE
        WHEN count(*) FILTER (WHERE v.amount <> 0 AND f.rate IS NULL) = 0 THEN round(coalesce(sum(v.amount * f.rate), 0), 2)
    END AS amount
FROM result AS r
INNER JOIN rate AS f ON r.rate_day = f.rate_day AND r.currency_code = f.currency_code AND r.functional_ccy = f.functional_ccy
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'Interest', r.interest_income),
        (2, 'Fees', r.fee_income),
        (3, 'Other income', r.other_income),
        (4, 'Provisions', -r.provision_charge),
        (5, 'Losses', -r.loss)
    ) AS v (part_sort, part, amount)
GROUP BY
    r.month_start, r.business_date, r.legal_entity_id, r.legal_entity_name, r.functional_ccy, r.product_code, r.product_name, v.part,
    v.part_sort;
