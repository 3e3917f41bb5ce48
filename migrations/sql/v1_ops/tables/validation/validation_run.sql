-- owner: platform
-- tier: T3
-- grain: run of validations
-- key: id
-- refresh: live
-- description: Every run of run_all_validations, by hand or by schedule, with its totals; written by it alone
-- kept: yes
-- column id: Number of the run; data_validation_log names it with each check
-- column asked: What was asked for: a tag, one rule, or scheduled
-- column started_at: Moment when it began
-- column finished_at: Moment when its last check was done; NULL: it is under way, or was stopped
-- column requested_by: Who asked, as the session's user
-- column total_checks: Rules checked
-- column passed_checks: Rules that no row offends
-- column failed_checks: Rules of severity fail that rows offend, or that could not be evaluated
-- column warning_checks: Rules of severity warning that rows offend
-- column info_checks: Rules of severity info that have something to tell
CREATE TABLE ops.validation_run (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_validation_run PRIMARY KEY,
    asked text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    requested_by text NOT NULL DEFAULT session_user,
    total_checks bigint NOT NULL DEFAULT 0,
    passed_checks bigint NOT NULL DEFAULT 0,
    failed_checks bigint NOT NULL DEFAULT 0,
    warning_checks bigint NOT NULL DEFAULT 0,
    info_checks bigint NOT NULL DEFAULT 0
);
CREATE INDEX ix_validation_run_started_at ON ops.validation_run (started_at);
