-- owner: platform
-- tier: T3
-- grain: right that apply_access changed
-- key: id
-- refresh: live
-- description: Rights that were not there before apply_access() gave them, or were there before it took them away: what withdraw_access() turns back.
--     Rights that somebody had granted already are not listed, and stay
-- column id: Number of the change
-- column role_name: Role whose statements made it
-- column was_given: Whether the right was given; false: it was taken away
-- column kind: What the right is on: schema, table, column, function, or default for what comes later
-- column object: Its name, quoted; of a default the schema
-- column column_name: Column, quoted; NULL: the whole
-- column grantee: Who holds it, quoted; PUBLIC
-- column privilege: The right, e.g. SELECT
-- column changed_at: Moment of the change
CREATE TABLE ops.access_change (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_access_change PRIMARY KEY,
    role_name text NOT NULL,
    was_given boolean NOT NULL,
    kind text NOT NULL,
    object text NOT NULL,
    column_name text,
    grantee text NOT NULL,
    privilege text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
