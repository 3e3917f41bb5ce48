"""The pages of docs/reference/commands: one for each command of rently-db, from what its --help says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args

import typer

from docs.pieces import cell, code, table
from docs.reference_tables import MARK
from rently_db.cli import ExitCode, app

_EXAMPLE = re.compile(r"^Example: (?P<command>rently-db .*?)$(?P<rest>.*)", re.MULTILINE)
_TYPES = {"str": "TEXT", "int": "N", "float": "NUMBER", "Path": "FILE", "datetime": "DATE"}
_FOR_ALL = (
    "Colours are for terminals; `NO_COLOR=1` in the environment or `--no-color` before the command gives plain text. "
    "`--install-completion` lets bash, zsh and fish complete commands, options, revisions, rules and views. "
    "On a terminal sentences end where it ends; in a file or a pipe each is one line. "
    "What `--json` prints keeps its keys: a test holds each command to its shape in `tests/cli/json`."
)
CODES = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.FINDINGS: "it worked, and found something to mend",
    ExitCode.USAGE: "a wrong option or URL, a server that can't be reached: correct it, and run the command again",
    ExitCode.RESUMABLE: "stopped half way; the same command goes on from there",
    ExitCode.BUG: "an error nobody foresaw, with its traceback; report it",
    ExitCode.STOPPED: "Ctrl-C, where nothing was half done",
    ExitCode.NO_READER: "nobody read the output any more, as after `| head`",
}
"""What a script may make of it."""


def commands() -> dict[str, Any]:
    """Every command and group of commands, by name, as the typer app has them."""
    group: Any = typer.main.get_command(app)
    return dict(sorted(group.commands.items()))


def pages() -> dict[str, str]:
    """All pages, by file name."""
    found = {f"commands/{name}.md": "\n".join(_page(name, command)) + "\n" for name, command in commands().items()}
    return {**found, "commands/index.md": "\n".join(_index()) + "\n"}


def _index() -> Iterator[str]:
    yield from (
        "# Commands",
        "",
        MARK,
        "",
        "`rently-db COMMAND --help` says the same. Where a URL may be left out, it is that of `RENTLY_DATABASE_URL`.",
        "",
        _FOR_ALL,
    )
    rows = [
        (f"[rently-db {' '.join(words)}]({words[0]}.md{_anchor(words)})", cell(_paragraphs(command)[0]))
        for name, top in commands().items()
        for words, command in _leaves((name,), top)
    ]
    yield from table(("command", "does"), rows)
    yield from ("", "## Exit codes")
    yield from table(("code", "means"), ((str(int(number)), meaning) for number, meaning in CODES.items()))
    yield from ("", "`rently-db psql` ends with psql's own code; `alembic` with 0, or with 255 and one line that begins with `FAILED`.")


def _anchor(words: tuple[str, ...]) -> str:
    return f"#rently-db-{'-'.join(words)}" if len(words) > 1 else ""


def _leaves(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The commands that do something, with the words that call them."""
    inner = getattr(command, "commands", None)
    if not inner:
        yield words, command
        return
    for name, each in sorted(inner.items()):
        # backup FILE is backup take FILE: a group may have one that its own name calls.
        yield from _leaves((*words, name), each)


def _paragraphs(command: Any) -> list[str]:
    """The help, a paragraph an item, without the form feed that ends it for --help."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", (command.help or "").partition("\f")[0].strip())]


def _page(name: str, command: Any) -> Iterator[str]:
    yield from (f"# rently-db {name}", "", MARK, "")
    if not getattr(command, "commands", None):
        yield from _command((name,), command)
        return
    yield from (_text(_paragraphs(command)), "")
    for words, each in _leaves((name,), command):
        yield from (f"## rently-db {' '.join(words)}", "")
        yield from _command(words, each)
        yield ""


def _text(paragraphs: list[str]) -> str:
    return "\n\n".join(cell(paragraph).replace("\\|", "|") for paragraph in paragraphs)


def _command(words: tuple[str, ...], command: Any) -> Iterator[str]:
    said = _paragraphs(command)
    examples = [found["command"] for text in said if (found := _EXAMPLE.match(text))]
    yield _text([text for text in said if not _EXAMPLE.match(text)])
    yield from ("", "```text", _usage(words, command), "```")
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    if arguments:
        yield from table(("argument", "is"), ((code(_argument(each)), cell(each.help or "")) for each in arguments))
    if options:
        yield from table(("option", "does", "default"), map(_option, options))
    if examples:
        yield from ("", "Example:", "", "```console", *(f"$ {example}" for example in examples), "```")


def _usage(words: tuple[str, ...], command: Any) -> str:
    if command.context_settings.get("allow_extra_args"):  # all that follows is another program's
        return " ".join(["rently-db", *words, "..."])
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    named = (_argument(each) if each.required else f"[{_argument(each)}]" for each in arguments)
    return " ".join(["rently-db", *words, "[OPTIONS]", *named])


def _argument(argument: Any) -> str:
    """Its name; of one that takes several words, what these are."""
    return str(argument.metavar or argument.name.upper())


def _option(option: Any) -> tuple[str, str, str]:
    names = ", ".join(sorted((*option.opts, *option.secondary_opts), key=len, reverse=True))
    annotation = next(iter(get_args(option.type_descriptor.annotation)), option.type_descriptor.annotation)
    default = option.default
    shown = "" if option.is_flag or default in (None, ()) or callable(default) else code(_plain(default))
    required = "required" if option.required else shown
    more = " May be given several times." if option.multiple and "several times" not in (option.help or "") else ""
    return code(f"{names}{'' if option.is_flag else f' {_value(annotation)}'}"), cell(f"{option.help or ''}{more}"), required


def _value(annotation: Any) -> str:
    """What an option takes: the words of a choice, or the kind of value."""
    return "|".join(annotation) if issubclass(annotation, StrEnum) else _TYPES[annotation.__name__]


def _plain(default: Any) -> str:
    return f"{default:%Y-%m-%d}" if isinstance(default, datetime) else str(getattr(default, "value", default))
