-- owner: compliance
-- description: Writes an entry of the audit for each row, as it decides what is allowed or shown
-- generated: python -m rently_db.sql.audit_triggers
CREATE TRIGGER audit_delete AFTER DELETE ON public.product_limit
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION ops.audit_rows();
