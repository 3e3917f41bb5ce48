-- owner: product
-- tier: T2
-- grain: legal entity with an application
-- key: legal_entity_id
-- refresh: quarter_hour
-- description: How many of all applications got how far (dash_journey). Materialized: every application with its decision and its loans takes longer than a dashboard
--     should wait
-- column legal_entity_id: Company that the applications went to
-- column applied: Applications, recorded up to the business date or before v1
-- column approved: Of them, those whose latest decision is approved
-- column paid_out: Of these, those with a loan that was disbursed
-- column half_repaid: Of these, those of which at least half of the principal paid out is paid back, or that are paid off
-- column paid_off: Of these, those of which every loan is closed and nothing was written off
CREATE MATERIALIZED VIEW analytics.mv_dash_journey AS
WITH application AS (
    SELECT
        a.id AS application_id,
        a.legal_entity_id,
        e.day_ends_at AT TIME ZONE 'UTC' AS day_ends_at
    FROM public.application AS a
    INNER JOIN analytics.entity_day AS e ON a.legal_entity_id = e.legal_entity_id
    WHERE a.created_at IS NULL OR a.created_at < e.day_ends_at AT TIME ZONE 'UTC'
),

decision AS (
    SELECT DISTINCT ON (d.application_id)
        d.application_id,
        d.outcome
    FROM public.decision AS d
    INNER JOIN application AS a ON d.application_id = a.application_id
    WHERE d.decided_at IS NULL OR d.decided_at < a.day_ends_at
    ORDER BY d.application_id ASC, d.decided_at DESC NULLS LAST, d.id DESC
),

loan AS (
    SELECT
        l.application_id,
        sum(s.disbursed_principal) AS disbursed,
        sum(s.principal_paid) AS paid,
        bool_and(s.status = 'closed' AND s.principal_written_off = 0) AS is_paid_off
    FROM public.loan AS l
    INNER JOIN analytics.loan_state AS s ON l.id = s.loan_id
    WHERE l.application_id IS NOT NULL AND s.disbursed_principal > 0
    GROUP BY l.application_id
)

SELECT
    a.legal_entity_id,
    count(*) AS applied,
    count(d.application_id) AS approved,
    count(l.application_id) FILTER (WHERE d.application_id IS NOT NULL) AS paid_out,
    count(*) FILTER (WHERE d.application_id IS NOT NULL AND (l.is_paid_off OR 2 * l.paid >= l.disbursed)) AS half_repaid,
    count(*) FILTER (WHERE d.application_id IS NOT NULL AND l.is_paid_off) AS paid_off
FROM application AS a
LEFT JOIN decision AS d ON a.application_id = d.application_id AND d.outcome = 'approved'
LEFT JOIN loan AS l ON a.application_id = l.application_id
GROUP BY a.legal_entity_id;
CREATE UNIQUE INDEX uq_mv_dash_journey ON analytics.mv_dash_journey (legal_entity_id);
