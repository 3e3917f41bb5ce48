-- owner: finance
-- tier: T2
-- grain: month x legal entity x product x currency
-- key: month_start, legal_entity_id, product_id, currency_code
-- refresh: quarter_hour
-- description: Sums of v_collection_efficiency, of all loans and of those that were performing when the month began
-- column month_start: First day of the month
-- column legal_entity_id: Company that lends
-- column product_id: Product
-- column currency_code: Currency of the amounts, ISO 4217
-- column due: Due in the month
-- column received: Received in the month
-- column paid_on_current_due: Received in the month on instalments due in it
-- column paid_on_arrears: Received in the month on instalments due before it
-- column prepaid: Received in the month on instalments due after it
-- column due_ex_npl: Due in the month from loans that were performing at the month-end before; NULL: that month-end is not published
-- column paid_ex_npl: paid_on_current_due of the same loans; NULL likewise
CREATE MATERIALIZED VIEW analytics.mv_collection_efficiency AS
WITH fact AS (
    SELECT
        d.month_start,
        d.loan_id,
        d.due,
        0 AS received,
        0 AS on_current,
        0 AS on_arrears,
        0 AS on_later
    FROM analytics.mv_due_month AS d
    UNION ALL
    SELECT
        r.month_start,
        r.loan_id,
        0 AS due,
        r.received,
        r.on_current,
        r.on_arrears,
        r.on_later
    FROM analytics.mv_receipt AS r
)

SELECT
    f.month_start,
    s.legal_entity_id,
    s.product_id,
    s.currency_code,
    sum(f.due) AS due,
    sum(f.received) AS received,
    sum(f.on_current) AS paid_on_current_due,
    sum(f.on_arrears) AS paid_on_arrears,
    sum(f.on_later) AS prepaid,
    CASE WHEN bool_and(p.day IS NOT NULL) THEN coalesce(sum(f.due) FILTER (WHERE n.loan_id IS NULL), 0) END AS due_ex_npl,
    CASE WHEN bool_and(p.day IS NOT NULL) THEN coalesce(sum(f.on_current) FILTER (WHERE n.loan_id IS NULL), 0) END AS paid_ex_npl
FROM fact AS f
INNER JOIN analytics.loan_state AS s ON f.loan_id = s.loan_id
LEFT JOIN analytics.published_day AS p ON p.day = f.month_start - 1 AND p.is_month_end
LEFT JOIN analytics.mv_month_end_default AS n ON n.day = f.month_start - 1 AND f.loan_id = n.loan_id
GROUP BY f.month_start, s.legal_entity_id, s.product_id, s.currency_code;
CREATE UNIQUE INDEX ix_mv_collection_efficiency_key
ON analytics.mv_collection_efficiency (month_start, legal_entity_id, product_id, currency_code);
