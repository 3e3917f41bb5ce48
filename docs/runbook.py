"""Run docs/deploy.md from top to bottom, and write what its commands print: ``make transcripts``.

``docs.operations`` does the same for another page.

Every block marked ``console`` is run, on a server of its own, with a v0 application at work. A line ``$ command`` goes to bash; what
follows is what it printed, and ``[exit code N]`` if that is not 0. Comments ``<!-- here: NAME -->`` say what happens beside the commands:
the functions in ``SCENES``. A transcript is written anew only where it differs in more than figures: numbers, times and ids.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg2
from sqlalchemy import URL
from sqlalchemy.orm import Session

from rently_db.database import make_engine, parse_url
from rently_db.server import Server, client_tool
from rently_db.synth import SynthOptions, write_v0
from rently_db.synth.v0_workload import WorkloadSummary, WorkloadThread
from tests.support.v1_application import V1Application

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "deploy.md"
LOANS = 600
PLACE = "db.example:5432"
"""The server in the page. An address and a free port of this machine are as long, so that lines break where they do here."""

_LONGEST, _HEAD, _TAIL = 70, 20, 12
_BLOCK = re.compile(r"^```console\n(?P<block>.*?)^```$|<!-- here: (?P<scene>[^>]+) -->", re.DOTALL | re.MULTILINE)
_EXIT = re.compile(r"^\[exit code (\d+)\]\Z", re.MULTILINE)
_CUT = re.compile(r"^\[\.\.\. \d+ lines \.\.\.\]$", re.MULTILINE)

_FIGURES = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"_\d{4}_\d\d\b"), "_MONTH"),  # partitions
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d"), " N "),
    (re.compile(r"\(v1\w*, [^)]*\)"), "(STEP)"),  # the step that held the longest lock
    (re.compile(r"(?<![\w.])[~<]? ?\d[\d,.:/-]*(\s+(min|s|ms|bytes|kB|MB|GB)\b)?"), " N "),
    (re.compile(r"\brefresh \w+:"), "refresh:"),  # a slow machine comes by here again before all is done
    (re.compile(r"N\s+(repaired as written|repaired|removed|quarantined|kept|given back|put back|mapped|reported|restored)\b,?"), " "),
    (re.compile(r"\bretry\b"), "retries"),
    (re.compile(r"\brow\b"), "rows"),
    (re.compile(r"[^\w.:;()'\"/<>=-]+|(?<=\s)[-=]+(?=\s)"), " "),  # frames, and what depends on the width of columns
)
_CHANCE = re.compile(
    r"^ *(ok|warning) +(connections|old transactions):.*$"
    r"|^some tables were never analysed.*\n?plan$"
    r"|^\d\d:\d\d:\d\d \w+: [\d,]+( of [\d,]+)?$",  # the line a minute of what takes minutes on a slow machine
    re.MULTILINE,
)
"""Lines that depend on the moment."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command, and what it printed."""

    command: str
    shown: str

    @property
    def code(self) -> int:
        """The exit code; 0 if the text names none."""
        found = _EXIT.search(self.shown)
        return int(found[1]) if found else 0

    def text(self) -> str:
        """As it stands in the page; the middle of a long text is left out."""
        lines = self.shown.splitlines()
        if len(lines) > _LONGEST:
            lines[_HEAD:-_TAIL] = [f"[... {len(lines) - _HEAD - _TAIL} lines ...]"]
        return "\n".join([f"$ {self.command}", *lines, ""])

    def differences(self, page: Entry) -> list[str]:
        """In what this run is not what the page shows, but for figures; in words."""
        if self.code != page.code:
            return [f"exit code {self.code}, not {page.code}:\n{self.shown}"]
        if "psql" in self.command and "SELECT" in self.command:
            same = words(_first_line(self.shown)) == words(_first_line(page.shown)) and _no_rows(self.shown) == _no_rows(page.shown)
            return [] if same else [f"other columns, or rows where there were none:\n{self.shown}"]
        found, expected = words(self.shown), words(_CUT.sub("", page.shown))
        lost, new = expected - found, found - expected
        if _CUT.search(page.shown):
            new = set()
        return [f"{kind}: {' '.join(sorted(some))}\n{self.shown}" for kind, some in (("no longer printed", lost), ("new", new)) if some]


