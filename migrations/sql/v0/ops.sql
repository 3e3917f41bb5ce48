-- What the migration itself remembers. Schema ops survives a downgrade: schema public is v0 again, and this is how v1's facts come back.
CREATE SCHEMA IF NOT EXISTS ops;
COMMENT ON SCHEMA ops IS 'Records of rently_db migrations: versions, steps, the journal of changed values';

CREATE TABLE IF NOT EXISTS ops.baseline (
    adopted boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ops.baseline IS 'One row: whether v0 was found (adopted) or created';

CREATE TABLE IF NOT EXISTS ops.migration_step (
    revision text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    step text NOT NULL,
    mode text NOT NULL,
    position uuid,
    rows_touched bigint NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (revision, direction, step)
);
COMMENT ON TABLE ops.migration_step IS 'What was done on the way from one revision to the next; a killed run goes on from here';

CREATE TABLE IF NOT EXISTS ops.v0_object (
    kind text NOT NULL CHECK (kind IN ('extension', 'column', 'foreign_key', 'key', 'comment')),
    table_name text NOT NULL,
    name text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (kind, table_name, name)
);
COMMENT ON TABLE ops.v0_object IS 'What v0 was like where v1 changes it, so that a downgrade gives back exactly that';

CREATE TABLE IF NOT EXISTS ops.row_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('repair', 'removed', 'mapped', 'kept')),
    rule text NOT NULL,
    table_name text NOT NULL,
    row_id uuid NOT NULL,
    column_name text,
    old_value jsonb,
    new_value jsonb,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'given_back', 'restored', 'reported')),
    origin text NOT NULL DEFAULT 'write',
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT session_user,
    closed_at timestamptz
);
CREATE INDEX IF NOT EXISTS row_journal_open ON ops.row_journal (table_name, kind, row_id, id) WHERE state = 'open';
COMMENT ON TABLE ops.row_journal IS 'Every value the migration changed, mapped, set aside or removed: old and new as jsonb objects by column name';
COMMENT ON COLUMN ops.row_journal.kind IS
    'repair: a declared repair; removed: a duplicate taken out; mapped: a value v0 does not know; kept: what v1 alone knew of a v0 row';
COMMENT ON COLUMN ops.row_journal.state IS
    'open; given_back: the downgrade put the old value back; restored: the upgrade brought v1''s value again; reported: overtaken by a newer value';

CREATE TABLE IF NOT EXISTS ops.value_mapping (
    table_name text NOT NULL,
    column_name text NOT NULL,
    from_value text NOT NULL,
    to_value text NOT NULL,
    PRIMARY KEY (table_name, column_name, from_value)
);
COMMENT ON TABLE ops.value_mapping IS 'What the operator said an unknown spelling, or a product code, means';
