"""A project of its own: live SQL, revisions and frozen folders, to freeze and to deploy from."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

from alembic.script import ScriptDirectory
from sqlalchemy import URL

from rently_db.migrate.budget import Budget
from rently_db.migrate.freezing import Freezing, freeze
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.printer import as_script
from rently_db.migrate.revision import deployed, down_actions, up_actions
from rently_db.migrate.runner import Runner
from rently_db.migrate.steps import Schema, Step
from tests.support.migrations import ROOT, connect, run_sql

SCHEMA = Schema("analytics", "Figures of a test")


class Project:
    """Files below ``root``; ``live`` stands for rently_db/sql."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.live = root / "live"
        (root / "migrations" / "versions").mkdir(parents=True)
        for name in ("env.py", "frozen.py.mako"):
            shutil.copyfile(ROOT / "migrations" / name, root / "migrations" / name)

    @property
    def script(self) -> ScriptDirectory:
        """The revisions as they are now."""
        return ScriptDirectory(str(self.root / "migrations"))

    def folder(self, revision: str) -> Path:
        """The frozen folder of a revision."""
        return self.root / "migrations" / "sql" / revision

    def freeze(self, revision: str, *, again: bool = False) -> Freezing:
        """``rently-db freeze``."""
        return freeze(self.script, revision, again=again, live=self.live)

    def steps(self, revision: str) -> list[Step]:
        """What a revision made from the template deploys, its schema first."""
        return [SCHEMA, *deployed(Frozen(self.folder(revision)))]

    def go(self, url: URL, revision: str, direction: str, *, stop_after: int | None = None) -> SimpleNamespace:
        """Carry out a revision as Alembic would; ``stop_after`` as if killed after so many of its actions."""
        actions = (up_actions if direction == "up" else down_actions)(self.steps(revision))
        connection = connect(url)
        try:
            tally = Runner(connection, revision, direction).run(actions[:stop_after])
        finally:
            connection.close()
        return SimpleNamespace(done=tally.done, skipped=tally.skipped, actions=len(actions))

    def printed(self, revision: str, direction: str) -> str:
        """The same as a script for psql."""
        actions = (up_actions if direction == "up" else down_actions)(self.steps(revision))
        return as_script(revision, direction, actions, Budget())


def remember(url: URL) -> None:
    """Make a database in which the migration can remember what it did."""
    run_sql(url, (ROOT / "migrations" / "sql" / "v0" / "ops.sql").read_text(encoding="utf-8"))
