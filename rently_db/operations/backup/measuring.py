"""Measure many tables with several sessions, all of one moment; Ctrl-C ends their queries too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from sqlalchemy import Engine

from rently_db.migrate.content import Content, Table, measure_table, snapshot


def measure_in_parallel(
    engine: Engine, tables: Sequence[Table], *, jobs: int, exported: str | None, measured: Callable[[int], None]
) -> dict[str, Content]:
    """The content of each table by its label. ``exported`` names the moment; without it the caller knows that nobody writes.

    ``measured`` is called with the number of tables that are done. Raises SQLAlchemy's DBAPIError.
    """
    busy: list[Any] = []
    found: dict[str, Content] = {}

    def one(table: Table) -> tuple[str, Content]:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            busy.append(driver)
            try:
                with snapshot(connection, exported):
                    return table.label, measure_table(connection, table)
            finally:
                busy.remove(driver)

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(one, table) for table in tables]
        try:
            for future in as_completed(futures):
                label, content = future.result()
                found[label] = content
                measured(len(found))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for driver in tuple(busy):
                driver.cancel()
            raise
    return {table.label: found[table.label] for table in tables}