def words(text: str) -> set[str]:
    """The words of an output, without figures."""
    text = _CHANCE.sub("", text)
    for pattern, instead in _FIGURES:
        text = pattern.sub(instead, text)
    return set(text.split())


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _no_rows(text: str) -> bool:
    return "(0 rows)" in text


def entries(block: str) -> list[Entry]:
    """The commands of a block."""
    pieces = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [Entry(command, shown.strip("\n")) for command, _, shown in (piece.partition("\n") for piece in pieces)]


def script(page: str) -> Iterator[Entry | str]:
    """What happens in the page, from top to bottom: commands, and names of scenes."""
    for match in _BLOCK.finditer(page):
        yield from [match["scene"]] if match["scene"] else entries(match["block"])


class Clerk(threading.Thread):
    """The v1 application at work, at a person's pace."""

    def __init__(self, url: URL) -> None:
        super().__init__(daemon=True)
        self._engine = make_engine(url)
        self._ending = threading.Event()
        self.failures: list[str] = []
        self.rounds = 0

    def run(self) -> None:
        """Write loans' lives until :meth:`stop`."""
        while not self._ending.wait(0.3):
            try:
                with Session(self._engine) as session:
                    V1Application(session, 100 + self.rounds).run()
            except Exception as error:  # noqa: BLE001  # whatever it is, the one who runs the page must learn of it
                self.failures.append(f"{type(error).__name__}: {error}")
            self.rounds += 1

    def stop(self) -> None:
        """Let the round that runs come to its end."""
        self._ending.set()
        self.join(60)
        self._engine.dispose()


