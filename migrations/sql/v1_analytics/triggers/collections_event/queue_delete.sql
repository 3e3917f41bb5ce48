-- owner: platform
-- description: Notes in the queue the loan that is written off
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.collections_event
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_collections_event();
