-- What the migration itself remembers. Schema ops survives a downgrade: schema public is v0 again, and this is how v1's facts come back.
CREATE SCHEMA IF NOT EXISTS ops;
COMMENT ON SCHEMA ops IS 'Records of rently_db migrations: versions, steps, the journal of changed values';

CREATE TABLE IF NOT EXISTS ops.baseline (
    adopted boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ops.baseline IS 'One row: whether v0 was found (adopted) or created';

CREATE TABLE IF NOT EXISTS ops.migration_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    from_revision text,
    to_revision text,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
    error text,
    rows_touched bigint NOT NULL DEFAULT 0,
    retries integer NOT NULL DEFAULT 0,
    longest_lock_seconds numeric NOT NULL DEFAULT 0,
    client_host text,
    client_pid integer,
    backend_pid integer NOT NULL DEFAULT pg_backend_pid(),
    recorded_by text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON TABLE ops.migration_run IS
    'One row per alembic upgrade or downgrade that had something to do; one that was killed stays running, and its backend_pid is gone';

CREATE TABLE IF NOT EXISTS ops.migration_step (
    revision text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    step text NOT NULL,
    mode text NOT NULL,
    state text NOT NULL DEFAULT 'done' CHECK (state IN ('running', 'done', 'undone')),
    position uuid,
    rows_touched bigint NOT NULL DEFAULT 0,
    rows_expected bigint,
    tries integer NOT NULL DEFAULT 0,
    retries integer NOT NULL DEFAULT 0,
    seconds numeric NOT NULL DEFAULT 0,
    longest_lock_seconds numeric NOT NULL DEFAULT 0,
    waiting_for text,
    run_id bigint,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (revision, direction, step)
);
COMMENT ON TABLE ops.migration_step IS 'What was done on the way from one revision to the next; a killed run goes on from here';
COMMENT ON COLUMN ops.migration_step.state IS
    'running: begun and not ended; done; undone: a run in the other direction has begun since, so it says nothing any more';
COMMENT ON COLUMN ops.migration_step.position IS 'How far the batches of the step got: the last id, or the next page as a number';
COMMENT ON COLUMN ops.migration_step.waiting_for IS 'Who keeps the step waiting at the moment: process, application, how long, and its statement';
COMMENT ON COLUMN ops.migration_step.longest_lock_seconds IS 'The longest one of its transactions held a lock that others wait for, its own waiting included';

CREATE TABLE IF NOT EXISTS ops.worklist (
    step text NOT NULL,
    row_id uuid NOT NULL,
    PRIMARY KEY (step, row_id)
);
COMMENT ON TABLE ops.worklist IS 'The rows that a step has found and not treated yet; empty when nothing is under way';

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
    kind text NOT NULL CHECK (kind IN ('repair', 'removed', 'quarantined', 'mapped', 'kept')),
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
    'repair: a declared repair; removed: a duplicate taken out; quarantined: a row set aside on request; mapped: a value v0 does not know; kept: what v1 alone knew of a v0 row';
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

CREATE TABLE IF NOT EXISTS ops.account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    closed_at timestamptz,
    rows_before bigint NOT NULL,
    digest_before numeric NOT NULL,
    money_before jsonb NOT NULL,
    journal_mark bigint NOT NULL,
    rows_after bigint,
    digest_after numeric,
    money_after jsonb,
    applications_in bigint NOT NULL DEFAULT 0,
    applications_out bigint NOT NULL DEFAULT 0,
    applications_changed bigint NOT NULL DEFAULT 0,
    applications_digest numeric NOT NULL DEFAULT 0,
    applications_money jsonb NOT NULL DEFAULT '{}',
    migration_in bigint NOT NULL DEFAULT 0,
    migration_out bigint NOT NULL DEFAULT 0,
    migration_changed bigint NOT NULL DEFAULT 0,
    migration_digest numeric NOT NULL DEFAULT 0,
    migration_money jsonb NOT NULL DEFAULT '{}',
    fates jsonb NOT NULL DEFAULT '{}',
    gaps jsonb NOT NULL DEFAULT '[]',
    rows_close boolean,
    money_closes boolean,
    content_closes boolean,
    journal_closes boolean,
    closes boolean GENERATED ALWAYS AS (rows_close AND money_closes AND content_closes AND journal_closes) STORED
);
CREATE UNIQUE INDEX IF NOT EXISTS account_open ON ops.account (table_name) WHERE closed_at IS NULL;
COMMENT ON TABLE ops.account IS
    'Per table of v0 and way: what it held before and after, what applications and the migration did meanwhile, and whether that adds up';
COMMENT ON COLUMN ops.account.money_before IS 'Sums by column and currency as stored, without those that are zero: {"amount SGD": 12.50}';
COMMENT ON COLUMN ops.account.digest_before IS 'Sum of the digests of all rows over the columns of v0';
COMMENT ON COLUMN ops.account.journal_mark IS 'The last entry of ops.row_journal when the account was opened';
COMMENT ON COLUMN ops.account.migration_changed IS 'Changes of a row''s v0 values, one a statement';
COMMENT ON COLUMN ops.account.fates IS
    'Rows by what the journal says of them since: repaired, repaired_as_written, removed, quarantined, mapped, kept, given_back, put_back, restored, reported';
COMMENT ON COLUMN ops.account.gaps IS 'Rows in which the migration''s writes and the journal disagree';

CREATE TABLE IF NOT EXISTS ops.tally (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('application', 'migration')),
    rows_in bigint NOT NULL DEFAULT 0,
    rows_out bigint NOT NULL DEFAULT 0,
    rows_changed bigint NOT NULL DEFAULT 0,
    currency text,
    digest_delta numeric NOT NULL,
    money_delta numeric[] NOT NULL,
    ids_in uuid[],
    ids_out uuid[],
    ids_changed uuid[]
);
COMMENT ON TABLE ops.tally IS
    'While an account is open: what each statement did to a table of v0, per currency, over v0''s columns; the ids if the migration wrote';
COMMENT ON COLUMN ops.tally.money_delta IS 'Per column of money, in the order of the columns';

CREATE TABLE IF NOT EXISTS ops.quarantine_request (
    table_name text NOT NULL,
    row_id uuid NOT NULL,
    rule text NOT NULL,
    content jsonb NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (table_name, row_id, rule)
);
COMMENT ON TABLE ops.quarantine_request IS
    'Rows that break a rule and that the operator wants set aside; the upgrade takes out those still as they were, and empties this table';
COMMENT ON COLUMN ops.quarantine_request.content IS 'What v0''s columns held when the row was chosen';
