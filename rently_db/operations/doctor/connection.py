"""The way to the server: who stands between, and who could listen."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from sqlalchemy import URL

from rently_db.database import PoolerError
from rently_db.migrate.pooling import Pooling
from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning


@check("connection", "pooling")
def pooling_mode(look: Look) -> Iterator[Answer]:
    """A migration needs sessions of its own."""
    yield verdict(look.engine.url, look.pooling)


def verdict(url: URL, found: Pooling) -> Answer:
    """What a pooler's mode means."""
    if found is Pooling.NONE:
        return ok("pooling", "connected to PostgreSQL itself")
    if found is Pooling.SESSION:
        return ok("pooling", "through a pooler in session mode, which keeps our sessions; it needs 3 free ones")
    sentence, _, mend = str(PoolerError(url, found)).partition("; ")
    return missing("pooling", sentence, mend)


def local(url: URL) -> bool:
    """Whether the URL leads to this host: a unix socket, or a loopback address."""
    host = url.query.get("host", url.host or "")
    if isinstance(host, tuple):
        return False
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def socket(url: URL) -> bool:
    """Whether the URL leads to a unix socket."""
    host = url.query.get("host", url.host or "")
    return isinstance(host, str) and (not host or host.startswith(("/", "@")))


@check("connection", "TLS")
def tls(look: Look) -> Iterator[Answer]:
    """Passwords and clients' data go over this wire."""
    driver = look.connection.connection.driver_connection
    # psycopg2 asks the connection's info, psycopg 3 its pgconn.
    encrypted = bool(getattr(getattr(driver, "pgconn", None), "ssl_in_use", None) or getattr(driver.info, "ssl_in_use", False))  # type: ignore[union-attr]
    yield encryption(look.engine.url, encrypted=encrypted)


def encryption(url: URL, *, encrypted: bool) -> Answer:
    """What TLS, or its absence, means for this address."""
    mode = url.query.get("sslmode", "prefer")
    if socket(url):
        return ok("TLS", "not needed: a unix socket")
    if encrypted and mode in ("verify-full", "verify-ca"):
        return ok("TLS", f"encrypted, and the server's certificate is verified (sslmode={mode})")
    if encrypted:
        return ok("TLS", f"encrypted; the server's certificate is not verified (sslmode={mode}; sslmode=verify-full would)")
    if local(url):
        return ok("TLS", "none, and not needed: the connection stays on this host")
    return warning("TLS", "this connection is not encrypted", "add ?sslmode=require (better: verify-full) to the URL")
