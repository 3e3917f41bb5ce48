"""Commands of console blocks, held against what they call: rently-db, alembic, make, python, psql, pip."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import typer
from alembic.config import CommandLine
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from rently_db.cli import app
from rently_db.migrate.arguments import read_arguments
from tests.support.migrations import ROOT

_OPERATORS = {"&&", "||", "|", ";", "&"}
_ASSIGNMENT = re.compile(r"[A-Z][A-Z0-9_]*=.*")
_OUTPUT = re.compile(r"(?:^|\s)(?:-o\s+|>>?\s*|--junit\s+|--baseline\s+|--written-since\s+)(\S+)")
_STEPS = re.compile(r"(?:[+-]\d+|\w+[+-]\d+)$")


class Wrong(Exception):  # noqa: N818 (what is said of a page)
    """The command can't be typed like this; the message says why."""


def commands(text: str, *, prompt: bool) -> Iterator[str]:
    """The commands of a block, continuation lines and here-documents joined; with a prompt, what is printed is left out."""
    lines = iter(text.splitlines())
    for line in lines:
        if prompt and not line.startswith("$ "):
            continue
        command = line.removeprefix("$ ") if prompt else line
        while command.endswith("\\"):
            command = command[:-1] + next(lines, "").removeprefix("> ").strip()
        if ending := re.search(r"<<-?\s*'?(\w+)'?", command):
            for inner in lines:
                if inner.removeprefix("> ").strip() == ending[1]:
                    break
            command = command.replace(ending[0], "")
        if command.strip() and not command.lstrip().startswith("#"):
            yield command


def check(command: str, written: set[str]) -> None:
    """Raise Wrong if a part of the command can't be typed like this. `written` are files that the page has written before; it grows."""
    written.update(_OUTPUT.findall(command))
    for words in parts(command):
        program, arguments = words[0].rpartition("/")[2], words[1:]
        checker = CHECKERS.get(program)
        if checker is None and program not in KNOWN:
            raise Wrong(f"nobody checks {program}; teach tests/docs/shell.py, or say why it is not run")
        if checker is not None:
            checker(arguments, written)


def parts(command: str) -> Iterator[list[str]]:
    """The words of each command of a line, without assignments, redirections, `sudo`, and the terminal's own words."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    found: list[str] = []
    skip = False
    for word in [*lexer, ";"]:
        if word in _OPERATORS:
            while found and (_ASSIGNMENT.fullmatch(found[0]) or found[0] in {"sudo", "time", "exec"}):
                found.pop(0)
            if found:
                yield found
            found = []
        elif skip or re.fullmatch(r"\d?[<>].*", word):
            skip = not skip and word in {">", ">>", "<", "2>"}
        else:
            found.append(word)


def _rently_db(arguments: list[str], _: set[str]) -> None:
    group: Any = typer.main.get_command(app)
    context, rest = group.make_context("rently-db", list(arguments), resilient_parsing=not arguments), arguments
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            while hasattr(group, "commands"):
                rest = [*context._protected_args, *context.args]
                if not rest:
                    return
                name, group, rest = group.resolve_command(context, rest)
                context = group.make_context(name, list(rest), parent=context)
    except typer.Exit:
        return  # --help
    except Exception as problem:  # typer keeps the classes of its errors to itself
        if type(problem).__name__ == "NoArgsIsHelpError":
            return
        raise Wrong(getattr(problem, "message", "") or str(problem) or type(problem).__name__) from problem


@cache
def _revisions() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def _alembic(arguments: list[str], _: set[str]) -> None:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            options = CommandLine().parser.parse_args(arguments)
    except SystemExit as end:
        if end.code:
            raise Wrong(said.getvalue().strip().splitlines()[-1]) from end
        return
    try:
        read_arguments(dict(each.split("=", 1) for each in options.x or []))
        for revision in str(getattr(options, "revision", None) or "").split(":"):
            if revision and not _STEPS.fullmatch(revision) and revision.islower():
                _revisions().get_revisions(revision)
    except (CommandError, ValueError) as problem:
        raise Wrong(str(problem)) from problem


@cache
def _makefile() -> tuple[set[str], set[str]]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)), set(re.findall(r"^([A-Z_]+) \??:?= ?", text, re.MULTILINE))


def _make(arguments: list[str], _: set[str]) -> None:
    targets, variables = _makefile()
    for word in arguments:
        name, is_variable, _ = word.partition("=")
        if is_variable and name not in variables:
            raise Wrong(f"the Makefile has no variable {name}")
        if not is_variable and word not in targets:
            raise Wrong(f"the Makefile has no target {word}")


def _python(arguments: list[str], written: set[str]) -> None:
    match arguments:
        case ["-m", name, *rest]:
            try:
                found = importlib.util.find_spec(name)
            except ModuleNotFoundError:
                found = None
            if found is None:
                raise Wrong(f"there is no module {name}")
            if name in ("rently_db", "alembic"):
                CHECKERS["rently-db" if name == "rently_db" else name](rest, written)
        case ["-c", text, *_]:
            compile(text, "-c", "exec")
        case [script, *_] if not script.startswith("-") and not (ROOT / script).exists() and script not in written:
            raise Wrong(f"there is no {script}")
        case _:
            pass


def _psql(arguments: list[str], written: set[str]) -> None:
    for option, value in itertools.pairwise(arguments):
        if option in ("-f", "--file") and value not in written and not (ROOT / value).exists():
            raise Wrong(f"psql -f {value}: nothing on the page writes it, and the checkout has no such file")


def _pip(arguments: list[str], _: set[str]) -> None:
    known = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"])
    for extras in re.findall(r"(?:rently-db|\.|\.whl)\[([^\]]+)\]", " ".join(arguments)):
        if unknown := set(re.split(r"\s*,\s*", extras)) - known:
            raise Wrong(f"rently-db has no extra {', '.join(sorted(unknown))}")


CHECKERS: dict[str, Callable[[list[str], set[str]], None]] = {
    "rently-db": _rently_db,
    "alembic": _alembic,
    "make": _make,
    "python": _python,
    "python3": _python,
    "psql": _psql,
    "pip": _pip,
}
_OTHERS = """
apt-get bash cat cd cp createdb crontab echo export git grep head jq kill less ls mkdir mypy
pg_dump pg_restore printf pytest ruff sort source sqlfluff tail uv watch wc .
"""
KNOWN = frozenset(_OTHERS.split())
"""Programs that are not ours: what they are told is theirs to judge."""
