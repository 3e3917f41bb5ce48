"""Render the files of the exporters: ``python -m rently_db.prometheus.render``. A test fails when they differ from the table of metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from rently_db.prometheus import FILES
from rently_db.prometheus.metrics import QUERIES, Query

_HEAD = """\
# {what}
# Run it as a member of role rently_monitor on a database at v1_ops or later: docs/how-to/prometheus.md.
# generated: python -m rently_db.prometheus.render
"""
SLOW_SECONDS = 300


def _indented(sql: str, by: int) -> Iterator[str]:
    for line in sql.strip().splitlines():
        yield f"{' ' * by}{line}" if line else ""


def postgres_exporter(queries: Iterable[Query]) -> str:
    """``queries.yaml``: a metric is called by query and column, labels are columns of usage LABEL."""
    lines = [_HEAD.format(what="Queries for prometheus-community/postgres_exporter: --extend.query-path=queries.yaml")]
    for query in queries:
        lines += [f"{query.name}:", *([f"  cache_seconds: {SLOW_SECONDS}"] if query.slow else ()), "  query: |", *_indented(query.sql, 4)]
        lines.append("  metrics:")
        columns = [(name, "LABEL", text) for name, text in query.labels.items()]
        columns += [(name, value.kind.upper(), value.help) for name, value in query.values.items()]
        for name, usage, text in columns:
            lines += [f"    - {name}:", f"        usage: {usage}", f"        description: {json.dumps(text)}"]
        lines.append("")
    return "\n".join(lines)


def collector(name: str, queries: Iterable[Query], *, seconds: int = 0) -> str:
    """A collector of sql_exporter: metrics name their query; each has one value, so that its name is the metric's alone."""
    chosen = list(queries)
    lines = [_HEAD.format(what=f"Collector for burningalchemist/sql_exporter: collectors: [{name}]"), f"collector_name: {name}"]
    lines += [f"min_interval: {seconds}s"] if seconds else []
    lines.append("metrics:")
    for query in chosen:
        for column, value in query.values.items():
            lines += [f"  - metric_name: {query.name}_{column}", f"    type: {value.kind}", f"    help: {json.dumps(value.help)}"]
            lines += [f"    key_labels: [{', '.join(query.labels)}]"] if query.labels else []
            lines += [f"    values: [{column}]", f"    query_ref: {query.name}"]
    lines.append("queries:")
    for query in chosen:
        lines += [f"  - query_name: {query.name}", "    query: |", *_indented(query.sql, 6)]
    return "\n".join([*lines, ""])


def files() -> Iterator[tuple[Path, str]]:
    """Path and text of each file."""
    folder = Path(__file__).parent
    texts = (
        postgres_exporter(QUERIES),
        collector("rently", (query for query in QUERIES if not query.slow)),
        collector("rently_slow", (query for query in QUERIES if query.slow), seconds=SLOW_SECONDS),
    )
    for name, text in zip(FILES, texts, strict=True):
        yield folder / name, text


def main() -> None:
    """Write the files."""
    for path, text in files():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
