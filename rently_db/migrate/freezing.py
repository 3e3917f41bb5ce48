"""Freeze what a revision deploys: copy from the live SQL what no earlier revision deploys, in the order of deployment, with its digests.

``rently-db freeze <revision>`` calls this. A frozen folder holds, beside its MANIFEST,

- the new and changed entities, under the same paths as the live SQL;
- ``former/<path>``: the text that an entity had until then, or has for the last time. Of a path that stands below ``former/`` only, the
  live SQL has no file any more: the revision drops it, and creates it again on the way down;
- statement files (``fill.sql``), which are written by hand into the folder and keep their place: after all that they use.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, template_to_file

from rently_db.migrate.frozen import FORMER, MANIFEST, read_manifest, read_marked, write_manifest
from rently_db.sql.catalog import LIVE, VIEWS, Entity, load_catalogue, load_entity
from rently_db.sql.depends import Graph
from rently_db.sql.header import Header, HeaderError
from rently_db.sql.parsed import SCRIPT, check

ROLLBACK = "rollback.sql"
"""A statement file that freezing writes itself: the script of the way back, in every revision after the first that keeps one."""
_TAG = "$rollback_script$"

SEALED = frozenset({"v0", "v1_expand", "v1_bridges", "v1_backfill", "v1_indexes", "v1_validate", "v1"})
"""Deployed at production: these folders never change again, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class Freezing:
    """What was frozen: the folder, paths of new, changed and dropped entities, statement files, and the revision file if one was made."""

    folder: Path
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    revision_file: Path | None = field(default=None)


def deployed_before(script: ScriptDirectory, revision: str | None) -> dict[str, Path]:
    """Path of an entity -> the frozen file that holds its text at ``revision`` (with what that deployed); None is before all."""
    found: dict[str, Path] = {}
    if revision is None:
        return found
    for item in reversed(list(script.iterate_revisions(revision, "base"))):
        folder = Path(script.dir) / "sql" / item.revision
        for name in read_manifest(folder) if (folder / MANIFEST).is_file() else ():
            if name.startswith(FORMER):
                found.pop(name.removeprefix(FORMER), None)
        for name in read_manifest(folder) if (folder / MANIFEST).is_file() else ():
            if "/" in name and not name.startswith(FORMER):
                found[name] = folder / name
    return found


def differs(script: ScriptDirectory, live: Path = LIVE) -> bool:
    """Whether the live SQL says something that the revisions up to the head do not deploy."""
    former = deployed_before(script, only_head(script))
    try:
        entities = {entity.file: entity.path.read_bytes() for entity in load_catalogue(live)}
    except HeaderError as error:
        raise CommandError(str(error)) from error
    return entities != {name: path.read_bytes() for name, path in former.items()}


def changed_tables(script: ScriptDirectory, live: Path = LIVE) -> list[str]:
    """The files of tables that say something else than was deployed: a statement file has to alter the table."""
    former = deployed_before(script, only_head(script))
    return [name for name, path in former.items() if name.startswith("tables/") and _text(live / name) not in (None, path.read_bytes())]


def only_head(script: ScriptDirectory) -> str | None:
    """The newest revision; None if there is none.

    Raises:
        CommandError: two branches brought one each, and the history must not fork.
    """
    heads = script.get_heads()
    if len(heads) > 1:
        raise CommandError(
            f"{' and '.join(sorted(heads))} come after the same revision, and a history never forks: in the one that no database has, set "
            "down_revision to the other, then rently-db freeze it --again; not alembic merge"
        )
    return heads[0] if heads else None


def freeze(script: ScriptDirectory, revision: str, *, again: bool = False, live: Path = LIVE, module: bool = True) -> Freezing:
    """Write the frozen folder of a revision, and the revision file if there is none; without ``module`` somebody else writes that.

    Raises:
        CommandError: the revision is deployed already, the folder is there and ``again`` is not asked for, an entity's file is wrong, or
            nothing is new.
    """
    folder = Path(script.dir) / "sql" / revision
    _allow(folder, revision, again=again)
    file = Path(script.versions) / f"{revision}.py"
    known = file.is_file()
    head = only_head(script)
    if known and revision != head:
        raise CommandError(f"{head} comes after {revision}: the live SQL is what that deploys; freeze a new one")
    parent = script.get_revision(revision).down_revision if known else head
    assert parent is None or isinstance(parent, str), f"{revision} joins several revisions"
    former = deployed_before(script, parent)
    try:
        entities = load_catalogue(live)
        wanted = [entity for entity in entities if _text(former.get(entity.file)) != entity.path.read_bytes()]
        for entity in wanted:
            check(entity)
        listed = {entity.file for entity in entities}
        gone = Graph.of(load_entity(path) for name, path in former.items() if name not in listed).order()
        scripts = [_script(path) for path in sorted(folder.glob("*.sql"))]
        views = [entity.file for entity in wanted if entity.file in former and entity.kind in VIEWS]
        ordered = Graph.of([*entities, *scripts]).order(together=views)
        before = Graph.of(load_entity(path) for path in former.values()).order()
    except HeaderError as error:
        raise CommandError(str(error)) from error
    if not wanted and not gone and not scripts:
        raise CommandError(f"nothing to freeze: what {LIVE.name}/ says is what the revisions up to {parent} deploy")
    files = {entity.file for entity in (*wanted, *scripts)}
    for inner in [path for path in folder.glob("*") if path.is_dir()]:
        shutil.rmtree(inner)
    changed = {entity.file for entity in wanted}
    names = _copy(folder, [entity for entity in ordered if entity.file in files])
    if ROLLBACK not in names and keeps_rollback(script, parent):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ROLLBACK).touch()
        names.append(ROLLBACK)
    # What is dropped goes before what it uses.
    names += _copy(folder / FORMER, [*(entity for entity in before if entity.file in changed), *reversed(gone)], FORMER)
    write_manifest(folder, names)
    made = None if known or not module else _write_revision(script, revision, parent, file)
    if module:
        fill_rollback(script, revision)
    return Freezing(
        folder,
        new=tuple(entity.file for entity in wanted if entity.file not in former),
        changed=tuple(entity.file for entity in wanted if entity.file in former),
        dropped=tuple(entity.file for entity in gone),
        scripts=tuple(entity.file for entity in scripts),
        revision_file=made,
    )


