"""Errors of backup and restore that the operator can mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from rently_db.database import connect_error_sentence


class BackupError(Exception):
    """The work can't begin. The message is one sentence: what was found, where, and the mend; nothing was changed."""


class HalfWayError(BackupError):
    """The work stopped half way; what it had made is removed, or the message says what is left. It can be run again."""


class DamagedError(Exception):
    """The file, or what was restored from it, is not what was backed up. The message is one sentence."""


@contextmanager
def database_errors(url: URL, kind: type[BackupError] = HalfWayError) -> Iterator[None]:
    """Turn what the server refuses inside into one sentence of the given kind, without a password."""
    try:
        yield
    except DBAPIError as problem:
        raise kind(connect_error_sentence(problem, url)) from problem
