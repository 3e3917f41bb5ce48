"""Without pg_stat_statements: what needs it says so, and the rest goes on."""

from __future__ import annotations

import pytest

from tests.analytics.live_book import Session


@pytest.mark.parametrize("created", [False, True])
def test_without_pg_stat_statements_each_call_says_so(live: Session, created: bool) -> None:
    """Not loaded, whether created or not: figures are UNKNOWN with the mend beside them, nothing errors, the rest is measured."""
    if live.value("SELECT current_setting('pg_stat_statements.max', true)"):
        pytest.skip("this server loads pg_stat_statements")
    if created:
        live.rows("CREATE EXTENSION pg_stat_statements")
    said = "pg_stat_statements is not loaded: add it to shared_preload_libraries, restart, then CREATE EXTENSION pg_stat_statements"
    figures = {name: rest for name, *rest in live.rows("SELECT * FROM ops.get_performance_metrics()")}
    assert figures["mean time of a statement"] == [None, "ms", "UNKNOWN", f"at most 100; {said}"]
    assert figures["cache hit ratio"][3] == "at least 95"
    assert live.rows("SELECT * FROM ops.rule_slow_queries_detected") == []
    assert live.value("SELECT ops.evaluate_alert_rule('slow_queries_detected')") == 0
    assert live.value("SELECT error FROM ops.alert_state WHERE rule_name = 'slow_queries_detected'") is None
    assert tuple(said.split(": ")) in live.rows(
        "SELECT replace(finding, ': slow views are not seen', ''), command FROM ops.optimize_analytics_performance()"
    )
    assert dict(live.rows("SELECT * FROM ops.initialize_monitoring_system()"))["slow statements"] == f"not watched: {said}"
    assert live.value("SELECT ops.record_metrics()") > 0


def test_an_owner_without_rights_to_settings_breaks_nothing(live: Session) -> None:
    """Who migrated may be nobody special: he may not read shared_preload_libraries, and need not."""
    live.rows("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    live.rows("CREATE ROLE rently_test_plain")
    live.rows("ALTER FUNCTION ops.slow_statements(numeric, bigint) OWNER TO rently_test_plain")
    assert live.value("SELECT count(*) >= 0 FROM ops.slow_statements(0, 0)") is True
