-- owner: finance
-- description: Keeps a journal with its legal entity
CREATE TRIGGER check_header AFTER UPDATE ON public.journal_entry
FOR EACH ROW WHEN (NEW.legal_entity_id IS DISTINCT FROM OLD.legal_entity_id)
EXECUTE FUNCTION ops.check_journal_header();
