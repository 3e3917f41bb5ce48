-- owner: compliance
-- tier: T3
-- grain: exemption of rows from a rule
-- key: id
-- refresh: live
-- description: Rows that may offend a rule for a while, with the reason and the day on which that ends; they are counted as exempt, not as violations
-- kept: yes
-- column id: Number of the exemption
-- column rule: Rule, as rule_catalogue names it
-- column row_id: The row by the id that the rule gives; NULL: every row
-- column reason: Why, in words
-- column ends_on: First day (UTC) on which it no longer holds
-- column granted_by: Who granted it
-- column granted_at: Moment when it was granted
CREATE TABLE ops.validation_exemption (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_validation_exemption PRIMARY KEY,
    rule text NOT NULL,
    row_id text,
    reason text NOT NULL CONSTRAINT ck_validation_exemption_reason CHECK (length(btrim(reason)) >= 10),
    ends_on date NOT NULL CONSTRAINT ck_validation_exemption_ends CHECK (ends_on < 'infinity'),
    granted_by text NOT NULL DEFAULT session_user,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX uq_validation_exemption_rule_row_id ON ops.validation_exemption (rule, coalesce(row_id, ''));
