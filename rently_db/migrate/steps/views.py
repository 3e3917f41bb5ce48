"""Steps that change views, and columns under views: nothing that hangs on them is lost, and nobody who reads them sees an error.

What hangs on a view (views of others, grants, comments, indexes) is known to the database alone, at the moment of the change. So the
work is done by functions in the database (``views_facts.sql``, ``views_change.sql``), online as in a script. There are three ways:

* What CREATE OR REPLACE VIEW takes is replaced in place.
* Else the view and all that stands on it is dropped and made again, in one transaction.
* If a materialized view is among them, the new ones are built and filled beside the old ones first; then they change places, in one
  short transaction. What a killed run leaves beside is found and dropped.

Either way owners, grants, comments, options, indexes, triggers and rules are as before in the end, or the transaction is rolled back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rently_db.migrate.actions import Action, Lock, Mode, do_block, identifier, literal, locked
from rently_db.sql.catalog import KINDS, VIEWS, Entity

_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (?P<name>\w+) ON ")
_BESIDE = "pg_catalog.to_regnamespace('rently_beside')"
_STATE = f"pg_catalog.obj_description({_BESIDE}, 'pg_namespace')::jsonb"


@cache
def _functions() -> str:
    folder = Path(__file__).parent
    return ";\n".join(
        (folder / name).read_text(encoding="utf-8").rstrip().removesuffix(";") for name in ("views_facts.sql", "views_change.sql")
    )


def _call(call: str) -> tuple[str, ...]:
    return (_functions(), do_block(f"PERFORM pg_temp.{call};"))


def _index_name(statement: str, entity: Entity) -> str:
    match = _INDEX.match(statement)
    if match is None:
        raise ValueError(f"{entity.path}: after a view only CREATE INDEX may follow, not {statement.splitlines()[0]!r}")
    return match["name"]


def _index_names(entity: Entity) -> list[str]:
    return [_index_name(statement, entity) for statement in entity.more]


def _facts(entity: Entity) -> list[dict[str, Any]]:
    """What the file says of its relation besides the query, as ``views_facts.sql`` describes facts."""
    target = f"{entity.schema}.{entity.name}"
    facts = [{"number": 5, "item": "comment", "statement": f"COMMENT ON {entity.target} IS {literal(entity.header.description)}"}]
    for column, meaning in entity.header.columns:
        about = f"COMMENT ON COLUMN {target}.{identifier(column)} IS {literal(meaning)}"
        facts.append({"number": 5, "item": f"column {identifier(column)} comment", "statement": about})
    return facts + [{"number": 7, "item": f"index {_index_name(index, entity)}", "statement": index} for index in entity.more]


@dataclass(frozen=True, slots=True)
class ChangeViews:
    """Views and materialized views whose files changed: ``former`` and ``latter`` hold the same names, in the order of their MANIFESTs.

    ``revision`` is the one that brings the change. ``renamed`` says which columns only got another name (view -> former -> latter): views
    of others that show them follow; without it, such a column is one that goes, and another that comes.
    """

    revision: str
    former: tuple[Entity, ...]
    latter: tuple[Entity, ...]
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what can't be changed into each other."""
        names = {entity.qualified for entity in self.latter}
        if {entity.qualified for entity in self.former} != names or not names:
            raise ValueError(f"{self.revision}: the former and the latter views must be the same ones, not {sorted(names)}")
        for entity in (*self.former, *self.latter):
            if entity.kind not in VIEWS:
                raise ValueError(f"{entity.path}: {entity.qualified} is a {entity.kind}, not a view")
        if unknown := self.renamed.keys() - names:
            raise ValueError(f"{self.revision}: columns are renamed in {', '.join(sorted(unknown))}, which this step does not change")

    def up(self) -> list[Action]:
        return self._change("up", self.former, self.latter, self.renamed)

    def down(self) -> list[Action]:
        back = {view: {latter: former for former, latter in names.items()} for view, names in self.renamed.items()}
        return self._change("down", self.latter, self.former, back)

    def _change(
        self, direction: str, former: tuple[Entity, ...], latter: tuple[Entity, ...], renamed: Mapping[str, Mapping[str, str]]
    ) -> list[Action]:
        indexes = {entity.qualified: set(_index_names(entity)) for entity in former}
        changes = literal(
            json.dumps(
                [
                    {
                        "name": entity.qualified,
                        "kind": KINDS[entity.kind].keyword,
                        "create": entity.sql + (" WITH NO DATA" if entity.kind == "matview" else ""),
                        "lost_indexes": sorted(indexes[entity.qualified] - set(_index_names(entity))),
                        "facts": _facts(entity),
                        "renamed": dict(renamed.get(entity.qualified, {})),
                    }
                    for entity in latter
                ],
                ensure_ascii=False,
            )
        )
        names = [entity.qualified for entity in latter]
        title = f"change {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
        exclusive = locked("ACCESS EXCLUSIVE", *names)
        seeds = ", ".join(f"to_regclass({literal(name)})" for name in names)
        fresh = f"SELECT {_STATE} ->> 'former' = ({_state(seeds)})"
        recorded = (
            f"SELECT EXISTS (SELECT FROM ops.migration_step AS s WHERE s.revision = {literal(self.revision)} "
            f"AND s.direction = '{direction}' AND s.step = {literal(title)} AND s.state = 'done')"
        )
        return [
            # What was built beside is of no use once somebody has changed what it stands for: then it is built again.
            Action(
                title,
                _call(f"rently_prepare({changes})"),
                done=f"SELECT ({recorded}) AND ({_BESIDE} IS NULL OR ({fresh}))",
                locks=exclusive,
            ),
            Action(
                f"{title}: fill",
                _call("rently_gather()"),
                mode=Mode.VALIDATE,
                done=f"SELECT coalesce(({_STATE} ->> 'filled')::boolean, true)",
            ),
            Action(f"{title}: swap", _call(f"rently_swap({changes})"), done=f"SELECT {_BESIDE} IS NULL", locks=exclusive),
        ]


