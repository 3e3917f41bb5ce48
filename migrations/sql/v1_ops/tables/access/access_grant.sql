-- owner: platform
-- tier: T3
-- grain: statement that grants or revokes, of a role
-- key: role_name, position
-- refresh: live
-- description: What each role of ours may do, as statements; they come from the files in grants/, and apply_access() runs them
-- column role_name: Role
-- column position: Number of the statement within its role
-- column statement: GRANT, REVOKE or ALTER DEFAULT PRIVILEGES
CREATE TABLE ops.access_grant (
    role_name text NOT NULL,
    position integer NOT NULL,
    statement text NOT NULL,
    CONSTRAINT pk_access_grant PRIMARY KEY (role_name, position)
);
