-- owner: platform
-- description: Notes in the queue all loans, if it is a setting that their states depend on
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_delete AFTER DELETE ON public.analytics_setting
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_analytics_setting();
