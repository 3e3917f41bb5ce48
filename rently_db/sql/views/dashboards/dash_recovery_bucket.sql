-- owner: collections
-- tier: T1
-- grain: legal entity x bucket of scheme collections_entry
-- key: legal_entity_id, dpd_bucket
-- refresh: daily
-- description: v_collections_resolution_analysis of each company: cases by the bucket that they entered within setting collections_history_months, and how
--     much of them was resolved, amounts in the functional currency at today's rate
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column dpd_bucket: Bucket entered: 1-30 DPD, 31-60 DPD, 61-90 DPD, 90+ DPD
-- column bucket_sort: Position of the bucket, from 0
-- column cases: Episodes that entered the bucket
-- column resolved: Those that ended by payment, re-plan or closing
-- column open: Those whose loan is still past due
-- column principal: Outstanding principal on the day on which the bucket was entered, rounded to 2 places; NULL: a rate is missing
-- column resolved_principal: That of resolved cases; NULL likewise
-- column resolved_pct: resolved / cases in percent, rounded to 2 places
-- column recovered_pct: resolved_principal / principal in percent, rounded to 2 places; NULL: nothing was outstanding, or a rate is missing
CREATE VIEW analytics.dash_recovery_bucket AS
WITH entry AS (
    SELECT
        s.legal_entity_id,
        s.currency_code,
        d.bucket,
        d.bucket_sort,
        count(*) AS cases,
        count(*) FILTER (WHERE d.is_cured) AS resolved,
        count(*) FILTER (WHERE d.ended_on IS NULL) AS open,
        sum(d.outstanding) AS principal,
        coalesce(sum(d.outstanding) FILTER (WHERE d.is_cured), 0) AS resolved_principal
    FROM analytics.mv_delinquency_entry AS d
    INNER JOIN analytics.loan_state AS s ON d.loan_id = s.loan_id
    GROUP BY s.legal_entity_id, s.currency_code, d.bucket, d.bucket_sort
),

entity AS (
    SELECT
        e.legal_entity_id,
        e.legal_entity_name,
        e.functional_ccy
    FROM analytics.entity_day AS e
),

total AS (
    SELECT
        n.legal_entity_id,
        n.bucket,
        n.bucket_sort,
        sum(n.cases)::bigint AS cases,
        sum(n.resolved)::bigint AS resolved,
        sum(n.open)::bigint AS open,
        CASE
            WHEN count(*) FILTER (WHERE n.principal <> 0 AND r.functional_rate IS NULL) = 0
                THEN coalesce(sum(n.principal * r.functional_rate), 0)
        END AS principal,
        CASE
            WHEN count(*) FILTER (WHERE n.principal <> 0 AND r.functional_rate IS NULL) = 0
                THEN coalesce(sum(n.resolved_principal * r.functional_rate), 0)
        END AS resolved_principal
    FROM entry AS n
    INNER JOIN analytics.currency_rate AS r ON n.legal_entity_id = r.legal_entity_id AND n.currency_code = r.currency_code
    GROUP BY n.legal_entity_id, n.bucket, n.bucket_sort
)

SELECT
    t.legal_entity_id,
    e.legal_entity_name,
    e.functional_ccy,
    t.bucket AS dpd_bucket,
    t.bucket_sort,
    t.cases,
    t.resolved,
    t.open,
    round(t.principal, 2) AS principal,
    round(t.resolved_principal, 2) AS resolved_principal,
    analytics.percentage(t.resolved, t.cases) AS resolved_pct,
    analytics.percentage(t.resolved_principal, t.principal) AS recovered_pct
FROM total AS t
INNER JOIN entity AS e ON t.legal_entity_id = e.legal_entity_id;
