"""Settings of a deployment that come from environment variables."""

from __future__ import annotations

import math
import os

from alembic.util import CommandError


def seconds(variable: str, default: float, meaning: str, *, at_most: float = math.inf, may_be_zero: bool = False) -> float:
    """The seconds that an environment variable holds, or the default where it is not set; ``meaning`` says what they are.

    Raises:
        CommandError: the variable holds no number, or one that is no time to wait; the message says how to write it.
    """
    text = os.environ.get(variable)
    if text is None:
        return float(default)  # printed the same, whether it is set or not: the frozen script of the way back says 1.0
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    # "nan" is a number to float(), and no comparison with it ever ends a wait.
    if (found >= 0 if may_be_zero else found > 0) and found <= at_most:
        return found
    raise CommandError(f"{variable} is {text!r}; give {meaning} in seconds, e.g. {variable}={default:g}")
