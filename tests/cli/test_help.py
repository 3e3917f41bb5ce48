"""Help teaches: each command shows an example that is right, in the order of the work; wrong calls and early ends are told in one line."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rently_db import __version__
from rently_db.cli import FLOW, app
from rently_db.cli.exit_codes import ExitCode
from rently_db.packaged import revisions
from tests.support.commands import COMMAND, rently_db, running
from tests.support.migrations import ROOT
from tests.support.terminal import on_terminal, plainly

HEAVY = ("sqlalchemy", "alembic", "psycopg2", "pglast", "yaml", "pytest", "hypothesis")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below a group, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ROOT_COMMAND = typer.main.get_command(app)
COMMANDS = {" ".join(path): command for path, command in commands(ROOT_COMMAND)}
ANOTHER_NAME = {"upgrade": "migrate", "backup take": "backup"}
"""Commands whose example is written with another name for the same."""


def parsed(arguments: list[str]) -> str:
    """The words of the command that arguments lead to; typer's UsageError if they are wrong."""
    context = ROOT_COMMAND.make_context("rently-db", arguments)
    words = []
    while hasattr(context.command, "commands"):
        name, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])  # type: ignore[attr-defined]
        words.append(str(name))
        context = command.make_context(name, rest, parent=context)
    return " ".join(words)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_parses(name: str):
    """Whoever asks how a command is called sees a call of that very command, and it would be accepted."""
    examples = re.findall(r"^Example: rently-db (.+)$", COMMANDS[name].help or "", re.MULTILINE)
    assert examples
    for example in examples:
        words = shlex.split(example)
        arguments = words[: words.index(">")] if ">" in words else words
        assert parsed(arguments) in (name, ANOTHER_NAME.get(name))


def test_a_wrong_example_would_be_noticed():
    """The parser that examples go through knows options: one that a command has not is an error."""
    with pytest.raises(Exception, match="No such option"):
        parsed(["doctor", "--no-such-option"])


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if any("--json" in one.opts for one in command.params)])
def test_help_says_what_json_has(name: str):
    """A script's author reads in the help which keys --json prints."""
    assert re.search(r"--json prints|Exit codes and --json as for", COMMANDS[name].help or "")


def test_help_lists_commands_in_the_order_of_the_work():
    """Prepare, migrate, operate, develop: each command stands in one of the four, in the order in which it is needed."""
    assert set(ROOT_COMMAND.commands) == {name for names in FLOW.values() for name in names}  # type: ignore[attr-defined]
    said = plainly(on_terminal(None, "--help").stdout)
    shown = re.findall(r"^│ ([a-z][a-z-]*)  +", said, re.MULTILINE)
    assert shown == [name for names in FLOW.values() for name in names]
    assert [title for title in re.findall(r"^╭─ (\w+)", said, re.MULTILINE) if title in FLOW] == list(FLOW)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_80_columns(name: str):
    """Help is read beside a shell: no line is longer than its terminal."""
    if name == "alembic":
        return  # Alembic's own help
    shown = subprocess.run(
        [*COMMAND, *name.split(), "--help"], cwd=ROOT, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True, check=True
    )
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "…" not in shown.stdout


@pytest.mark.parametrize("arguments", [(), ("backup",), ("catalog",)])
def test_who_asks_for_nothing_sees_the_help_once(arguments: tuple[str, ...]):
    """The program, or a group of commands, called by its name alone shows its help, once, and ends as a wrong call."""
    outcome = rently_db(None, *arguments)
    assert (outcome.code, outcome.stderr, outcome.stdout.count("Usage: ")) == (ExitCode.USAGE, "", 1)


def test_no_line_of_the_source_breaks_a_line_of_the_help():
    """Sentences of the help end where the terminal does, those of the program itself too."""
    texts = {" ".join(path): command.help or "" for path, command in [((), ROOT_COMMAND), *commands(ROOT_COMMAND)]}
    assert [name for name, text in texts.items() if re.search(r"\S\n\S", text.partition("\f")[0])] == []


