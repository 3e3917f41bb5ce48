-- owner: finance
-- tier: T1
-- grain: legal entity x standard bucket
-- key: legal_entity_id, dpd_bucket
-- refresh: minute
-- description: v_arrears_ageing of each company in its functional currency at today's rate: arrears by the age of each instalment
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of arrears, ISO 4217
-- column dpd_bucket: Standard bucket of the days since the instalment's due date, without grace
-- column bucket_sort: Position of the bucket, from 0
-- column arrears: Unpaid amount of overdue instalments, all components, rounded to 2 places; NULL: a rate is missing
-- column arrears_pct: arrears / those of all buckets, in percent, rounded to 2 places; NULL: a rate is missing
-- column loans: Loans that they belong to: one may stand in several buckets
-- column instalments: Overdue instalments
CREATE VIEW analytics.dash_ageing AS
WITH part AS (
    SELECT
        a.legal_entity_id,
        a.legal_entity_name,
        a.currency_code,
        a.dpd_bucket,
        a.bucket_sort,
        sum(a.arrears) AS arrears,
        sum(a.loans)::bigint AS loans,
        sum(a.instalments)::bigint AS instalments
    FROM analytics.v_arrears_ageing AS a
    GROUP BY a.legal_entity_id, a.legal_entity_name, a.currency_code, a.dpd_bucket, a.bucket_sort
),

total AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        r.functional_ccy,
        p.dpd_bucket,
        p.bucket_sort,
        CASE WHEN count(*) = count(r.functional_rate) THEN sum(p.arrears * r.functional_rate) END AS arrears,
        sum(p.loans)::bigint AS loans,
        sum(p.instalments)::bigint AS instalments
    FROM part AS p
    INNER JOIN analytics.currency_rate AS r ON p.legal_entity_id = r.legal_entity_id AND p.currency_code = r.currency_code
    GROUP BY p.legal_entity_id, p.legal_entity_name, r.functional_ccy, p.dpd_bucket, p.bucket_sort
)

SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    t.dpd_bucket,
    t.bucket_sort,
    round(t.arrears, 2) AS arrears,
    analytics.percentage(t.arrears, CASE WHEN count(*) OVER w = count(t.arrears) OVER w THEN sum(t.arrears) OVER w END) AS arrears_pct,
    t.loans,
    t.instalments
FROM total AS t
WINDOW w AS (PARTITION BY t.legal_entity_id);
