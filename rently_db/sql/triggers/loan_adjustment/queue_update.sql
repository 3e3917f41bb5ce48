-- owner: platform
-- description: Notes in the queue the loan that is adjusted
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_update AFTER UPDATE ON public.loan_adjustment
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_loan_adjustment();
