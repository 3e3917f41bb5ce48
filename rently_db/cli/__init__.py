"""The command `rently-db`.

Every module here that has an `app` is a command of the module's name: with one command and no callback it is that
command, otherwise a group of commands. Modules import what they work with inside their functions, so that `--help` is quick.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback

try:
    import typer
except ModuleNotFoundError:
    print("rently-db needs typer and rich; run: pip install 'rently-db[cli]'", file=sys.stderr)
    sys.exit(2)  # ExitCode.USAGE, which stands below

from rently_db.cli.exit_codes import ExitCode

__all__ = ["ExitCode", "app", "main"]

_INSUFFICIENT_PRIVILEGE = "42501"

app = typer.Typer(
    name="rently-db",
    help="Carries a live legacy Rently database to its new schema and back, and looks after it there.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; errors a user can mend are one sentence on stderr and exit code 2."""
    try:
        app(prog_name="rently-db")
    except Exception as problem:  # noqa: BLE001 - the outermost place; nothing is swallowed
        sentence = _sentence(problem)
        if sentence is None:
            traceback.print_exception(problem)
            sys.exit(ExitCode.BUG)
        print(f"rently-db: {sentence}", file=sys.stderr)
        sys.exit(ExitCode.USAGE)


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
    for module_info in pkgutil.iter_modules(__path__):
        name = module_info.name.replace("_", "-")
        sub = getattr(importlib.import_module(f"{__name__}.{module_info.name}"), "app", None)
        if sub is None:
            continue
        if len(sub.registered_commands) == 1 and sub.registered_callback is None and not sub.registered_groups:
            command = sub.registered_commands[0]
            command.name = name
            app.registered_commands.append(command)
        else:
            app.add_typer(sub, name=name)


_register()
