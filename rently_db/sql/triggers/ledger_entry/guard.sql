-- owner: finance
-- description: Keeps the ledger append-only
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON public.ledger_entry
FOR EACH ROW EXECUTE FUNCTION ops.guard_ledger_entry();
