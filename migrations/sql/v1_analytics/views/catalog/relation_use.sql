-- owner: platform
-- tier: T0
-- grain: view or materialized view of schema analytics x relation that it reads itself
-- key: relation, used
-- refresh: live
-- description: Which relations the views of schema analytics read themselves, as PostgreSQL's own dependencies tell
-- column relation: The view, as its oid
-- column used: Table, view or materialized view that its query names, as its oid
CREATE VIEW analytics.relation_use AS
SELECT DISTINCT
    c.oid AS relation,
    d.refobjid AS used
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_rewrite AS r ON c.oid = r.ev_class
INNER JOIN pg_catalog.pg_depend AS d
    ON
        d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND c.oid <> d.refobjid
WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('v', 'm');
