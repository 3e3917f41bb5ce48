-- owner: finance
-- severity: warning
-- tags: validation
-- table: amortisation_plan
-- description: Active plan of a loan on the book whose principal is not what was outstanding at its start: the principal of the contract, or after a re-plan the balance of the day before
-- protects: that the instalments together pay the loan, no more and no less
-- mend: supersede the plan by one that schedules what is outstanding
-- exempt: yes: of plans from before v1 whose rounding the contract settles otherwise; name the plans
CREATE VIEW ops.rule_amortization_balance AS
WITH plan AS (
    SELECT
        p.id,
        p.loan_id,
        p.effective_from,
        l.principal_amount,
        l.currency_code,
        exists(
            SELECT FROM public.amortisation_plan AS o
            WHERE o.loan_id = p.loan_id AND o.status = 'superseded' AND o.version < p.version
        ) AS is_replan
    FROM public.amortisation_plan AS p
    INNER JOIN public.loan AS l ON p.loan_id = l.id
    WHERE p.status = 'active' AND l.status = 'active'
),

scheduled AS (
    SELECT
        i.plan_id,
        sum(i.amount_principal) AS principal
    FROM public.amortisation_line AS i
    GROUP BY i.plan_id
),

opening AS (
    SELECT
        p.id AS plan_id,
        coalesce(sum(m.amount), 0) AS balance
    FROM plan AS p
    LEFT JOIN analytics.principal_movement AS m
        ON p.loan_id = m.loan_id AND p.effective_from > m.value_date AND p.effective_from <= m.counts_until
    WHERE p.is_replan
    GROUP BY p.id
)

SELECT
    p.id::text AS id,
    format('schedules %s of %s %s', s.principal, e.expected, p.currency_code) AS detail
FROM plan AS p
INNER JOIN scheduled AS s ON p.id = s.plan_id
LEFT JOIN opening AS b ON p.id = b.plan_id
CROSS JOIN LATERAL (SELECT CASE WHEN p.is_replan THEN b.balance ELSE p.principal_amount END AS expected) AS e
WHERE abs(s.principal - e.expected) > 1;
