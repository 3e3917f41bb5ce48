-- owner: platform
-- tier: T3
-- grain: release
-- key: revision
-- refresh: live
-- description: The way back to v0 as a script for psql, printed when the release was frozen
-- column revision: Revision that the script begins at
-- column script: What alembic downgrade <revision>:v0 --sql prints
CREATE TABLE ops.rollback_script (
    revision text NOT NULL CONSTRAINT pk_rollback_script PRIMARY KEY,
    script text NOT NULL
);
