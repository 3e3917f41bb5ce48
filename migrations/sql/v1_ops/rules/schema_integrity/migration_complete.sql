-- owner: platform
-- severity: fail
-- tags: selftest
-- table: ops.migration_step
-- description: No migration has stopped half way
-- protects: that the schema is one that somebody has tested
-- mend: run the same command again (rently-db status shows which)
CREATE VIEW ops.rule_migration_complete AS
SELECT
    s.revision || ' ' || s.step AS id,
    s.direction || ' since ' || s.started_at AS detail
FROM ops.migration_step AS s
WHERE s.state = 'running';
