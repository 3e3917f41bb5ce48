"""Write the transcripts of README.md and docs/demo.md anew, from real runs: ``make transcripts``.

Each stands between ``<!-- transcript: NAME -->`` and ``<!-- /transcript -->``. Nothing in them is written by hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import psycopg2

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.server import Server
from rently_db.synth import SynthOptions, write_v0

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "demo.md")
DEMO = (sys.executable, "-m", "rently_db", "demo")
"""What ``make demo`` runs."""


def shell(command: Sequence[str], code: int = 0, **environment: str) -> str:
    """What a command prints, on a terminal 100 columns wide; it must end with that exit code."""
    env = {key: value for key, value in os.environ.items() if key != ENVIRONMENT_VARIABLE}
    env |= {"COLUMNS": "100", "NO_COLOR": "1", **environment}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != code:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}, not {code}:\n{done.stdout}")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


@cache
def demo(command: tuple[str, ...] = DEMO) -> str:
    """``make demo``."""
    return shell(command)


def proven(command: tuple[str, ...] = DEMO) -> str:
    """What ``make demo`` did and has proven, without the loan and the portfolio that it shows in between."""
    lines = demo(command).splitlines()
    end = next(number for number, line in enumerate(lines) if line.strip("─ ") == "proven")
    return "\n".join([*(line for line in lines[:end] if line.startswith("done ")), *lines[end:]])


def refused() -> str:
    """An upgrade of a database with rows that no repair mends."""
    with Server() as server:
        connection = psycopg2.connect(server.url())
        try:
            write_v0(connection, SynthOptions(loans=50))
            with connection, connection.cursor() as cursor:
                cursor.execute("UPDATE payment SET amount = -amount WHERE id = (SELECT min(id::text)::uuid FROM payment)")
                cursor.execute("INSERT INTO product (id, code, name) VALUES (%s, 'PARKING_001', 'Parking')", (f"{1:032x}",))
        finally:
            connection.close()
        return "$ alembic upgrade head\n" + shell(
            [sys.executable, "-m", "alembic", "upgrade", "head"], code=255, **{ENVIRONMENT_VARIABLE: server.url()}
        )


def history() -> str:
    """The plan."""
    return "$ alembic history\n" + shell([sys.executable, "-m", "alembic", "history"])


TRANSCRIPTS = {"demo": demo, "proven": proven, "refused": refused, "history": history}


def replaced(text: str, name: str, transcript: str) -> str:
    """The text with the transcript of that name put in."""
    pattern = re.compile(rf"(<!-- transcript: {name} -->\n).*?(<!-- /transcript -->)", re.DOTALL)
    return pattern.sub(lambda m: f"{m[1]}\n```text\n{transcript}\n```\n\n{m[2]}", text)


def main() -> None:
    """Run everything and write the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name, run in TRANSCRIPTS.items():
            if f"<!-- transcript: {name} -->" in text:
                text = replaced(text, name, run())
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
