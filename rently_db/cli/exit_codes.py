"""What the exit code of `rently-db` says to a script."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command, except `psql`, which passes on psql's own."""

    DONE = 0
    FINDINGS = 1
    """The command worked, and found something to mend."""
    USAGE = 2
    """A wrong option, a wrong URL, a server that can't be reached: correct it and run the command again."""
    RESUMABLE = 3
    """Work stopped half way; run the same command again and it goes on from there."""
    BUG = 70
    """An error nobody foresaw, with its traceback; kept apart from FINDINGS, which Python's own exit code would be."""
    STOPPED = 130
    """Ctrl-C, where nothing is half done: a command that only looks."""
    NO_READER = 141
    """Nobody read the output any more, as after ``| head``."""