class Stage:
    """A scratch server with a v0 database, the applications that work on it, and a directory; a context manager."""

    scenes: ClassVar[dict[str, Callable[[Any], None]]] = {}
    """What comments of the page name."""

    def __init__(self) -> None:
        self._server = Server(tcp=True, settings={"shared_preload_libraries": "pg_stat_statements"})
        self._v0: WorkloadThread | None = None
        self._v1: Clerk | None = None
        self.v0: list[WorkloadSummary] = []
        """How it went for the v0 application, each time it was stopped."""
        self.v1: list[Clerk] = []
        """The v1 application, each time it was stopped."""

    def __enter__(self) -> Self:
        self._server.__enter__()
        self._directory = Path(tempfile.mkdtemp(prefix="runbook-"))
        try:
            self._admin = parse_url(self._server.url(tcp=True))
            self._place = f"{self._admin.host}:{self._admin.port}"
            tools = [str(Path(sys.executable).parent), str(client_tool("psql").parent), os.environ["PATH"]]
            self._environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith(("RENTLY_", "PG"))},
                "PATH": os.pathsep.join(tools),
                "PGPASSWORD": str(self._admin.password),
                "ALEMBIC_CONFIG": str(ROOT / "alembic.ini"),
                "COLUMNS": "80",
                "NO_COLOR": "1",
                "TZ": "UTC",
            }
            self._set()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.v0_stops()
        self.v1_stops()
        shutil.rmtree(self._directory, ignore_errors=True)
        self._server.__exit__()

    def run(self, command: str) -> Entry:
        """Run a command of the page in bash, and give what it printed; ``export`` stays in force for the commands after it."""
        here = command.replace(PLACE, self._place)
        if exported := re.fullmatch(r"export (\w+)=(\S*)", here):
            self._environment[exported[1]] = exported[2]
            return Entry(command, "")
        done = subprocess.run(
            ["bash", "-c", here],
            cwd=self._directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        shown = done.stdout.replace(self._place, PLACE).replace(str(self._directory), "/backups")
        lines = [line.rstrip() for line in shown.strip("\n").splitlines()]
        if done.returncode:
            lines.append(f"[exit code {done.returncode}]")
        return Entry(command, "\n".join(lines))

    def scene(self, name: str) -> None:
        """Let happen what a comment of the page names. Raises KeyError for a scene that nobody knows."""
        self.scenes[name](self)

    def sql(self, *statements: str, role: str = "postgres", database: str = "rently") -> None:
        """Run statements, each by itself."""
        connection = psycopg2.connect(self._dsn(role, database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _dsn(self, role: str, database: str = "rently") -> str:
        url = self._admin.set(drivername="postgresql", username=role, database=database)
        return url.render_as_string(hide_password=False)

    def _set(self) -> None:
        """A dirty v0 database of the role deploy, with three rows that no declared repair mends."""
        roles = {"admin": "SUPERUSER", "deploy": "", "loans_v0": "", "loans_v1": "", "analyst": ""}
        self.sql(
            *(f"CREATE ROLE {role} LOGIN {rights} PASSWORD '{self._admin.password}'" for role, rights in roles.items()),
            "CREATE DATABASE rently OWNER deploy",
            "GRANT pg_read_all_stats TO deploy",
            database="postgres",
        )
        self.sql("CREATE EXTENSION pg_stat_statements", "GRANT ALL ON SCHEMA public TO deploy")
        connection = psycopg2.connect(self._dsn("deploy"))
        try:
            write_v0(connection, SynthOptions(loans=LOANS, dirty="repairable"))
        finally:
            connection.close()
        self.sql(
            f"INSERT INTO product (id, code, name) VALUES ('{1:032x}', 'PARKING_001', 'Parking')",
            "UPDATE payment SET amount = -amount WHERE id = (SELECT min(id::text)::uuid FROM payment WHERE amount > 0)",
            "UPDATE fx_rate SET rate = 0 WHERE id = (SELECT min(id::text)::uuid FROM fx_rate)",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO loans_v0",
            role="deploy",
        )
        self.sql("ANALYZE", "SELECT pg_stat_statements_reset()")

    def v0_works(self) -> None:
        """The v0 application works from here on."""
        self._v0 = WorkloadThread(self._dsn("loans_v0"), seed=len(self.v0), pause_s=0.3)
        self._v0.start()

    def v0_stops(self) -> None:
        """The v0 application ends its round."""
        if self._v0 is not None:
            self.v0.append(self._v0.stop())
            self._v0 = None

    def v1_works(self) -> None:
        """The v1 application works from here on."""
        self._v1 = Clerk(parse_url(self._dsn("loans_v1")))
        self._v1.start()

    def v1_stops(self) -> None:
        """The v1 application ends its round."""
        if self._v1 is not None:
            self._v1.stop()
            self.v1.append(self._v1)
            self._v1 = None

    def corrected(self) -> None:
        """Somebody puts right a value that was repaired."""
        self.sql(
            "UPDATE public.party SET email = 'found@example.com' WHERE id = (SELECT row_id FROM ops.row_journal"
            " WHERE kind = 'repair' AND state = 'open' AND rule = 'party_email_no_address' ORDER BY id LIMIT 1)"
        )


Stage.scenes = {
    "v0's application works": Stage.v0_works,
    "v0's application stops": Stage.v0_stops,
    "v1's application works": Stage.v1_works,
    "v1's application stops": Stage.v1_stops,
    "a repaired e-mail is corrected": Stage.corrected,
}


def rewritten(page: str, stage: Stage) -> str:
    """The page with what its commands print on this stage; ``--all`` writes every transcript anew, else what changed."""

    def played(match: re.Match[str]) -> str:
        if match["scene"]:
            stage.scene(match["scene"])
            return match[0]
        texts = []
        for former in entries(match["block"]):
            entry = stage.run(former.command)
            changed = "--all" in sys.argv or entry.differences(former)
            texts.append((entry if changed else former).text())
            print(f"{'written' if changed else 'as it was'}: {former.command}", flush=True)
        return f"```console\n{''.join(texts)}```"

    return _BLOCK.sub(played, page)


def main() -> None:
    """Run the page and write what changed."""
    with Stage() as stage:
        written = rewritten(PAGE.read_text(encoding="utf-8"), stage)
        stage.v0_stops()
        broken = [failure for summary in stage.v0 for failure in summary.failures] + [text for clerk in stage.v1 for text in clerk.failures]
        if broken:
            sys.exit(f"an application failed, nothing is written: {broken[0]}")
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
