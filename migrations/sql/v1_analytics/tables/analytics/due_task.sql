-- owner: platform
-- tier: T3
-- grain: task that rently-db run-due repeats
-- key: name
-- refresh: live
-- description: What is due how often, and how it went the last time. rently-db run-due reads it before each round, and runs the statements with
--    its own rights: nobody else should write here
-- column name: Name of the task
-- column statement: Query that does it and gives one number
-- column every: Time from the beginning of one run to that of the next
-- column repeats: Whether it works in portions: the query is run again, each time in a transaction of its own, until it gives 0
-- column time_limit: How long one run of the query may take before it is stopped; NULL: as long as it takes
-- column is_active: Whether it is run at all
-- column last_run: Moment at which the last run began; NULL: never yet
-- column last_ok: Moment at which a run last came to its end; NULL: never yet
-- column last_result: Sum of the numbers that run gave
-- column last_error: Why the last run failed, or what it warned of; NULL: nothing
CREATE TABLE analytics.due_task (
    name text NOT NULL CONSTRAINT pk_due_task PRIMARY KEY,
    statement text NOT NULL,
    every interval NOT NULL CONSTRAINT ck_due_task_every_positive CHECK (every > '0'),
    repeats boolean NOT NULL,
    time_limit interval CONSTRAINT ck_due_task_time_limit_positive CHECK (time_limit > '0'),
    is_active boolean NOT NULL DEFAULT true,
    last_run timestamptz,
    last_ok timestamptz,
    last_result bigint,
    last_error text
);
