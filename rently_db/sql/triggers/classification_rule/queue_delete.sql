-- owner: platform
-- description: Notes in the queue the loans of the country's companies, if the class is one that is or was non-performing
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.classification_rule
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_classification_rule();
