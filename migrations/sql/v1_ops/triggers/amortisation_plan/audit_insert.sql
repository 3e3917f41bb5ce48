-- owner: compliance
-- description: Writes an entry of the audit for each row, as money follows from it
-- generated: python -m rently_db.sql.audit_triggers
CREATE TRIGGER audit_insert AFTER INSERT ON public.amortisation_plan
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION ops.audit_rows();
