-- owner: platform
-- description: Notes in the queue the loan that the instalment's plan schedules
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.amortisation_line
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_amortisation_line();
