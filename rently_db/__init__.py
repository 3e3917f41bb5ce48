"""rently_db: the lending schema of Rently as code: models, migrations, analytics.

Backend developers: ``from rently_db.models import Loan``. Deploy engineers: ``alembic upgrade head``. See README.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rently_db.fit import SchemaError as SchemaError
    from rently_db.fit import require_schema as require_schema

    __version__: str

__all__ = ["SchemaError", "__version__", "require_schema"]


def __getattr__(name: str) -> object:
    """Public names are imported when they are asked for: ``rently-db --help`` needs none of what stands behind them."""
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("rently-db")
        except PackageNotFoundError:  # a checkout on the path that was never installed
            return "0+unknown"
    if name in __all__:
        from rently_db import fit

        return getattr(fit, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
