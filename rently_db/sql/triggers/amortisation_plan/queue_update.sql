-- owner: platform
-- description: Notes in the queue the loan that the plan schedules
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_update AFTER UPDATE ON public.amortisation_plan
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_amortisation_plan();
