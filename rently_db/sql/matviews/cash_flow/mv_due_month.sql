-- owner: finance
-- tier: T2
-- grain: month x loan with instalments due in it
-- key: month_start, loan_id
-- refresh: quarter_hour
-- description: What fell due in each month until today by the plan in force on the due date, while the loan was on the book
-- column month_start: First day of the month of the due date
-- column loan_id: Loan
-- column due: Amount due, all components, of instalments with a due date up to the business date and before the loan left the book
-- column due_principal: Principal among it
CREATE MATERIALIZED VIEW analytics.mv_due_month AS
SELECT
    date_trunc('month', o.due_date)::date AS month_start,
    o.loan_id,
    sum(o.due) AS due,
    sum(o.due_principal) AS due_principal
FROM analytics.owed_line AS o
INNER JOIN analytics.loan_state AS s ON o.loan_id = s.loan_id AND o.due_date < coalesce(s.exited_on, 'infinity')
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id AND o.due_date <= e.business_date
GROUP BY date_trunc('month', o.due_date), o.loan_id;
CREATE UNIQUE INDEX ix_mv_due_month_key ON analytics.mv_due_month (month_start, loan_id);
