"""What PostgreSQL's errors mean to the person who deploys."""

from __future__ import annotations

from psycopg2 import errors


def mend(error: errors.Error) -> str:
    """What mends an error of the server that somebody else has to mend."""
    if isinstance(error, errors.DiskFull):
        return "Make room on the server's disk"
    if isinstance(error, errors.QueryCanceled):
        return "An administrator or a time limit ended the statement: find out who"
    if isinstance(error, errors.LockNotAvailable):
        return "Somebody holds a lock for long (the lines above name them): end that session, or take a quieter moment"
    if isinstance(error, errors.AdminShutdown | errors.CrashShutdown | errors.CannotConnectNow) or error.pgcode is None:
        # Who ended it, the driver doesn't pass on.
        return "The connection was lost: see that the server runs, and ask who ended the session if it does"
    return "Nothing of this step stayed; mend the cause"


def said(error: errors.Error) -> str:
    """What PostgreSQL said, with the key or row that it names."""
    detail = error.diag.message_detail
    return first_line(error) + (f" ({detail.rstrip('.')})" if detail else "")


def first_line(error: Exception) -> str:
    """The first line of an error, or its kind if it says nothing."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
