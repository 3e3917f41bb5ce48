-- owner: risk
-- tier: T3
-- grain: legal entity x cohort quarter x months on book
-- key: legal_entity_id, cohort, mob
-- refresh: daily
-- description: Which part of the loans of a quarter had ever been 30 or 90 days past due after so many months, over all products: the eight youngest quarters that are
--     over. Only months on book that every month of the quarter with a loan has reached in a published month-end
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Its functional currency, ISO 4217
-- column cohort: Quarter of the first completed disbursement: 2025 Q1
-- column quarters_ago: 0 is the youngest
-- column mob: Months on book, of each month of the quarter by itself
-- column loans: Loans of the cohort
-- column ever30: Those that had been over 30 days past due
-- column ever90: Those that had been over 90 days past due
-- column ever30_pct: ever30 / loans in percent, rounded to 2 places
-- column ever90_pct: ever90 / loans likewise
CREATE VIEW analytics.dash_vintage AS
WITH newest AS (
    SELECT max(d.day) AS day FROM analytics.published_day AS d
    WHERE d.is_month_end
),

curve AS (
    SELECT
        v.legal_entity_id,
        date_trunc('quarter', v.cohort_month::timestamp)::date AS quarter,
        v.mob,
        count(*) AS months,
        sum(v.originated_n) AS loans,
        sum(v.ever30) AS ever30,
        sum(v.ever90) AS ever90
    FROM analytics.mv_dash_vintage AS v
    GROUP BY v.legal_entity_id, date_trunc('quarter', v.cohort_month::timestamp)::date, v.mob
),

size AS (
    SELECT
        v.legal_entity_id,
        date_trunc('quarter', v.cohort_month::timestamp)::date AS quarter,
        count(DISTINCT v.cohort_month) AS months
    FROM analytics.mv_dash_vintage AS v
    GROUP BY v.legal_entity_id, date_trunc('quarter', v.cohort_month::timestamp)::date
),

placed AS (
    SELECT
        c.legal_entity_id,
        c.quarter,
        c.mob,
        c.loans,
        c.ever30,
        c.ever90,
        (
            4 * (extract(YEAR FROM n.day + 1) - extract(YEAR FROM c.quarter))
            + extract(QUARTER FROM n.day + 1) - extract(QUARTER FROM c.quarter)
        )::integer - 1 AS quarters_ago
    FROM curve AS c
    INNER JOIN size AS z ON c.legal_entity_id = z.legal_entity_id AND c.quarter = z.quarter AND c.months = z.months
    CROSS JOIN newest AS n
)

SELECT
    p.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    extract(YEAR FROM p.quarter) || ' Q' || extract(QUARTER FROM p.quarter) AS cohort,
    p.quarters_ago,
    p.mob,
    p.loans::bigint AS loans,
    p.ever30::bigint AS ever30,
    p.ever90::bigint AS ever90,
    analytics.percentage(p.ever30, p.loans) AS ever30_pct,
    analytics.percentage(p.ever90, p.loans) AS ever90_pct
FROM placed AS p
INNER JOIN analytics.entity_day AS e ON p.legal_entity_id = e.legal_entity_id
WHERE p.quarters_ago BETWEEN 0 AND 7;
