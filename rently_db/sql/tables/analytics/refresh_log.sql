-- owner: platform
-- tier: T3
-- grain: refresh of a materialized view
-- key: id
-- refresh: live
-- description: Every refresh that refresh_all_materialized_views tried, for as many days as setting refresh_log_days says
-- column id: Number of the attempt
-- column view_name: Materialized view
-- column started_at: Moment when its refresh began
-- column seconds: How long it took
-- column row_count: Rows afterwards; NULL: it failed
-- column was_concurrent: Whether readers could go on reading the old rows meanwhile; false only for a view that had none yet
-- column ok: Whether it worked
-- column error: Message of the error; NULL: none
CREATE TABLE analytics.refresh_log (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_refresh_log PRIMARY KEY,
    view_name text NOT NULL,
    started_at timestamptz NOT NULL,
    seconds numeric NOT NULL,
    row_count bigint,
    was_concurrent boolean NOT NULL,
    ok boolean NOT NULL,
    error text
);
CREATE INDEX ix_refresh_log_view_name ON analytics.refresh_log (view_name, started_at);
CREATE INDEX ix_refresh_log_started_at ON analytics.refresh_log (started_at);
