-- owner: platform
-- tier: T3
-- grain: alert rule
-- key: rule_name
-- refresh: live
-- description: What the monitoring asks; alert_state says how that went. A row of your own is a question of your own: a query that gives a column id and
--     a column detail, run by a role that can only read
-- kept: yes
-- column id: Number of the rule, for the audit
-- column rule_name: Name of the rule
-- column description: What it is about
-- column severity: How urgent an incident is: critical, high, medium, low
-- column query: Query that gives a row with columns id and detail for each thing that is wrong; names need their schema
-- column above: How many rows are no incident yet, >= 0
-- column every: How often it is asked
-- column is_active: Whether it is asked at all
-- column is_standard: Whether it came with a release: initialize_monitoring_system() brings its query up to date
-- column created_by: Who added it
-- column created_at: Moment when it was added
CREATE TABLE ops.alert_rules (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_alert_rules_id UNIQUE,
    rule_name text NOT NULL CONSTRAINT pk_alert_rules PRIMARY KEY,
    description text NOT NULL,
    severity text NOT NULL CONSTRAINT ck_alert_rules_severity CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    query text NOT NULL,
    above bigint NOT NULL DEFAULT 0 CONSTRAINT ck_alert_rules_above_non_negative CHECK (above >= 0),
    every interval NOT NULL DEFAULT '1 minute' CONSTRAINT ck_alert_rules_every_positive CHECK (every > '0'),
    is_active boolean NOT NULL DEFAULT true,
    is_standard boolean NOT NULL DEFAULT false,
    created_by text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
