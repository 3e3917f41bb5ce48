"""Where the revisions are: in the checkout that the package is imported from, or inside the installed package.

The wheel carries ``alembic.ini`` and ``migrations/`` in ``rently_db/_deploy``, so that a service needs nothing but the package::

    alembic -c "$(python -m rently_db.packaged)" upgrade head
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INI = "alembic.ini"
_DEPLOY = PACKAGE / "_deploy"


class IncompletePackageError(RuntimeError):
    """The package has no revisions: neither a checkout's nor a wheel's. The message says what to do."""


def checkout() -> Path | None:
    """The top of the checkout that the package is imported from; None if it is installed from a wheel."""
    top = PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() and (top / "migrations" / "env.py").is_file() else None


def deployment_home() -> Path:
    """The folder with ``alembic.ini`` and ``migrations/``.

    Raises:
        IncompletePackageError: there is none.
    """
    for place in (checkout(), _DEPLOY):
        if place is not None and (place / INI).is_file() and (place / "migrations" / "env.py").is_file():
            return place
    raise IncompletePackageError(f"{PACKAGE} has no migrations, neither beside it as in a checkout nor within; install rently-db again")


def alembic_ini() -> Path:
    """The configuration for ``alembic -c``. Raises IncompletePackageError if the package lacks it."""
    return deployment_home() / INI


def migrations() -> Path:
    """The folder with Alembic's ``env.py``, the revisions and their frozen SQL. Raises IncompletePackageError if the package lacks it."""
    return deployment_home() / "migrations"


@cache
def revisions() -> tuple[str, ...]:
    """The ids of all revisions, oldest first, read from the text of their files: no revision is imported for it.

    Raises:
        IncompletePackageError: the package lacks them.
    """
    after: dict[str | None, str] = {}
    for path in (migrations() / "versions").glob("*.py"):
        said = {}
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() | None as value)):
                    said[name] = value
        revision = said.get("revision")
        if revision is not None:
            after[said.get("down_revision")] = revision
    found: list[str] = []
    present: str | None = None
    while (present := after.get(present)) is not None:
        found.append(present)
    return tuple(found)


if __name__ == "__main__":
    print(alembic_ini())
