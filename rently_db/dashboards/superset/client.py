"""Superset's REST interface, as far as we use it. Standard library only.

What we own in a Superset is marked (see `Client.prune`), so that nothing of a user's is ever overwritten or deleted.
"""

from __future__ import annotations

import http.cookiejar
import io
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import URL

from rently_db.dashboards.superset.environment import SupersetError

OWNER = "Rently"
"""`certified_by` of our charts and dashboards."""
Kind = Literal["chart", "dashboard", "dataset", "database"]

_DATABASE_FILE = "databases/rently.yaml"
_MASK = "XXXXXXXXXX"  # Superset's word for "the password comes separately"; without it the password is thrown away
_FOLDERS = {"charts", "dashboards", "datasets"}
_ORDER: dict[Kind, str] = {"chart": "slice_name", "dashboard": "dashboard_title", "dataset": "table_name", "database": "database_name"}
_PAGE = 100
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: HTTP status, media type and body."""

    status: int
    media_type: str
    body: bytes

    def json(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)

    def reason(self) -> str:
        """The server's message, if there is one, in one line."""
        try:
            said = self.json()
        except ValueError:
            said = self.body.decode(errors="replace")
        if isinstance(said, dict):
            said = said.get("message") or said.get("errors") or said
        return " ".join(str(said).split())[:600]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What `Client.prune` deleted, and what it left because something of a user's needs it, each as one phrase."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartData:
    """What the server has for one chart: how many rows, or the error."""

    chart: str
    rows: int
    error: str | None


