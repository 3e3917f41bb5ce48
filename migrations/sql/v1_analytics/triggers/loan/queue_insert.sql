-- owner: platform
-- description: Notes in the queue the loan, and its parent: it began to be transferred when the loan began
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_insert AFTER INSERT ON public.loan
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_loan();
