"""What MkDocs does besides rendering docs/*.md: see `hooks` in mkdocs.yml.

- README.md, CHANGELOG.md and the other pages of the checkout's top level are pages of the site.
- A link out of docs/ leads, on the site, to such a page or to a copy of the source file with its colours; the pages themselves keep links
  that work in the checkout.
- The navigation's entries with a `*` stand for the pages that they match and that no other entry names.
- Mermaid and the shim for searching from file:// come from npm, once, and are served with the site: a reader asks no other host.
"""

from __future__ import annotations

import html
import os
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

from rently_db.server import ServerError
from rently_db.server.npm import unpacked

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TOP = {
    "README.md": "readme.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
}
"""Pages of the checkout's top level, and where they are on the site."""
MERMAID = "assets/mermaid.min.js"
SHIM = "assets/iframe-worker.js"
SCRIPTS = {
    MERMAID: (
        "mermaid@11.17.2",
        "V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg==",
        "dist/mermaid.min.js",
    ),
    SHIM: (
        "iframe-worker@1.0.4",
        "roeaaI+Lg1LJNfgpCjoRe/+WzEjy9+Z08LoEvu85MCPbBjwm+qXz8Ag5U05lHa6V1CysZyGzE0SOkAtSUA5q7Q==",
        "shim/index.js",
    ),
}
"""Path on the site -> npm package, SHA-512 of its archive, and the file in it. Mermaid 11 is what Material 9.8 draws with."""

LINK = re.compile(r"(\]\()((?!\w+:|#)[^)#\s]+)(#[^)\s]*)?(\))")
_FENCED = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$", re.DOTALL | re.MULTILINE)
_BAR = re.compile(r"^\|.*\\\|.*$", re.MULTILINE)
"""A row of a table with a bar in code: GitHub wants it escaped, Python-Markdown shows the backslash."""
_SPAN = re.compile(r"`[^`\n]*`")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Material asks unpkg.com for the shim unless it is given one."""
    config.extra["polyfills"] = [SHIM]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what does not lie below docs/, and write out the navigation."""
    for name, uri in TOP.items():
        if (ROOT / name).exists():
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / name)))
    for uri, path in _scripts():
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    for source in sorted(_linked_sources(files)):
        files.append(File.generated(config, site_uri(source), content=_shown(source)))
    pages = {file.src_uri for file in files.documentation_pages()}
    nav = config.nav or []
    config.nav = list(_navigation(nav, pages, set(_named(nav))))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Turn links of the checkout into links of the site."""
    origin = Path(page.file.abs_src_path or "")

    def turned(found: re.Match[str]) -> str:
        target = Path(os.path.normpath(origin.parent / found[2]))
        if not target.exists():
            return found[0]  # MkDocs names it in its warning
        there = posixpath.relpath(site_uri(target), posixpath.dirname(page.file.src_uri) or ".")
        return f"{found[1]}{there}{found[3] or ''}{found[4]}"

    return _BAR.sub(
        lambda row: _SPAN.sub(lambda span: span[0].replace("\\|", "|"), row[0]),
        _outside_code(markdown, lambda text: LINK.sub(turned, text)),
    )


def on_post_page(output: str, page: Page, **_: object) -> str:
    """Load Mermaid, which is large, where a diagram is to be drawn."""
    if 'class="mermaid"' not in output:
        return output
    here = posixpath.dirname(page.file.dest_uri) or "."
    scripts = "".join(f'<script src="{posixpath.relpath(uri, here)}"></script>' for uri in (MERMAID, "assets/diagrams.js"))
    return output.replace("</head>", f"{scripts}</head>", 1)


def site_uri(path: Path) -> str:
    """Where a file or folder of the checkout is on the site, as MkDocs names its source."""
    if path.is_relative_to(DOCS) and path.suffix != ".py" and path.is_file():
        return path.relative_to(DOCS).as_posix()
    name = path.relative_to(ROOT).as_posix()
    if name in TOP:
        return TOP[name]
    return f"source/{name}/index.html" if path.is_dir() else f"source/{name}.html"


def _outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """Change what stands outside of fenced blocks and code spans."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    def back(text: str) -> str:
        return re.sub(r"\0(\d+)\0", lambda found: back(kept[int(found[1])]), text)

    return back(change(_SPAN.sub(keep, _FENCED.sub(keep, markdown))))


def _linked_sources(files: Files) -> set[Path]:
    """Files and folders of the checkout that pages link to and that are no pages; of a folder its files, too."""
    found: set[Path] = set()
    for file in files.documentation_pages():
        origin = Path(file.abs_src_path or "")
        for _, link, _, _ in LINK.findall(_SPAN.sub("", _FENCED.sub("", origin.read_text(encoding="utf-8")))):
            target = Path(os.path.normpath(origin.parent / link))
            if target.is_relative_to(ROOT) and target.exists() and site_uri(target).startswith("source/"):
                found.add(target)
                found.update(path for path in (target.iterdir() if target.is_dir() else ()) if path.is_file())
    return found


def _shown(path: Path) -> str:
    """A page with a source file and its colours, or with the list of a folder."""
    title = html.escape(path.relative_to(ROOT).as_posix())
    if path.is_dir():
        rows = "\n".join(f'<li><a href="{each.name}.html">{each.name}</a></li>' for each in sorted(path.iterdir()) if each.is_file())
        return f'<!doctype html><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><ul>{rows}</ul>'
    try:
        lexer = get_lexer_for_filename(path.name)
    except ClassNotFound:
        lexer = TextLexer()
    text = path.read_text(encoding="utf-8")
    return str(highlight(text, lexer, HtmlFormatter(full=True, title=title, encoding=None, linenos="inline", lineanchors="L")))


def _navigation(entries: Sequence[Any], pages: AbstractSet[str], named: AbstractSet[str]) -> Iterator[Any]:
    """The entries, those with a `*` replaced by what they match; pages and sections that are not there yet are left out."""
    for entry in entries:
        title, below = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(below, list):
            if inner := list(_navigation(below, pages, named)):
                yield {title: inner}
        elif "*" in below:
            folder = posixpath.dirname(below)
            yield from sorted(page for page in pages - named if posixpath.dirname(page) == folder and fnmatchcase(page, below))
        elif below in pages:
            yield entry


def _named(entries: Sequence[Any]) -> Iterator[str]:
    """All entries of the navigation, without their titles."""
    for entry in entries:
        below = next(iter(entry.values())) if isinstance(entry, dict) else entry
        yield from _named(below) if isinstance(below, list) else [below]


def _scripts() -> Iterator[tuple[str, Path]]:
    """The scripts from npm, kept in .rently/web."""
    kept = ROOT / ".rently" / "web"
    kept.mkdir(parents=True, exist_ok=True)
    for uri, (package, sha512, file) in SCRIPTS.items():
        path = kept / f"{package}.js"
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=kept) as scratch:
                try:
                    (unpacked(package, sha512, Path(scratch)) / file).rename(path)
                except ServerError as problem:
                    raise PluginError(str(problem)) from problem
        yield uri, path
