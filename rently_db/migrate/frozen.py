"""Read what a revision froze: ``migrations/sql/<revision>/`` with its MANIFEST.

A revision deploys only these files, never the live SQL or the models of today, so that an old revision does for ever what it did when
it was written. A statement file holds marked statements::

    --: check loan loan_amounts_positive
    ALTER TABLE public.loan ADD CONSTRAINT loan_amounts_positive CHECK (principal_amount > 0);

The marker says which kind of step the statement is, and names what the step needs to see itself done and to go back. Functions, views and
other entities stand in files of their own, as in the live SQL; ``freezing`` puts them there, and ``revision.deployed`` makes steps of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alembic.util import CommandError

from rently_db.migrate.actions import Lock, Mode, do_block, literal, locked
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.steps import (
    AddColumn,
    AddColumns,
    Backfill,
    Check,
    Comments,
    CreateTable,
    Exclusion,
    ForeignKey,
    Index,
    NotNull,
    Rules,
    SetDefault,
    SetDefaults,
    Statement,
    Step,
    Unique,
    Yield,
)
from rently_db.migrate.steps.accounting import AccountPart

MARKER = "--: "
MANIFEST = "MANIFEST"
FORMER = "former/"
"""Below it stands the text that an entity had before the revision: what the way down puts back."""


class FrozenError(CommandError):
    """A frozen folder is not what its MANIFEST says, or a file in it can't be read."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked statement: its kind, the words after it, its SQL without the final semicolon, and where it stands."""

    kind: str
    words: tuple[str, ...]
    sql: str
    where: str


def read_marked(path: Path) -> Iterator[Marked]:
    """The marked statements of a file, in order.

    Raises:
        FrozenError: a statement stands before the first marker.
    """
    kind: str | None = None
    words: tuple[str, ...] = ()
    lines: list[str] = []
    start = 0
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), MARKER + "end"], 1):
        if line.startswith(MARKER):
            if kind is not None:
                yield Marked(kind, words, "\n".join(lines).strip().removesuffix(";"), f"{path.name}:{start}")
            kind, *rest = line.removeprefix(MARKER).split()
            words, lines, start = tuple(rest), [], number
        elif kind is not None:
            lines.append(line)
        elif line.strip() and not line.startswith("--"):
            raise FrozenError(f"{path}:{number}: a statement without a marker line ('{MARKER}kind name') above it")


def _once(marked: Marked) -> str | None:
    """For a statement marked ``once``: the query whether this upgrade has done it already."""
    if "once" not in marked.words:
        return None
    # Still so when a run the other way round has begun since: what would be remembered then is no longer v0.
    return f"SELECT EXISTS (SELECT FROM ops.migration_step WHERE direction = 'up' AND step = '{marked.words[0]}' AND state <> 'running')"


def _shared(marked: Marked) -> tuple[Lock, ...]:
    """The tables that the word ``share-update-exclusive=a,b`` names: functions that the statement calls lock them so."""
    named = [name for word in marked.words if word.startswith("share-update-exclusive=") for name in word.partition("=")[2].split(",")]
    return locked("SHARE UPDATE EXCLUSIVE", *named)


def _seed(table: str, sql: str) -> Step:
    # Only into a table that is new: one that was set aside comes back as its owners left it, without the rows they deleted.
    return Statement(f"reference rows {table}", (do_block(f"IF NOT EXISTS (SELECT FROM public.{table}) THEN\n{sql};\nEND IF;"),))


def _gone(table: str, columns: tuple[str, ...]) -> str:
    """The query whether the columns have gone already: an earlier run kept what they said before it was stopped."""
    names = ", ".join(literal(column) for column in columns)
    return (
        f"SELECT count(*) < {len(columns)} FROM pg_catalog.pg_attribute "
        f"WHERE attrelid = to_regclass('public.{table}') AND NOT attisdropped AND attname IN ({names})"
    )


def _backfill(marked: Marked, find: str | None) -> Step:
    name, table, *words = marked.words
    done = _gone(table, tuple(words)) if marked.kind == "keep" else None
    each = Yield(**{key: int(number) for key, equals, number in (word.partition("=") for word in words) if equals})
    return Backfill(name, table, marked.sql, "silent" in words, done, find, "derives" in words, each)


_GROUPS: dict[type[Any], Callable[[str, tuple[Any, ...]], Step]] = {
    AddColumn: AddColumns,
    SetDefault: SetDefaults,
    Check: Rules,
    NotNull: Rules,
}
"""Parts that become one step a table."""


