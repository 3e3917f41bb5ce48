-- owner: platform
-- description: Notes in the queue the loan that is judged
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_insert AFTER INSERT ON public.loan_flag
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_loan_flag();
