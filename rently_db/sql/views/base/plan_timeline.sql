-- owner: platform
-- tier: T0
-- grain: plan that is or was the source of obligations
-- key: plan_id
-- refresh: live
-- description: When each plan is the source of what is owed; cancelled plans, and superseded ones newer than the active plan or without end, are not listed
-- column plan_id: Plan
-- column loan_id: Loan that the plan schedules
-- column version: Number of the plan within its loan
-- column is_active: Whether the plan has status active
-- column begins_on: First day on which the plan holds
-- column ends_on: First day on which it no longer holds, by its own end or because the active or a later plan begins; infinity for an open one
-- column cash_from: First value date whose cash without plan and line belongs to the plan; -infinity for the loan's first plan
-- column cash_until: First value date whose cash no longer does
CREATE VIEW analytics.plan_timeline AS
WITH known AS (
    SELECT
        p.id AS plan_id,
        p.loan_id,
        p.version,
        p.status = 'active' AS is_active,
        p.effective_from AS begins_on,
        p.effective_through,
        max(p.version) FILTER (WHERE p.status = 'active') OVER (PARTITION BY p.loan_id) AS active_version
    FROM public.amortisation_plan AS p
    WHERE p.status IN ('active', 'superseded')
),

candidate AS (
    SELECT
        k.plan_id,
        k.loan_id,
        k.version,
        k.is_active,
        k.begins_on,
        coalesce(
            k.effective_through,
            CASE WHEN k.is_active THEN 'infinity' ELSE lead(k.begins_on) OVER (PARTITION BY k.loan_id ORDER BY k.begins_on, k.version) END
        ) AS ends_on
    FROM known AS k
    WHERE k.is_active OR k.active_version IS NULL OR k.version < k.active_version
)

SELECT
    c.plan_id,
    c.loan_id,
    c.version,
    c.is_active,
    c.begins_on,
    least(
        c.ends_on,
        min(c.begins_on) OVER (
            PARTITION BY c.loan_id ORDER BY c.is_active DESC, c.version DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ) AS ends_on,
    CASE
        WHEN row_number() OVER (PARTITION BY c.loan_id ORDER BY c.begins_on, c.version) = 1 THEN '-infinity'
        ELSE c.begins_on
    END AS cash_from,
    coalesce(lead(c.begins_on) OVER (PARTITION BY c.loan_id ORDER BY c.begins_on, c.version), 'infinity') AS cash_until
FROM candidate AS c
WHERE c.ends_on IS NOT NULL;
