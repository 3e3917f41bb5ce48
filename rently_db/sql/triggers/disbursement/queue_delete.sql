-- owner: platform
-- description: Notes in the queue the loan that is paid out
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.disbursement
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_disbursement();
