-- owner: platform
-- description: Notes in the queue the loan, and its parent: it began to be transferred when the loan began
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.loan
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_loan();