def grouped(parts: Iterable[Any]) -> list[Step]:
    """The steps, those of one table and kind made one, where the first of them stands."""
    groups: dict[tuple[object, str], list[Any]] = {}
    order: list[Any] = []
    for part in parts:
        group = _GROUPS.get(type(part))
        if group is None:
            order.append(part)
            continue
        key = (group, part.table)
        if key not in groups:
            order.append(key)
        groups.setdefault(key, []).append(part)
    return [item[0](item[1], tuple(groups[item])) if isinstance(item, tuple) else item for item in order]


_KINDS: dict[str, Callable[[Marked], Any]] = {
    "account": lambda m: AccountPart.of(m.words, m.sql),
    "table": lambda m: CreateTable(m.words[0], m.sql),
    "column": lambda m: AddColumn(m.words[0], m.words[1], m.sql, kept="kept" in m.words[2:]),
    "default": lambda m: SetDefault(m.words[0], m.words[1], m.sql),
    "check": lambda m: Check(m.words[0], m.words[1], m.sql),
    "not_null": lambda m: NotNull(m.words[0], m.words[1]),
    "foreign_key": lambda m: ForeignKey(
        m.words[0], m.words[1], m.words[2], m.sql, of_v0=m.words[0] in BASELINE and m.words[2] in BASELINE[m.words[0]].foreign_keys
    ),
    "unique": lambda m: Unique(m.words[0], m.words[1], m.sql.rpartition("UNIQUE (")[2].removesuffix(")")),
    "index": lambda m: Index(m.words[0], m.words[1], m.sql),
    "exclusion": lambda m: Exclusion(m.words[0], m.words[1], m.sql),
    "seed": lambda m: _seed(m.words[0], m.sql),
    "data": lambda m: Statement(m.words[0], (m.sql,), silent_bridges="silent" in m.words[1:], done=_once(m), locks=_shared(m)),
    "back": lambda m: Statement(m.words[0], back=(m.sql,), mode=Mode.DDL, locks=locked("ACCESS EXCLUSIVE", *m.words[1:])),
    "loop": lambda m: Statement(m.words[0], (m.sql,), silent_bridges="silent" in m.words[1:], mode=Mode.LOOP),
}


@dataclass(frozen=True, slots=True)
class Frozen:
    """The frozen folder of one revision."""

    folder: Path

    def steps(self, *names: str) -> list[Step]:
        """The steps of statement files, e.g. ``checks.sql``. Columns, defaults and rules of one table are one step.

        Raises:
            FrozenError: a file is missing, differs from the MANIFEST, or holds a marker of unknown kind.
        """
        steps: list[Any] = []
        comments: dict[str, list[tuple[str, str]]] = {}
        finds: dict[str, str] = {}
        for marked in (marked for name in names for marked in read_marked(self.path(name))):
            if marked.kind == "comment":
                comments.setdefault(marked.words[0], []).append((marked.words[1] if len(marked.words) > 1 else "", marked.sql))
            elif marked.kind == "find":
                finds[marked.words[0]] = marked.sql
            elif marked.kind in ("batch", "keep"):
                steps.append(_backfill(marked, finds.pop(marked.words[0], None)))
            elif marked.kind in _KINDS:
                steps.append(_KINDS[marked.kind](marked))
            else:
                known = ", ".join(sorted([*_KINDS, "batch", "comment", "find", "keep"]))
                raise FrozenError(f"{marked.where}: no step is of the kind {marked.kind!r}; known are {known}")
        steps += [Comments(table, tuple(pairs), of_v0=table in BASELINE) for table, pairs in comments.items()]
        return grouped(steps)

    def path(self, name: str) -> Path:
        """The path of a frozen file, after comparing it with the MANIFEST."""
        path = self.folder / name
        recorded = read_manifest(self.folder).get(name)
        if recorded is None:
            raise FrozenError(f"{self.folder / MANIFEST} does not list {name}: what a revision deploys must be frozen with it")
        if not path.is_file() or digest(path) != recorded:
            raise FrozenError(f"{path} is not what was frozen: restore it from version control (git checkout -- {path})")
        return path

    def text(self, name: str) -> str:
        """The text of a frozen file."""
        return self.path(name).read_text(encoding="utf-8")


def digest(path: Path) -> str:
    """The sha256 of a file, as the MANIFEST records it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def read_manifest(folder: Path) -> dict[str, str]:
    """File name (relative, POSIX) -> sha256, in deployment order."""
    path = folder / MANIFEST
    if not path.is_file():
        raise FrozenError(f"{path} is missing: the revision was never frozen, or the checkout is incomplete")
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {name: sha for sha, name in pairs}


def write_manifest(folder: Path, names: list[str]) -> None:
    """Record the files of a folder, in deployment order."""
    lines = [f"{digest(folder / name)}  {name}\n" for name in names]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    read_manifest.cache_clear()
