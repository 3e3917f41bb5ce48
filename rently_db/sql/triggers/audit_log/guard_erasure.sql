-- owner: compliance
-- description: Of an entry of the audit only the contents may be erased
CREATE TRIGGER guard_erasure AFTER UPDATE ON ops.audit_log
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION ops.guard_erasure();
