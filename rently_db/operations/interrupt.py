"""Ctrl-C, SIGTERM and SIGHUP end the work at once, even while PostgreSQL is busy with a statement that takes an hour."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the signals raise KeyboardInterrupt in the main thread, after cancelling what its connections are waiting for.

    A driver in the middle of a statement gives Python no chance to handle a signal. Here a thread hears of it all the same, and asks the
    server to cancel the statements of all connections that SQLAlchemy opened inside the context. A signal that is ignored outside
    (``nohup``) stays ignored. Only for the main thread.
    """
    connections: weakref.WeakSet[Any] = weakref.WeakSet()

    def remember(connection: Any, _record: Any) -> None:
        connections.add(connection)

    def cancel(heard: socket.socket) -> None:
        while (numbers := heard.recv(64)) and 0 not in numbers:
            if not set(numbers).isdisjoint(_SIGNALS):
                for connection in list(connections):
                    with contextlib.suppress(Exception):  # closed meanwhile, or the server is gone: there is nothing to cancel
                        connection.cancel()

    before = [(number, signal.getsignal(number)) for number in _SIGNALS]
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    listener = threading.Thread(target=cancel, args=(ours,), name="rently-interrupt", daemon=True)
    event.listen(Pool, "connect", remember)
    woken = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    listener.start()
    try:
        for number, handler in before:
            if handler != signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken)
        event.remove(Pool, "connect", remember)
        theirs.send(b"\0")
        listener.join(timeout=5)
        ours.close()
        theirs.close()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore the signals for a moment: for tidying up, which must come to its end. Only for the main thread."""
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
