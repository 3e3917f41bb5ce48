"""Follow a page of docs/how-to to the letter, in a copy of the checkout: write its files, make its edits, run its commands.

Comments above a block, which a reader does not see, say what to do with it; the text around them says the same in words:

    <!-- file: PATH -->                    the block is the file
    <!-- in: PATH, below: LINE -->         the block comes below that line
    <!-- in: PATH, instead of: LINE -->    the block takes the place of that line

A console block is run; what stands below a command is what it prints, ``[...]`` being anything.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from tests.docs.blocks import tokens
from tests.support.migrations import ROOT, plain

BIN = Path(sys.executable).parent
_NOTE = re.compile(r"<!-- (?P<note>(?:file|in): .*) -->")
_EDIT = re.compile(r"in: (?P<path>\S+), (?P<how>below|instead of): (?P<line>.*)")
_TOUCHED = re.compile(r"^- `(?P<path>[^`]+)`", re.MULTILINE)
_PROGRAMS = {
    "alembic": [sys.executable, "-m", "alembic"],
    "python": [sys.executable],
    "rently-db": [sys.executable, "-c", "from rently_db.cli import main; main()"],
    "make": ["make", f"BIN={BIN}"],
}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page and the note above it."""

    note: str
    language: str
    text: str


def steps(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order, each with the note above it."""
    note = None
    for token in tokens(page):
        if token.type == "fence":
            yield Block(note["note"] if note else "", token.info.strip(), token.content)
        note = _NOTE.fullmatch(token.content.strip()) if token.type == "html_block" else None


def touched(page: Path) -> set[str]:
    """The files, and new folders, that the page's last section lists."""
    return {match["path"] for match in _TOUCHED.finditer(page.read_text(encoding="utf-8").partition("\n## What was touched\n")[2])}


def commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block with the lines shown below it."""
    shown: list[str] = []
    command = ""
    for line in [*text.splitlines(), "$ "]:
        if line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line.removeprefix("$ "), []
        else:
            shown.append(line.rstrip())


class Checkout:
    """A copy of this checkout, as it is now, under version control of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)
        (folder / ".venv").mkdir()
        # For make: newer than what it depends on. The programs are those of BIN.
        (folder / ".venv" / "stamp").touch()
        self._git("init", "-q")
        self._git("add", "-A")
        self._git("-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q", "-m", "as it was")

    def _git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def status(self) -> set[str]:
        """What ``git status`` lists: changed files, new files, new folders."""
        return {line[3:] for line in self._git("status", "--porcelain").splitlines()}

    def change(self, block: Block) -> None:
        """Do what the note above a block says."""
        if block.note.startswith("file: "):
            path = self.folder / block.note.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return
        edit = _EDIT.fullmatch(block.note)
        assert edit, f"this note says nothing that can be done: {block.note}"
        path = self.folder / edit["path"]
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        [at] = [number for number, line in enumerate(lines) if line.rstrip("\n") == edit["line"]]
        lines[at : at + 1] = [block.text] if edit["how"] == "instead of" else [lines[at], block.text]
        path.write_text("".join(lines), encoding="utf-8")

    def run(self, command: str, url: URL) -> str:
        """What a command of the page prints on stdout, in this copy, on a database; it has to end well."""
        program, *arguments = shlex.split(command)
        # A share of the cases may leave out the very one that the page names.
        inherited = {name: value for name, value in os.environ.items() if name != "RENTLY_SHARE"}
        environment = inherited | {"PYTHONPATH": str(self.folder), ENVIRONMENT_VARIABLE: plain(url), "COLUMNS": "140", "PGOPTIONS": ""}
        done = subprocess.run(
            [*_PROGRAMS[program], *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        return done.stdout


def assert_printed(command: str, shown: list[str], printed: str) -> None:
    """What the page shows below a command is what it prints."""
    expected = "\n".join(shown).strip("\n")
    found = "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")
    pattern = re.escape(expected).replace(re.escape("[...]"), ".*")
    assert re.fullmatch(pattern, found, re.DOTALL), f"$ {command}\nthe page shows:\n{expected}\nit prints:\n{found}"


def follow(page: Path, copy: Checkout, url: URL) -> None:
    """Do all that a page says, in order."""
    for block in steps(page):
        if block.note:
            copy.change(block)
        elif block.language == "console":
            for command, shown in commands(block.text):
                printed = copy.run(command, url)
                if shown:
                    assert_printed(command, shown, printed)