def _state(seeds: str) -> str:
    """The query that ``rently_state(rently_closure(...))`` is, for when those functions are not there yet."""
    return (
        f"WITH RECURSIVE above (id) AS (SELECT unnest(ARRAY[{seeds}]::oid[]) UNION SELECT r.ev_class FROM above AS a "
        "JOIN pg_catalog.pg_depend AS d ON d.refobjid = a.id AND d.refclassid = 'pg_catalog.pg_class'::regclass "
        "AND d.classid = 'pg_catalog.pg_rewrite'::regclass JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid "
        "JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')) "
        "SELECT pg_catalog.md5(string_agg(concat_ws(' ', r.ev_class, r.oid, r.xmin), ',' ORDER BY r.oid)) "
        "FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class IN (SELECT a.id FROM above AS a)"
    )


@dataclass(frozen=True, slots=True)
class ChangeColumnType:
    """A column of a table gets another type; the views that show it, and what stands on them, are dropped and made again around it.

    One transaction, under a lock on the table: PostgreSQL writes the table anew unless the types are stored alike, and materialized views
    above are filled within it. ``using`` and ``former_using`` are expressions where PostgreSQL has no cast of its own. ``fits`` is the
    condition that a value has in the former type as it is: going back, a column with others stays as it is, and a warning says so.
    """

    table: str
    """With its schema."""
    column: str
    former: str
    latter: str
    using: str | None = None
    former_using: str | None = None
    fits: str | None = None

    def up(self) -> list[Action]:
        return [self._change(self.latter, self.using)]

    def down(self) -> list[Action]:
        return [self._change(self.former, self.former_using, self.fits)]

    def _change(self, kind: str, using: str | None, fits: str | None = None) -> Action:
        table = ".".join(identifier(part) for part in self.table.split("."))
        alter = f"ALTER TABLE {table} ALTER COLUMN {identifier(self.column)} TYPE {kind}" + (f" USING {using}" if using else "")
        done = (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a "
            f"WHERE a.attrelid = to_regclass({literal(self.table)}) AND a.attname = {literal(self.column)} "
            f"AND pg_catalog.format_type(a.atttypid, a.atttypmod) = {literal(kind)})"
        )
        call = f"rently_retype({literal(table)}, {literal(self.column)}, {literal(alter)})"
        return Action(
            f"type of {self.table}.{self.column}",
            _call(call) if fits is None else (_functions(), self._if_all_fit(table, call, kind, fits)),
            done=done,
            locks=(Lock("ACCESS EXCLUSIVE", self.table.removeprefix("public.")),),
            reads=self.table.removeprefix("public."),
        )

    def _if_all_fit(self, table: str, call: str, kind: str, fits: str) -> str:
        """The change, unless a row does not fit: looked for under the lock, or one could come in between, and be rounded."""
        warning = f"{self.table}.{self.column}: % rows do not fit into {kind}, and it keeps the type {self.latter}"
        return do_block(
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;\nSELECT count(*) INTO others FROM {table} WHERE NOT ({fits});\n"
            f"IF others > 0 THEN\n  RAISE WARNING {literal(warning)}, others;\nELSE\n  PERFORM pg_temp.{call};\nEND IF;",
            "  others bigint;",
        )