class Client:
    """A person logged in to a Superset. Raises SupersetError if the server refuses the password."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url.rstrip("/")
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self._headers: dict[str, str] = {"Referer": self.url}
        person = {"username": username, "password": password, "provider": "db", "refresh": False}
        answer = self.send("POST", "/api/v1/security/login", person)
        if answer.status != 200:
            raise SupersetError(f"{self.url} does not let {username} in ({answer.reason()}); use the login that `make superset` prints")
        self._headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        token = self.send("GET", "/api/v1/security/csrf_token/")
        if token.status == 200:  # who may only read is not given one
            self._headers["X-CSRFToken"] = token.json()["result"]

    def send(self, method: str, path: str, content: object = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One request; `content` goes as JSON, bytes as they are. An HTTP error is an answer like any other."""
        body = content if isinstance(content, bytes) or content is None else json.dumps(content).encode()
        quoted = urllib.parse.quote(path, safe="/?&=%:,()!'~")
        request = urllib.request.Request(self.url + quoted, data=body, method=method)  # noqa: S310 - the caller's own server
        # Superset reads the body of whatever says that it has one.
        media_type = {} if body is None else {"Content-Type": "application/json"}
        for name, value in {**media_type, **self._headers, **(headers or {})}.items():
            request.add_header(name, value)
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return Answer(answer.status, answer.headers.get_content_type(), answer.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.headers.get_content_type(), refused.read())
        except OSError as problem:
            raise SupersetError(f"{self.url} does not answer ({problem}); start it with make superset") from problem

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises SupersetError if there is none for us."""
        return self._expect("GET", path)

    def post(self, path: str, content: object) -> Any:
        """Make something. Raises SupersetError if the server refuses."""
        return self._expect("POST", path, content)

    def put(self, path: str, content: object) -> Any:
        """Change something. Raises SupersetError if the server refuses."""
        return self._expect("PUT", path, content)

    def delete(self, path: str) -> None:
        """Delete something. Raises SupersetError if the server refuses."""
        self._expect("DELETE", path)

    def listed(self, path: str, order: str | None = None) -> Iterator[dict[str, Any]]:
        """All entries of a listing, page by page, ordered by a column: `listed("/api/v1/chart/", "slice_name")`."""
        ordered = f"order_column:{order},order_direction:asc," if order else ""
        page = 0
        while True:
            found = self.get(f"{path}?q=({ordered}page:{page},page_size:{_PAGE})")["result"]
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def ids(self, kind: Kind) -> dict[str, int]:
        """The number in this Superset of each uuid."""
        return {str(entry["uuid"]): int(entry["id"]) for entry in self._entries(kind)}

    def import_bundle(self, files: Mapping[str, bytes], data_url: URL) -> None:
        """Make or overwrite what `files` describe; `data_url` is where the views are, and the password in it goes separately.

        Numbers stay as they were; dashboards keep their roles, datasets their row-level security. Nothing is deleted: see `prune`.
        Raises SupersetError; which file and why, Superset says in its log only.
        """
        address = data_url.set(drivername="postgresql+psycopg2", password=_MASK).render_as_string(hide_password=False)
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in sorted(files.items()):
                described = {**parsed(content), **_marks(path), **({"sqlalchemy_uri": address} if path == _DATABASE_FILE else {})}
                archive.writestr(f"rently/{path}", json.dumps(described))  # JSON is YAML
        passwords = json.dumps({_DATABASE_FILE: str(data_url.password or "")})
        body, media_type = _form({"passwords": passwords}, zipped.getvalue())
        answer = self.send("POST", "/api/v1/assets/import/", body, headers={"Content-Type": media_type})
        if answer.status != 200:
            reason = f"{answer.status}: {answer.reason()}"
            raise SupersetError(
                f"Superset refuses the dashboards ({reason}); its superset.log says which file, mend it in rently_db/dashboards"
            )

    def prune(self, files: Mapping[str, bytes]) -> Pruned:
        """Delete what an earlier bundle made and `files` no longer hold.

        Ours is only what is managed externally, has a name-based uuid, and is certified by us or (datasets) reads our database:
        what people make has a random uuid, and copies do not inherit these marks. A chart on a person's dashboard stays, and so
        does a dataset that a person's chart reads; both are reported.
        """
        wanted = {str(parsed(content)["uuid"]) for path, content in files.items() if path.partition("/")[0] in _FOLDERS}
        database = str(parsed(files[_DATABASE_FILE])["uuid"])
        deleted: list[str] = []
        kept: list[str] = []
        dashboards = [entry for entry in self._entries("dashboard") if _is_ours(entry)]
        for entry in _gone(dashboards, wanted):
            self.delete(f"/api/v1/dashboard/{entry['id']}")
            deleted.append(f"dashboard {entry['dashboard_title']}")
        ours = {int(entry["id"]) for entry in dashboards}
        for entry in _gone(filter(_is_ours, self._entries("chart")), wanted):
            others = [shown["dashboard_title"] for shown in entry["dashboards"] if int(shown["id"]) not in ours]
            if others:
                kept.append(f"chart {entry['slice_name']}, which is on dashboard {', '.join(sorted(others))}")
                continue
            self.delete(f"/api/v1/chart/{entry['id']}")
            deleted.append(f"chart {entry['slice_name']}")
        for entry in _gone(self._entries("dataset"), wanted):
            if (
                str(entry["database"]["uuid"]) != database
                or not self.get(f"/api/v1/dataset/{entry['id']}")["result"]["is_managed_externally"]
            ):
                continue
            readers = self.get(f"/api/v1/dataset/{entry['id']}/related_objects")["charts"]["result"]
            if readers:
                kept.append(
                    f"dataset {entry['table_name']}, which chart {', '.join(sorted(reader['slice_name'] for reader in readers))} reads"
                )
                continue
            self.delete(f"/api/v1/dataset/{entry['id']}")
            deleted.append(f"dataset {entry['table_name']}")
        return Pruned(tuple(deleted), tuple(kept))

    def chart_data(self, uuids: Iterable[str] | None = None) -> Iterator[ChartData]:
        """Ask for the data of each of our charts, past the cache, with the query that the bundle gave it."""
        only = set(uuids) if uuids is not None else None
        for entry in list(self._entries("chart")):
            if (only is None and not _is_ours(entry)) or (only is not None and str(entry["uuid"]) not in only):
                continue
            answer = self.send("GET", f"/api/v1/chart/{entry['id']}/data/?force=true")
            if answer.status != 200:
                yield ChartData(entry["slice_name"], 0, f"{answer.status}: {answer.reason()}")
                continue
            results = answer.json()["result"]
            errors = [result["error"] for result in results if result.get("error")]
            yield ChartData(entry["slice_name"], sum(int(result["rowcount"] or 0) for result in results), errors[0] if errors else None)

    def _entries(self, kind: Kind) -> Iterator[dict[str, Any]]:
        return self.listed(f"/api/v1/{kind}/", _ORDER[kind])

    def _expect(self, method: str, path: str, content: object = None) -> Any:
        answer = self.send(method, path, content)
        if answer.status not in {200, 201}:
            raise SupersetError(
                f"Superset refuses {method} {path.partition('?')[0]} ({answer.status}: {answer.reason()}); see its superset.log"
            )
        return answer.json()


def parsed(content: bytes) -> dict[str, Any]:
    """What a file of the bundle says."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built
    found: dict[str, Any] = yaml.load(content, Loader=loader)  # noqa: S506 - both are the safe one
    return found


def _marks(path: str) -> dict[str, object]:
    """What makes a thing ours in Superset, and takes the button to edit it away."""
    folder = path.partition("/")[0]
    managed: dict[str, object] = {"is_managed_externally": True} if folder in _FOLDERS else {}
    return {**managed, "certified_by": OWNER} if folder in {"charts", "dashboards"} else managed


def _is_ours(entry: Mapping[str, Any]) -> bool:
    return bool(entry["is_managed_externally"]) and entry["certified_by"] == OWNER and UUID(str(entry["uuid"])).version == 5


def _gone(entries: Iterable[dict[str, Any]], wanted: set[str]) -> list[dict[str, Any]]:
    return [entry for entry in entries if str(entry["uuid"]) not in wanted and UUID(str(entry["uuid"])).version == 5]


def _form(fields: Mapping[str, str], bundle: bytes) -> tuple[bytes, str]:
    """A form with the zip file as `bundle`, and its media type."""
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="bundle"; filename="rently.zip"\r\nContent-Type: application/zip\r\n\r\n'
    return b"".join([*parts, head.encode(), bundle, f"\r\n--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
