"""Changed models, and the revision that autogenerate writes for them: in a copy of migrations/, on a database at head."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, MetaData, Table

from rently_db.models import Base
from rently_db.models.base import NAMING_CONVENTION
from tests.support.migrations import ROOT, alembic_config, rows

REVISION = "v1_change"


class Sketch:
    """A project with changed models; ``tables`` are theirs, to change further."""

    def __init__(self, root: Path, url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.migrations = root / "migrations"
        shutil.copytree(ROOT / "migrations", self.migrations, ignore=shutil.ignore_patterns("__pycache__"))
        self.metadata = MetaData(naming_convention=NAMING_CONVENTION)
        for table in Base.metadata.tables.values():
            table.to_metadata(self.metadata)
        # env.py asks for the models anew with every command.
        monkeypatch.setattr("rently_db.models.Base", SimpleNamespace(metadata=self.metadata))

    def table(self, name: str) -> Table:
        """A table of the models."""
        return self.metadata.tables[name]

    def config(self, output: io.StringIO | None = None) -> Config:
        """Alembic's configuration: the database, and the copy of migrations."""
        config = alembic_config(self.url)
        config.set_main_option("script_location", str(self.migrations))
        if output is not None:
            config.output_buffer = output
            config.stdout = output
        return config

    @property
    def file(self) -> Path:
        """The revision."""
        return self.migrations / "versions" / f"{REVISION}.py"

    def autogenerate(self, message: str = "A change") -> str:
        """`alembic revision --autogenerate`; gives the text of the file, without its line breaks inside of calls."""
        command.revision(self.config(io.StringIO()), message, autogenerate=True, rev_id=REVISION)
        return self.file.read_text(encoding="utf-8")

    def up(self) -> None:
        """`alembic upgrade head`."""
        command.upgrade(self.config(), "head")

    def down(self) -> None:
        """`alembic downgrade -1`."""
        command.downgrade(self.config(), "-1")

    def check(self) -> None:
        """`alembic check`: raises if something differs still."""
        command.check(self.config(io.StringIO()))

    def script(self, *, up: bool) -> str:
        """The revision's script for psql."""
        output = io.StringIO()
        with redirect_stdout(output):
            if up:
                command.upgrade(self.config(output), f"{self.parent}:head", sql=True)
            else:
                command.downgrade(self.config(output), f"{REVISION}:{self.parent}", sql=True)
        return output.getvalue()

    @property
    def parent(self) -> str:
        """The revision before."""
        return self.file.read_text(encoding="utf-8").partition('down_revision = "')[2].partition('"')[0]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """What the database says."""
        return rows(self.url, query)


def clean(path: Path) -> None:
    """Refuse a file that the house's tools would refuse."""
    text = path.read_text(encoding="utf-8")
    for arguments in (("check",), ("format", "--check")):
        command_line = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", f"migrations/versions/{path.name}", "-"]
        done = subprocess.run(command_line, input=text, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr + text


Change = Callable[[Sketch], None]
