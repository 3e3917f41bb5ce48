"""Type-checked as a user's code: what `rently_db.database` and `rently_db.server` give to a typed program."""

from pathlib import Path
from typing import assert_type

from sqlalchemy import URL, Engine

from rently_db import require_schema
from rently_db.database import DatabaseUrlError, connect_error_sentence, make_engine, masked, parse_url, resolve_url
from rently_db.server import Server, client_tool, embedded_server, installed_server


def use_a_database(text: str) -> str:
    """An engine from a text, and one from a URL."""
    try:
        url = parse_url(text, source="the option --url")
    except DatabaseUrlError as refused:
        return str(refused)
    assert_type(url, URL)
    engine = make_engine(url, echo=True)
    assert_type(engine, Engine)
    require_schema(engine, reads=["analytics.v_dpd_analysis"])
    with resolve_url(None, allow_embedded=True) as resolved:
        assert_type(resolved, URL)
    return masked(url) + connect_error_sentence(OSError(), url)


def use_a_server() -> None:
    """A temporary server, another version, and the checkout's own."""
    with Server(installed_server("12"), tcp=True, settings={"work_mem": "1MB"}, hba=["host all all 127.0.0.1/32 trust"]) as server:
        assert_type(server, Server)
        assert_type(server.url("rently", tcp=True), str)
    with embedded_server() as shared:
        assert_type(shared, Server)
    assert_type(client_tool("psql"), Path)
