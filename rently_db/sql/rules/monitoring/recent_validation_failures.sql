-- owner: platform
-- severity: fail
-- tags: alert
-- table: ops.data_validation_log
-- alert: high
-- above: 5
-- every: 5 minutes
-- description: Check of a rule that failed within the last hour; several mean that something writes what it should not
-- protects: against a deployment that corrupts data rule by rule
-- mend: SELECT * FROM ops.generate_validation_report(1), and look what was deployed before the first
-- ends: no more than five checks failed within the last hour: an hour after the last failure at the latest
-- urgency: within the hour: what corrupts data rule by rule may still be running
-- first: SELECT validation_name, failures, last_violations, first_failed_at, last_message FROM ops.generate_validation_report(1) WHERE
--     failures > 0
-- second: SELECT issue_category, issue_description, affected_records, recommended_action FROM ops.check_critical_data_issues()
-- third: rently-db status
-- call: whoever deployed last before first_failed_at; the owner of the rule, whom its page names
CREATE VIEW ops.rule_recent_validation_failures AS
SELECT
    l.id::text AS id,
    l.validation_name || ': ' || l.validation_message AS detail
FROM ops.data_validation_log AS l
WHERE l.validation_status = 'FAIL' AND l.validation_time >= now() - interval '1 hour';
