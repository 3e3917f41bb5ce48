-- owner: finance
-- tier: T2
-- grain: instalment of the plan that is in force on its due date
-- key: line_id
-- refresh: live
-- description: What falls due when by contract, past and to come; for whole-book figures
-- column line_id: Instalment
-- column loan_id: Loan that owes it
-- column plan_id: Its plan
-- column due_date: Last day on which paying is on time
-- column due_principal: Principal due
-- column due_interest: Interest due
-- column due_rc_fee: Rently Care fee due
-- column due_penalty: Penalty due
-- column due_other: Other amounts due
-- column due: Their sum, in the loan's currency
CREATE VIEW analytics.owed_line AS
SELECT
    a.id AS line_id,
    t.loan_id,
    t.plan_id,
    a.due_date,
    a.amount_principal AS due_principal,
    a.amount_interest AS due_interest,
    a.amount_rc_fee AS due_rc_fee,
    a.amount_penalty AS due_penalty,
    a.amount_other AS due_other,
    a.amount_principal + a.amount_interest + a.amount_rc_fee + a.amount_penalty + a.amount_other AS due
FROM public.amortisation_line AS a
INNER JOIN analytics.plan_timeline AS t ON a.plan_id = t.plan_id AND a.due_date >= t.begins_on AND a.due_date < t.ends_on;
