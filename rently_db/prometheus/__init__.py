"""Queries for the exporters that Prometheus users run already: postgres_exporter and sql_exporter.

What is exported says :mod:`rently_db.prometheus.metrics`; the files of the exporters are rendered from it and committed
(``python -m rently_db.prometheus.render``). docs/how-to/prometheus.md says how to use them.
"""

from __future__ import annotations

from pathlib import Path

FILES = ("queries.yaml", "rently.collector.yml", "rently_slow.collector.yml")
"""Files of this folder that users take: the first for postgres_exporter, the others for sql_exporter."""


def write_files(folder: Path) -> list[Path]:
    """Copy the files into ``folder``, which is made if need be; what is there under their names is replaced. Gives their paths."""
    source = Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / name for name in FILES]
    for path in written:
        path.write_bytes((source / path.name).read_bytes())
    return written
