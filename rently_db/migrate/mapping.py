"""The operator's mapping file: what an unknown spelling, or a product code without a known prefix, means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from alembic.util import CommandError

from rently_db.migrate.actions import literal
from rently_db.migrate.repairs import CATEGORY_BY_PREFIX, VALUE_SETS

ValueMapping = Mapping[tuple[str, str, str], str]
"""(table, column, value as v0 has it) -> the value of v1, given by the operator."""

_COLUMNS = ["table", "column", "from", "to"]
_PRODUCT = ("product", "category")


def read_mapping(path: Path) -> ValueMapping:
    """Read a mapping file: CSV with the columns table, column, from, to. For ``product,category`` the value *from* is a product's code.

    Values are compared as the declared repairs leave them, so case and blanks of *from* don't matter.

    Raises:
        CommandError: the file can't be read, or a line says something that would have no effect; the message names the line.
    """
    mapping: dict[tuple[str, str, str], str] = {}
    for where, (table, column, former, value) in _lines(path):
        if (table, column) == _PRODUCT:
            known, key = tuple(category for _, category, _ in CATEGORY_BY_PREFIX), former.strip().upper()
        elif (table, column) in VALUE_SETS:
            known, key = VALUE_SETS[table, column], re.sub(r"[\s-]+", "_", former.strip().lower())
        else:
            raise CommandError(f"{where}: {table}.{column} can't be mapped; only columns with closed sets and product.category can")
        if value not in known:
            raise CommandError(f"{where}: {value!r} is no value of {table}.{column}; choose one of {', '.join(dict.fromkeys(known))}")
        if mapping.setdefault((table, column, key), value) != value:
            raise CommandError(f"{where}: {former!r} of {table}.{column} is mapped to {value!r} here and to another value above")
    return mapping


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Where each line stands, and its four fields; the head and empty lines left out."""
    number = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            head = next(reader, [])
            if head != _COLUMNS:
                raise CommandError(f"{path}:1: a mapping file begins with the line table,column,from,to, not with {','.join(head)!r}")
            while True:
                number = reader.line_num + 1
                fields = next(reader, None)
                if fields is None:
                    return
                if len(fields) not in (0, 4):
                    raise CommandError(f"{path}:{number}: a line has four fields (table,column,from,to), this one has {len(fields)}")
                if fields:
                    yield f"{path}:{number}", fields
    except OSError as error:
        raise CommandError(f"the mapping file {path} can't be read: {error.strerror}; name another file") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"the mapping file {path} is not UTF-8: save it as UTF-8") from error
    except csv.Error as error:
        raise CommandError(f"{path}:{number}: {error}; a field with a comma or a quote stands in double quotes") from error


def remember(mapping: ValueMapping) -> Iterator[str]:
    """The statements that tell the database, for the bridges, what the operator said."""
    for (table, column, former), value in mapping.items():
        row = ", ".join(literal(item) for item in (table, column, former, value))
        yield (
            f"INSERT INTO ops.value_mapping VALUES ({row})"
            " ON CONFLICT (table_name, column_name, from_value) DO UPDATE SET to_value = excluded.to_value"
        )
