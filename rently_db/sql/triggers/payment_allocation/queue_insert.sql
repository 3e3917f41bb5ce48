-- owner: platform
-- description: Notes in the queue the loan that is settled, and all that share the payment: what is left of it is cash of the first
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_insert AFTER INSERT ON public.payment_allocation
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_payment_allocation();
