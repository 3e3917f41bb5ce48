-- owner: risk
-- tier: T3
-- grain: day for which snapshots were published
-- key: day
-- refresh: daily
-- kept: yes
-- description: The days for which loan_daily_snapshot is complete
-- column day: Day
-- column is_month_end: Whether it is the last of its month
-- column loans: Rows published
-- column published_at: Moment when it became complete
-- column source: nightly: from loan_state at the end of the day; as_of: computed later, as of that day
CREATE TABLE analytics.published_day (
    day date NOT NULL CONSTRAINT pk_published_day PRIMARY KEY,
    is_month_end boolean NOT NULL,
    loans bigint NOT NULL,
    published_at timestamptz NOT NULL,
    source text NOT NULL CONSTRAINT ck_published_day_source_check CHECK (source IN ('nightly', 'as_of'))
);
