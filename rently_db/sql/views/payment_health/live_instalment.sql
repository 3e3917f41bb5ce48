-- owner: finance
-- tier: T0
-- grain: instalment of the plan in force
-- key: line_id
-- refresh: live
-- description: What is paid and unpaid on every instalment of the plans in force, past and future, with loans that wait computed on the fly. Ask by loan_id
-- column line_id: Instalment
-- column loan_id: Loan
-- column paid_principal: Principal settled by payments, waivers, write-offs and transfers, less refunds
-- column paid_interest: Interest settled likewise
-- column paid_rc_fee: Rently Care fee settled likewise
-- column paid_penalty: Penalty settled likewise
-- column paid_other: Other amounts settled likewise
-- column unpaid_principal: Principal due and not settled, >= 0
-- column unpaid_interest: Interest due and not settled, >= 0
-- column unpaid_rc_fee: Rently Care fee due and not settled, >= 0
-- column unpaid_penalty: Penalty due and not settled, >= 0
-- column unpaid_other: Other amounts due and not settled, >= 0
-- column unpaid: Sum of what is unpaid
-- column is_settled: Whether unpaid is within the product's tolerance
-- column settled_on: First value date from which on it has been settled; NULL while unsettled, or where nothing was due or paid
-- column status: Status of the contract on the business date
-- column exited_on: Day on which a written-off or transferred loan left the book; NULL: it is on the book
CREATE VIEW analytics.live_instalment AS
SELECT
    i.line_id,
    i.loan_id,
    i.paid_principal,
    i.paid_interest,
    i.paid_rc_fee,
    i.paid_penalty,
    i.paid_other,
    i.unpaid_principal,
    i.unpaid_interest,
    i.unpaid_rc_fee,
    i.unpaid_penalty,
    i.unpaid_other,
    i.unpaid,
    i.is_settled,
    i.settled_on,
    s.status,
    s.exited_on
FROM analytics.loan_state AS s
INNER JOIN analytics.instalment_state AS i ON s.loan_id = i.loan_id AND i.in_force
-- As a list, which is read once: for NOT EXISTS the planner would reckon with looking each loan up.
WHERE s.loan_id NOT IN (SELECT w.loan_id FROM analytics.loan_waiting AS w)
UNION ALL
SELECT
    c.line_id,
    w.loan_id,
    c.paid_principal,
    c.paid_interest,
    c.paid_rc_fee,
    c.paid_penalty,
    c.paid_other,
    c.unpaid_principal,
    c.unpaid_interest,
    c.unpaid_rc_fee,
    c.unpaid_penalty,
    c.unpaid_other,
    c.unpaid,
    c.is_settled,
    c.settled_on,
    c.status,
    c.exited_on
FROM analytics.loan_waiting AS w
CROSS JOIN LATERAL analytics.instalments_now(w.loan_id) AS c
UNION ALL
-- Instalments that are not due yet and on which nothing was paid are not stored.
SELECT
    a.id AS line_id,
    s.loan_id,
    0 AS paid_principal,
    0 AS paid_interest,
    0 AS paid_rc_fee,
    0 AS paid_penalty,
    0 AS paid_other,
    a.amount_principal AS unpaid_principal,
    a.amount_interest AS unpaid_interest,
    a.amount_rc_fee AS unpaid_rc_fee,
    a.amount_penalty AS unpaid_penalty,
    a.amount_other AS unpaid_other,
    u.due AS unpaid,
    u.due <= greatest(r.tolerance_amount, round(r.tolerance_pct * u.due, 2)) AS is_settled,
    NULL AS settled_on,
    s.status,
    s.exited_on
FROM analytics.loan_state AS s
INNER JOIN public.product AS r ON s.product_id = r.id
INNER JOIN public.legal_entity AS e ON s.legal_entity_id = e.id
CROSS JOIN
    LATERAL (
        SELECT t.plan_id
        FROM analytics.plan_timeline AS t
        WHERE
            t.loan_id = s.loan_id
            AND t.begins_on <= analytics.business_date(e.time_zone)
            AND t.ends_on > analytics.business_date(e.time_zone)
    ) AS p
INNER JOIN public.amortisation_line AS a ON p.plan_id = a.plan_id
CROSS JOIN
    LATERAL (
        SELECT a.amount_principal + a.amount_interest + a.amount_rc_fee + a.amount_penalty + a.amount_other AS due
    ) AS u
WHERE
    s.loan_id NOT IN (SELECT w.loan_id FROM analytics.loan_waiting AS w)
    AND NOT EXISTS (
        SELECT FROM analytics.instalment_state AS i
        WHERE i.line_id = a.id
    );