def keeps_rollback(script: ScriptDirectory, parent: str | None) -> bool:
    """Whether a database at ``parent`` keeps the script of its way back: then it must find that of the new revision, too."""
    chain = script.iterate_revisions(parent, "base") if parent else ()
    return any((Path(script.dir) / "sql" / item.revision / ROLLBACK).is_file() for item in chain)


def make_room_for_rollback(script: ScriptDirectory, revision: str) -> None:
    """A folder for a revision that deploys nothing else from one: its script is filled in once the revision is written."""
    folder = Path(script.dir) / "sql" / revision
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ROLLBACK).touch()
    write_manifest(folder, [ROLLBACK])


def fill_rollback(script: ScriptDirectory, revision: str) -> None:
    """Write the script of the way back into the revision's folder, if it has room for one. The revision is written by now.

    Raises:
        CommandError: a step of the revision is still to be written.
    """
    folder = Path(script.dir) / "sql" / revision
    if (folder / ROLLBACK).is_file():
        (folder / ROLLBACK).write_text(rollback_statement(script, revision), encoding="utf-8")
        write_manifest(folder, list(read_manifest(folder)))


def rollback_statement(script: ScriptDirectory, revision: str) -> str:
    """The statement file that keeps, in the database itself, the script of the way back from ``revision``.

    The script does not depend on that statement: on the way down it is nothing.
    """
    config = Config(attributes={"configure_logging": False})
    config.set_main_option("script_location", str(script.dir).replace("%", "%%"))
    config.output_buffer = printed = io.StringIO()
    command.downgrade(config, f"{revision}:v0", sql=True)
    text = printed.getvalue()
    assert _TAG not in text, f"the script of {revision} contains {_TAG}"
    return (
        "-- The way back as a script, for ops.emergency_rollback_script(). Written by rently-db freeze.\n\n--: data rollback-script\n"
        f"INSERT INTO ops.rollback_script (revision, script) VALUES ('{revision}', {_TAG}{text}{_TAG})\n"
        "ON CONFLICT (revision) DO UPDATE SET script = excluded.script;\n"
    )


def check_revision_id(revision: str) -> None:
    """Refuse an id that is none: words, as an operator reads and types them. Raises CommandError."""
    # Alembic makes up twelve hexadecimal digits where it is given no id.
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", revision) or re.fullmatch(r"[0-9a-f]{12}", revision):
        raise CommandError(f"{revision!r} is no revision id: lower-case words joined by _, at most 32 characters, e.g. v1_loans_by_region")


def _allow(folder: Path, revision: str, *, again: bool) -> None:
    check_revision_id(revision)
    if revision in SEALED:
        raise CommandError(f"{revision} is deployed at production: what it froze never changes; freeze a new revision")
    if (folder / MANIFEST).is_file() and not again:
        raise CommandError(f"{folder} is frozen already; while no database has it, --again writes it again; else freeze a new revision")


def _text(path: Path | None) -> bytes | None:
    return path.read_bytes() if path is not None else None


def _script(path: Path) -> Entity:
    """A statement file as something that can be ordered among the entities."""
    statements = tuple(marked.sql for marked in read_marked(path) if marked.sql)
    header = Header("platform", "statements of the revision")
    return Entity(SCRIPT, "", path.name, "", "", header, statements[0] if statements else "SELECT", path, statements[1:])


def _copy(folder: Path, ordered: Iterable[Entity], prefix: str = "") -> list[str]:
    """Copy the files into the folder. Returns their names, in order."""
    names = []
    for entity in ordered:
        names.append(f"{prefix}{entity.file}")
        if entity.kind != SCRIPT:
            (folder / entity.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(entity.path, folder / entity.file)
    return names


def _write_revision(script: ScriptDirectory, revision: str, parent: str | None, target: Path) -> Path:
    template = Path(script.dir) / "frozen.py.mako"
    template_to_file(str(template), str(target), "utf-8", up_revision=revision, down_revision=parent)
    return target
