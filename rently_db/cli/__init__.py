"""The command `rently-db`.

Every module here that has an `app` is a command of the module's name: with one command and no callback it is that
command, otherwise a group of commands. Modules import what they work with inside their functions, so that `--help` is quick.
"""

from __future__ import annotations

import errno
import importlib
import inspect
import os
import pkgutil
import re
import signal
import sys
import traceback
from typing import Annotated, Any

try:
    import typer
    from typer.core import TyperGroup
except ModuleNotFoundError:
    print("rently-db needs typer and rich; run: pip install 'rently-db[cli]'", file=sys.stderr)
    sys.exit(2)  # ExitCode.USAGE, which stands below

from rently_db.cli.exit_codes import ExitCode

__all__ = ["ExitCode", "app", "main"]

FLOW = {
    "Prepare": ("doctor", "preflight", "compat", "plan", "backup", "rehearse"),
    "Migrate": ("migrate", "upgrade", "alembic", "status", "baseline", "rollback", "restore"),
    "Operate": ("access", "run-due", "validate", "drift", "golive", "prometheus", "dashboards"),
    "Develop": ("psql", "catalog", "new", "freeze", "synth", "demo", "server"),
}
"""The commands in the order in which they are needed."""
_INSUFFICIENT_PRIVILEGE = "42501"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _InOrder(TyperGroup):
    """Lists commands as the work flows, whether they are groups or not."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Those of ``FLOW`` in their order, then what it does not know."""
        order = [name for names in FLOW.values() for name in names]
        return sorted(super().list_commands(ctx), key=lambda name: order.index(name) if name in order else len(order))


app = typer.Typer(
    name="rently-db",
    cls=_InOrder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        from rently_db import __version__

        typer.echo(f"rently-db {__version__}")
        raise typer.Exit


def _plain_text(asked: bool) -> None:
    if asked:
        os.environ["NO_COLOR"] = "1"
    if os.environ.get("NO_COLOR"):
        # To rich the variable leaves bold and underlined text; who asked for plain text gets it, from typer's help too.
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"


@app.callback()
def rently(
    *,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", callback=_plain_text, is_eager=True, help="Plain text, as NO_COLOR=1 in the environment.")
    ] = False,
) -> None:
    """Carries a live legacy Rently database to its new schema and back, and looks after it there.

    Example: rently-db doctor postgresql://deploy@db.example/rently

    Most commands work on the database that RENTLY_DATABASE_URL names; with --json they print JSON, whose keys stay as they are.

    Exit codes: 0 done; 1 done, and something was found to mend; 2 a wrong call, or a server that can't be reached; 3 stopped half way: run
    the same command again; 70 an error of ours; 130 stopped by Ctrl-C; 141 nobody read the output any more. psql passes on its own.
    """


def main() -> None:
    """Run the command line; errors a user can mend are one sentence on stderr and exit code 2."""
    interrupted = _remember_interrupts()
    _plain_text(asked=False)  # --help is dealt with before any other option
    try:
        code = app(prog_name="rently-db", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as left:
        _leave(left)
    except typer.Abort:
        code = ExitCode.STOPPED
    except Exception as problem:  # noqa: BLE001 - the outermost place; nothing is swallowed
        if isinstance(problem, OSError) and problem.errno in _NO_ROOM:
            _forget_output()
            print(f"rently-db: no room to write: {problem}; make some, and run the command again", file=sys.stderr)
            sys.exit(ExitCode.RESUMABLE)
        sentence = _usage(problem) or _sentence(problem)
        if sentence is None:
            traceback.print_exception(problem)
            sys.exit(ExitCode.BUG)
        print(f"rently-db: {sentence}", file=sys.stderr)
        sys.exit(ExitCode.USAGE)
    if code == ExitCode.STOPPED and interrupted:
        print("rently-db: stopped", file=sys.stderr)
    sys.exit(code or ExitCode.DONE)


def _remember_interrupts() -> list[int]:
    """Notes each Ctrl-C that reaches us and nobody else; a shell's background, where it is ignored, stays so."""
    heard: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)
    return heard


def _leave(left: BaseException) -> None:
    """End as one does whose reader has gone (``| head``), or as the command says."""
    if isinstance(left, SystemExit) and not isinstance(left.__context__, BrokenPipeError):
        raise left
    _forget_output()
    sys.exit(ExitCode.NO_READER)


def _forget_output() -> None:
    """Forget what could not be printed: Python flushes once more on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(problem: Exception) -> str | None:
    """A wrong call in one sentence; None if it is something else."""
    context = getattr(problem, "ctx", None)
    if not hasattr(problem, "format_message") or not hasattr(problem, "exit_code"):
        return None
    if type(problem).__name__ == "NoArgsIsHelpError":
        sys.exit(ExitCode.USAGE)  # typer has printed the help when it made this error
    said = problem.format_message().rstrip(".")
    said = re.sub(r" \(Possible options?: (.+)\)$|\. Did you mean (.+)\?$", lambda found: f"; did you mean {found[1] or found[2]}?", said)
    path = context.command_path if context is not None else _called()
    return f"{said[:1].lower()}{said[1:]}{'' if said.endswith('?') else ';'} {path} --help shows what there is"


def _called() -> str:
    """The command that was called, as far as it is one; an error of the parser itself does not say."""
    known: Any = typer.main.get_command(app)
    words = ["rently-db"]
    for word in sys.argv[1:]:
        known = getattr(known, "commands", {}).get(word)
        if known is None:
            break
        words.append(word)
    return " ".join(words)


def _sentence(problem: Exception) -> str | None:
    """What to tell the user about an error of theirs or of their server; None if it is ours."""
    from alembic.util import CommandError
    from sqlalchemy.exc import OperationalError

    from rently_db.database import DatabaseUrlError, connect_error_sentence
    from rently_db.server import ServerError

    if isinstance(problem, DatabaseUrlError | ServerError | CommandError):
        return str(problem)
    if isinstance(problem, OperationalError):
        return connect_error_sentence(problem)
    refused = getattr(problem, "orig", problem)
    if getattr(refused, "pgcode", None) == _INSUFFICIENT_PRIVILEGE:
        return f"{str(refused).splitlines()[0]}: connect as the role that owns the tables, or be granted the right by it"
    return None


def _register() -> None:
    panels = {name: panel for panel, names in FLOW.items() for name in names}
    if app.registered_callback is not None:
        app.registered_callback.help = _paragraphs(rently)
    for module_info in pkgutil.iter_modules(__path__):
        name = module_info.name.replace("_", "-")
        sub = getattr(importlib.import_module(f"{__name__}.{module_info.name}"), "app", None)
        if sub is None:
            continue
        for command in sub.registered_commands:
            command.help = _paragraphs(command.callback)
        if len(sub.registered_commands) == 1 and sub.registered_callback is None and not sub.registered_groups:
            command = sub.registered_commands[0]
            command.name = name
            command.rich_help_panel = panels.get(name)
            app.registered_commands.append(command)
        else:
            app.add_typer(sub, name=name, rich_help_panel=panels.get(name))


def _paragraphs(function: Any) -> str:
    """A docstring's paragraphs, each in one line: where a line ends in the source is no place to break it on a terminal."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", (inspect.getdoc(function) or "").partition("\f")[0]))


_register()
