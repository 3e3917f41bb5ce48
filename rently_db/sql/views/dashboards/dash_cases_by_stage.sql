-- owner: collections
-- tier: T1
-- grain: legal entity x collections stage x standard bucket
-- key: legal_entity_id, stage, dpd_bucket
-- refresh: minute
-- description: Cases: loans on the book (status active) with dpd > 0, as v_collections_worklist lists them, by the stage that is set for them and by their
--     days past due, amounts in the functional currency at today's rate
-- column legal_entity_id: Company that lends
-- column legal_entity_name: Its name
-- column functional_ccy: Currency of all amounts, ISO 4217
-- column stage: Open status of type collections_stage; current if none is open
-- column stage_label: Position and name of the stage, so that it sorts as text; 0 No stage set for current
-- column stage_sort: Position of the stage
-- column dpd_bucket: Standard bucket of dpd
-- column bucket_sort: Position of the bucket, from 0
-- column cases: Loans
-- column outstanding: Outstanding principal, rounded to 2 places; NULL: a rate is missing
-- column arrears: Unpaid amount of overdue instalments, rounded to 2 places; NULL likewise
CREATE VIEW analytics.dash_cases_by_stage AS
WITH position AS (
    SELECT
        p.loan_id,
        p.legal_entity_id,
        p.legal_entity_name,
        p.functional_ccy,
        p.currency_code,
        p.dpd_bucket,
        p.bucket_sort,
        p.outstanding_principal,
        p.arrears
    FROM analytics.loan_position AS p
    WHERE p.is_on_book AND p.overdue_since IS NOT NULL AND p.dpd > 0
),

stage AS (
    SELECT
        s.loan_id,
        s.status_value
    FROM analytics.current_loan_status AS s
    WHERE s.status_type = 'collections_stage'
),

part AS (
    SELECT
        p.legal_entity_id,
        p.legal_entity_name,
        p.functional_ccy,
        p.currency_code,
        coalesce(s.status_value, 'current') AS stage,
        p.dpd_bucket,
        p.bucket_sort,
        count(*) AS cases,
        sum(p.outstanding_principal) AS outstanding,
        sum(p.arrears) AS arrears
    FROM position AS p
    LEFT JOIN stage AS s ON p.loan_id = s.loan_id
    GROUP BY
        p.legal_entity_id, p.legal_entity_name, p.functional_ccy, p.currency_code, coalesce(s.status_value, 'current'), p.dpd_bucket,
        p.bucket_sort
),

total AS (
    SELECT
        n.legal_entity_id,
        n.legal_entity_name,
        n.functional_ccy,
        n.stage,
        n.dpd_bucket,
        n.bucket_sort,
        sum(n.cases)::bigint AS cases,
        CASE WHEN count(*) = count(r.functional_rate) THEN sum(n.outstanding * r.functional_rate) END AS outstanding,
        CASE WHEN count(*) = count(r.functional_rate) THEN sum(n.arrears * r.functional_rate) END AS arrears
    FROM part AS n
    INNER JOIN analytics.currency_rate AS r ON n.legal_entity_id = r.legal_entity_id AND n.currency_code = r.currency_code
    GROUP BY n.legal_entity_id, n.legal_entity_name, n.functional_ccy, n.stage, n.dpd_bucket, n.bucket_sort
)

SELECT
    t.legal_entity_id,
    t.legal_entity_name,
    t.functional_ccy,
    t.stage,
    CASE WHEN t.stage = 'current' THEN '0 No stage set' ELSE concat(v.sort, ' ', coalesce(v.label, t.stage)) END AS stage_label,
    coalesce(v.sort, 99)::integer AS stage_sort,
    t.dpd_bucket,
    t.bucket_sort,
    t.cases,
    round(t.outstanding, 2) AS outstanding,
    round(t.arrears, 2) AS arrears
FROM total AS t
LEFT JOIN public.status_value AS v ON t.stage = v.status_value AND v.status_type = 'collections_stage';
