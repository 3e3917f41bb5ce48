-- owner: platform
-- description: Notes in the queue every loan
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_truncate AFTER TRUNCATE ON public.collections_event
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_all_loans();
