-- owner: platform
-- tier: T3
-- grain: alert rule that was asked
-- key: rule_name
-- refresh: live
-- description: How each alert rule went the last time it was asked; written by evaluate_alert_rule alone
-- column rule_name: Name of the rule
-- column evaluated_at: Moment when it was asked
-- column seconds: How long that took
-- column found: Rows it gave; NULL: it failed
-- column error: Why it failed; NULL: it did not
-- column errors_in_a_row: How often it failed in a row
CREATE TABLE ops.alert_state (
    rule_name text NOT NULL CONSTRAINT pk_alert_state PRIMARY KEY,
    evaluated_at timestamptz NOT NULL,
    seconds numeric NOT NULL,
    found bigint,
    error text,
    errors_in_a_row integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
