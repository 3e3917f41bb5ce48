-- owner: platform
-- tier: T3
-- grain: setting of the monitoring
-- key: key
-- refresh: live
-- description: Thresholds and periods of the monitoring; initialize_monitoring_system() adds what is missing and changes nothing
-- kept: yes
-- column key: Name of the setting
-- column value: The value; its JSON type depends on the key
-- column description: What it decides, with its unit
-- column updated_at: Moment of the last change
CREATE TABLE ops.monitoring_config (
    key text NOT NULL CONSTRAINT pk_monitoring_config PRIMARY KEY,
    value jsonb NOT NULL,
    description text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
