-- owner: finance
-- description: Judges a journal at commit, on its entries, so that a late one-sided entry is seen too
CREATE CONSTRAINT TRIGGER check_journal AFTER INSERT ON public.ledger_entry
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.journal_id IS NOT NULL)
EXECUTE FUNCTION ops.check_journal();
