"""The v1 application at work in the background of a test."""

from __future__ import annotations

import threading
import time
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import URL
from sqlalchemy.orm import Session

from rently_db.database import make_engine
from tests.support.v1_application import V1Application

Driver = Literal["psycopg2", "psycopg"]
"""How SQLAlchemy names them: ``psycopg`` is psycopg 3."""


class V1Thread(threading.Thread):
    """The v1 application at work until :meth:`stop`, on an engine of its own; psycopg 3 prepares every statement at once."""

    def __init__(self, url: URL, first_serial: int = 100, driver: Driver = "psycopg2") -> None:
        super().__init__(name=f"v1-workload-{driver}", daemon=True)
        arguments: dict[str, Any] = {"prepare_threshold": 0} if driver == "psycopg" else {}
        self._engine = make_engine(url.set(drivername=f"postgresql+{driver}"), connect_args=arguments)
        self._serial = first_serial
        self._ending = threading.Event()
        self.rounds = 0
        self.failures: list[str] = []
        self.written: set[UUID] = set()
        """The ids of rows that were committed."""

    def run(self) -> None:
        """Run rounds; called by :meth:`start`."""
        while not self._ending.is_set():
            try:
                with Session(self._engine) as session:
                    self.written |= set(V1Application(session, self._serial).run().values())
            except Exception as error:  # noqa: BLE001  # whatever it is, the test must learn of it
                self.failures.append(f"{type(error).__name__}: {error}")
                time.sleep(0.05)
            else:
                self.rounds += 1
            self._serial += 1

    def stop(self) -> None:
        """Let the round that runs come to its end."""
        self._ending.set()
        self.join(60)
        self._engine.dispose()
