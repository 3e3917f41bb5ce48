-- owner: risk
-- tier: T3
-- grain: loan whose first instalment fell due
-- key: loan_id
-- refresh: daily
-- description: How the first instalment of each loan was paid: the first (due_date, seq_no) of the instalments whose plan was in force on the due date
-- column loan_id: Loan
-- column line_id: Its first instalment, with an amount due above 0
-- column due_date: Its due date, before the loan left the book
-- column settled_on: Day from which on it is settled; NULL: it is not
CREATE MATERIALIZED VIEW analytics.mv_first_instalment AS
SELECT DISTINCT ON (i.loan_id)
    i.loan_id,
    i.line_id,
    i.due_date,
    i.settled_on
FROM analytics.instalment_state AS i
INNER JOIN analytics.loan_state AS s ON i.loan_id = s.loan_id AND i.due_date < coalesce(s.exited_on, 'infinity')
INNER JOIN analytics.entity_day AS e ON s.legal_entity_id = e.legal_entity_id AND i.due_date <= e.business_date
WHERE i.due > 0 AND i.due_date >= i.owed_from AND i.due_date < i.owed_until
ORDER BY i.loan_id, i.due_date, i.seq_no, i.line_id;
CREATE UNIQUE INDEX ix_mv_first_instalment_key ON analytics.mv_first_instalment (loan_id);
