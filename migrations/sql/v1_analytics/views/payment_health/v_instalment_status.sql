-- owner: finance
-- tier: T0
-- grain: instalment of the plan in force
-- key: line_id
-- refresh: live
-- description: What is due, paid and unpaid on each instalment that a loan's plan in force schedules, past and future; exact when read. Ask by loan_id
-- column line_id: Instalment
-- column loan_id: Loan
-- column plan_id: Plan in force
-- column seq_no: Position in the plan
-- column due_date: Last day on which paying is on time
-- column currency_code: Currency of all amounts, ISO 4217
-- column due_principal: Principal due
-- column due_interest: Interest due
-- column due_rc_fee: Rently Care fee due
-- column due_penalty: Penalty due
-- column due_other: Other amounts due
-- column due: Sum of what is due
-- column paid_principal: Principal settled by payments, waivers, write-offs and transfers, less refunds
-- column paid_interest: Interest settled likewise
-- column paid_rc_fee: Rently Care fee settled likewise
-- column paid_penalty: Penalty settled likewise
-- column paid_other: Other amounts settled likewise
-- column paid: Sum of what is settled; more than due where a component was overpaid
-- column unpaid_principal: Principal due and not settled, >= 0
-- column unpaid_interest: Interest due and not settled, >= 0
-- column unpaid_rc_fee: Rently Care fee due and not settled, >= 0
-- column unpaid_penalty: Penalty due and not settled, >= 0
-- column unpaid_other: Other amounts due and not settled, >= 0
-- column unpaid: Sum of what is unpaid
-- column is_settled: Whether unpaid is within the product's tolerance
-- column settled_on: First value date from which on it has been settled; NULL while unsettled, or where nothing was due or paid
-- column is_overdue: Whether it is unsettled, was due before the business date, and its loan has not left the book
-- column days_late: Days since the due date if overdue, else 0
-- column status: settled, overdue, due_today, upcoming; of an unsettled one of a loan that left the book: written_off, transferred
-- column business_date: Business date of the company, for which the figures hold
CREATE VIEW analytics.v_instalment_status AS
SELECT
    c.line_id,
    c.loan_id,
    a.plan_id,
    a.seq_no,
    a.due_date,
    a.currency_code,
    a.amount_principal AS due_principal,
    a.amount_interest AS due_interest,
    a.amount_rc_fee AS due_rc_fee,
    a.amount_penalty AS due_penalty,
    a.amount_other AS due_other,
    a.amount_principal + a.amount_interest + a.amount_rc_fee + a.amount_penalty + a.amount_other AS due,
    c.paid_principal,
    c.paid_interest,
    c.paid_rc_fee,
    c.paid_penalty,
    c.paid_other,
    c.paid_principal + c.paid_interest + c.paid_rc_fee + c.paid_penalty + c.paid_other AS paid,
    c.unpaid_principal,
    c.unpaid_interest,
    c.unpaid_rc_fee,
    c.unpaid_penalty,
    c.unpaid_other,
    c.unpaid,
    c.is_settled,
    c.settled_on,
    d.days_late > 0 AS is_overdue,
    d.days_late,
    CASE
        WHEN c.is_settled THEN 'settled'
        WHEN c.exited_on IS NOT NULL THEN c.status
        WHEN d.days_late > 0 THEN 'overdue'
        WHEN a.due_date = b.business_date THEN 'due_today'
        ELSE 'upcoming'
    END AS status,
    b.business_date
FROM analytics.live_instalment AS c
INNER JOIN public.amortisation_line AS a ON c.line_id = a.id
INNER JOIN public.loan AS l ON c.loan_id = l.id
INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id
CROSS JOIN LATERAL (SELECT analytics.business_date(e.time_zone) AS business_date) AS b
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.is_settled OR c.exited_on IS NOT NULL THEN 0 ELSE greatest(b.business_date - a.due_date, 0) END AS days_late
) AS d;
