"""What the operator says with ``-x key=value``."""

from __future__ import annotations

from pathlib import Path

from alembic.util import CommandError

from rently_db.migrate.mapping import ValueMapping, read_mapping
from rently_db.migrate.quarantine import QUARANTINE_LIMIT

_ARGUMENTS = ("url", "mapping", "on_violation", "quarantine_limit", "roles")


def read_arguments(given: dict[str, str]) -> dict[str, str]:
    """The ``-x key=value`` arguments.

    Raises:
        CommandError: a key is unknown or a value empty: it would be ignored, and the command would work on something else.
    """
    for key, value in given.items():
        if key not in _ARGUMENTS:
            raise CommandError(f"-x {key} is not known; there are: {', '.join(f'-x {name}=...' for name in _ARGUMENTS)}")
        if not value:
            raise CommandError(f"-x {key} is empty; give it a value, or leave it out")
    return given


def mapping_of(arguments: dict[str, str]) -> ValueMapping:
    """What the operator's mapping file says, if one is given."""
    return read_mapping(Path(arguments["mapping"])) if "mapping" in arguments else {}


def quarantine_of(arguments: dict[str, str]) -> int | None:
    """How many rows may be set aside; None if the operator did not ask for it.

    Raises:
        CommandError: a value means nothing, or a limit is given without the request.
    """
    wanted = arguments.get("on_violation")
    if wanted not in (None, "stop", "quarantine"):
        raise CommandError(f"-x on_violation is {wanted!r}; give stop or quarantine")
    limit = arguments.get("quarantine_limit")
    if limit is not None and (wanted != "quarantine" or not limit.isdecimal() or int(limit) == 0):
        raise CommandError(f"-x quarantine_limit is {limit!r}; give a number of rows, together with -x on_violation=quarantine")
    return None if wanted != "quarantine" else QUARANTINE_LIMIT if limit is None else int(limit)
