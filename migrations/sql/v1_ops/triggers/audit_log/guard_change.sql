-- owner: compliance
-- description: Entries of the audit stay as they were written
CREATE TRIGGER guard_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ops.audit_log
FOR EACH STATEMENT EXECUTE FUNCTION ops.guard_audit();