def test_help_of_no_command_loads_what_it_does_not_need():
    """Help is quick: no driver, no Alembic, no parser of SQL is loaded for any command's."""
    program = f"""
import sys
from rently_db.cli import app
for name in {list(COMMANDS)!r}:
    if name == "alembic":
        continue
    try:
        app([*name.split(), "--help"], prog_name="rently-db")
    except SystemExit:
        pass
    loaded = {set(HEAVY)!r} & set(sys.modules)
    if loaded:
        sys.exit(f"{{name}} --help loads {{sorted(loaded)}}")
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def test_the_version_is_told():
    """Whoever reports a problem can say of which release."""
    said = rently_db(None, "--version")
    assert (said.code, said.stdout) == (ExitCode.DONE, f"rently-db {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("migrat",), "no such command 'migrat'; did you mean 'migrate'? rently-db --help shows what there is"),
        (("catalog", "lst"), "no such command 'lst'; did you mean 'list'? rently-db catalog --help shows what there is"),
        (
            ("preflight", "--baselin", "x"),
            "no such option: --baselin; did you mean --baseline? rently-db preflight --help shows what there is",
        ),
        (("plan", "a", "b"), "got unexpected extra argument(s) (b); rently-db plan --help shows what there is"),
        (("backup", "verify"), "missing argument 'file'; rently-db backup verify --help shows what there is"),
        (("plan", "--to"), "option '--to' requires an argument; rently-db plan --help shows what there is"),
        (("catalog", "list", "--tier"), "option '--tier' requires an argument; rently-db catalog list --help shows what there is"),
    ],
)
def test_a_wrong_call_is_one_sentence_with_what_was_meant(arguments: tuple[str, ...], said: str):
    """A mistyped word is answered by the right one, with exit code 2, in one line that a log keeps whole."""
    outcome = rently_db(None, *arguments)
    assert (outcome.code, outcome.stderr.lower(), outcome.stdout) == (ExitCode.USAGE, f"rently-db: {said.lower()}\n", "")


def test_ctrl_c_is_one_line():
    """A command that only looks, stopped while it waits for the server, says so and ends with 130."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with running(f"postgresql://u@{host}:{port}/d", "doctor") as process:
            connection, _ = silent.accept()
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            connection.close()
            stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (ExitCode.STOPPED, "", "rently-db: stopped\n")


@pytest.mark.parametrize(
    "arguments", [("catalog", "list"), ("catalog", "list", "--json"), ("dashboards", "list"), ("--help",), ("--version",)]
)
def test_a_reader_that_leaves_is_no_error(arguments: tuple[str, ...]):
    """`rently-db ... | head -1` ends quietly, as other programs do, whether the output is long or short."""
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True) as process:
        os.close(writer)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (ExitCode.NO_READER, "")


@pytest.mark.parametrize("arguments", [("catalog", "list"), ("catalog", "list", "--json"), ("--version",)])
def test_a_full_disk_is_one_sentence(arguments: tuple[str, ...]):
    """`rently-db ... > file` on a full disk says so; it is no error of ours, and the same command may be run again."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (ExitCode.RESUMABLE, 1), done.stderr
    assert done.stderr.startswith("rently-db: no room to write: ")
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str):
    """The script that a shell loads asks rently-db itself, and rently-db answers it."""
    script = rently_db(None, _RENTLY_DB_COMPLETE=f"source_{shell}")
    assert script.code == ExitCode.DONE
    assert f"_RENTLY_DB_COMPLETE=complete_{shell}" in script.stdout
    assert "rently-db" in script.stdout


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("mig", ["migrate"]),
        ("backup ver", ["verify"]),
        ("migrate --unt", ["--until"]),
        ("migrate --until v1_b", [name for name in reversed(revisions()) if name.startswith("v1_b")]),
        ("plan --to he", ["head"]),
        ("validate --rule trial", ["trial_balance"]),
        ("catalog show mv_port", ["mv_portfolio_month_end", "mv_portfolio_summary_realtime", "mv_portfolio_total"]),
        ("catalog list --tier T", ["T0", "T1", "T2", "T3"]),
        ("catalog list --kind mat", ["matview"]),
        ("catalog list --area regu", ["regulatory"]),
    ],
)
def test_a_shell_completes_commands_and_values(typed: str, completed: list[str]):
    """What stands in files is completed as it is typed: commands, options, revisions, rules, views."""
    words = ["rently-db", *typed.split()]
    said = rently_db(None, _RENTLY_DB_COMPLETE="complete_bash", COMP_WORDS=" ".join(words), COMP_CWORD=str(len(words) - 1))
    assert said.stdout.split() == completed
