-- owner: platform
-- tier: T3
-- grain: measurement of a metric
-- key: id
-- refresh: live
-- description: Figures of the health overview and of performance as record_metrics() found them; trends are read from here
-- kept: yes
-- column id: Number of the measurement
-- column measured_at: Moment of the measurement
-- column metric_category: Category, as get_system_health_overview names it; performance for those of get_performance_metrics
-- column metric_name: Metric
-- column value: Its value; NULL: it has none that is a number
-- column status: HEALTHY, WARNING or CRITICAL
CREATE TABLE ops.metric_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_metric_history PRIMARY KEY,
    measured_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    metric_category text NOT NULL,
    metric_name text NOT NULL,
    value numeric,
    status text NOT NULL
);
CREATE INDEX ix_metric_history_metric_name ON ops.metric_history (metric_category, metric_name, measured_at);
CREATE INDEX ix_metric_history_measured_at ON ops.metric_history (measured_at);
