"""rently_db: the lending schema of Rently as code: models, migrations, analytics.

Backend developers: ``from rently_db.models import Loan``. Deploy engineers: ``alembic upgrade head``. See README.md.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("rently-db")
except PackageNotFoundError:  # a checkout on the path that was never installed
    __version__ = "0+unknown"
