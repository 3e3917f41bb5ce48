-- owner: platform
-- tier: T3
-- grain: incident
-- key: id
-- refresh: live
-- description: Every incident: raised once when a rule finds too much, resolved when it no longer does; written by evaluate_alert_rule alone, but for who
--     has taken it up
-- kept: yes
-- column id: Number of the incident
-- column rule_name: Alert rule
-- column severity: How urgent it was when it was raised
-- column cause: condition: the rule found too much; error: the rule itself failed three times in a row
-- column message: What was found
-- column details: ids: up to 20 of the rows that the rule gave when it was raised, with what was found in each
-- column found: Rows that the rule gave when it was raised
-- column last_found: Rows that it gave the last time it was asked during the incident
-- column raised_at: Moment when it was raised
-- column resolved_at: Moment when the condition was found to have ended; NULL: it is open
-- column acknowledged_at: Moment when somebody took it up; NULL: nobody has
-- column acknowledged_by: Who did
CREATE TABLE ops.alert_history (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_alert_history PRIMARY KEY,
    rule_name text NOT NULL,
    severity text NOT NULL,
    cause text NOT NULL DEFAULT 'condition' CONSTRAINT ck_alert_history_cause CHECK (cause IN ('condition', 'error')),
    message text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    found bigint,
    last_found bigint,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text
);
CREATE UNIQUE INDEX one_open_incident ON ops.alert_history (rule_name, cause) WHERE resolved_at IS NULL;
CREATE INDEX ix_alert_history_raised_at ON ops.alert_history (raised_at);
