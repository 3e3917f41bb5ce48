"""Write the statements that change rows, for the frozen folders: repairs, derived values, what is kept on the way down and given back."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, MetaData, Table

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.quarantine import QUARANTINE_TABLES
from rently_db.migrate.render import marked, new_columns, new_tables, of_v1, old_tables
from rently_db.migrate.repairs import needs_repair, repaired_tables, repairs_of

# The business date of a moment is the local date of the entity that books it: 22:30 UTC is the next day in Singapore. The country tells the
# zone, as it does for legal_entity.time_zone, because the preflight asks before that column exists.
_LOCAL_DATE = (
    "({} AT TIME ZONE 'UTC' AT TIME ZONE (SELECT CASE upper(e.country_code) WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai'"
    " ELSE 'UTC' END FROM public.legal_entity AS e WHERE e.id = t.legal_entity_id))::date"
)

DERIVED: dict[tuple[str, str], str] = {
    ("loan", "created_at"): (
        "coalesce((SELECT min(d.disbursed_at) FROM public.disbursement AS d WHERE d.loan_id = t.id) AT TIME ZONE 'UTC',"
        " t.start_date::timestamp AT TIME ZONE 'UTC')"
    ),
    ("application", "created_at"): "(SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.id)",
    ("decision", "decided_at"): "(SELECT min(l.created_at) FROM public.loan AS l WHERE l.application_id = t.application_id)",
    ("party_role", "effective_from"): "(SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id)",
    ("ledger_entry", "entry_date"): (
        f"coalesce((SELECT {_LOCAL_DATE.format('p.received_at')} FROM public.payment AS p WHERE p.id = t.payment_id),"
        f" (SELECT {_LOCAL_DATE.format('d.disbursed_at')} FROM public.disbursement AS d WHERE d.id = t.disbursement_id),"
        " (SELECT l.start_date FROM public.loan AS l WHERE l.id = t.loan_id))"
    ),
}
"""What v0's own rows prove of a column that v1 adds, as an expression over the row ``t``. Where they prove nothing it is NULL."""

_PROVEN: dict[tuple[str, str], str] = {
    ("loan", "created_at"): "true",
    ("application", "created_at"): "EXISTS (SELECT FROM public.loan AS l WHERE l.application_id = t.id)",
    ("decision", "decided_at"): "EXISTS (SELECT FROM public.loan AS l WHERE l.application_id = t.application_id)",
    ("party_role", "effective_from"): "t.loan_id IS NOT NULL",
    ("ledger_entry", "entry_date"): "num_nonnulls(t.payment_id, t.disbursement_id, t.loan_id) > 0",
}
"""Which rows prove it, asked before the value is worked out: once a row, and no row is written for a NULL."""


def _derivation(table: str, column: str) -> str:
    """The value a fresh upgrade gives a new column of a row: nothing has to be kept that is the same."""
    if (table, column) in DERIVED:
        return DERIVED[table, column]
    for repair in repairs_of(table):
        if repair.column == column and repair.derived:
            return f"({repair.value(f't.{column}', 't')})"
    return "NULL"


def _columns(names: list[str], prefix: str = "") -> str:
    return ", ".join(prefix + identifier(name) for name in names)


_LISTED = "ops.worklist AS w\nWHERE w.step = '{step}' AND w.row_id > :low AND w.row_id <= :high"


def _found(step: str, table: str, find: str, treat: str, *words: str, kind: str = "batch") -> Iterator[str]:
    """Rows looked for once, then treated in batches."""
    yield marked("find", [step], find)
    yield marked(kind, [step, table, *words], treat.replace("{step}", step))


def repairs_sql() -> Iterator[str]:
    """Let the bridge triggers repair the rows that are there: each is touched if one of its repairs would change it."""
    for table in repaired_tables():
        find = f"SELECT t.id FROM public.{table} AS t\nWHERE {needs_repair(table, 't')}"
        yield from _found(f"repair-{table}", table, find, f"UPDATE public.{table} AS t SET id = t.id\nFROM {_LISTED} AND t.id = w.row_id")


def derivations_sql() -> Iterator[str]:
    """Fill what v0's rows prove. Loans first: applications and decisions look at them."""
    for (table, column), value in DERIVED.items():
        sql = (
            # Not joined with itself: the planner would read the whole table for every batch.
            f"UPDATE public.{table} AS t SET {column} = {value}\n"
            f"WHERE t.id > :low AND t.id <= :high AND t.{column} IS NULL\n  AND {_PROVEN[table, column]}"
        )
        yield marked("batch", [f"derive-{table}-{column}", table, "silent", "derives"], sql)


def keep_sql(metadata: MetaData) -> Iterator[str]:
    """Before v1's columns go: what they say and a fresh upgrade would not find out by itself, one journal entry a row."""
    for table in old_tables(metadata):
        pairs, differs = [], []
        columns = new_columns(table)
        for column in columns:
            name = identifier(column.name)
            constant = not column.nullable and column.server_default is not None and (table.name, column.name) not in DERIVED
            known = str(getattr(column.server_default, "arg", "0")) if constant else _derivation(table.name, column.name)
            different = f"t.{name} IS NOT NULL" if known == "NULL" else f"t.{name} IS DISTINCT FROM {known}"
            pairs.append(f"    {literal(column.name)}, CASE WHEN {different} THEN to_jsonb(t.{name}) END")
            differs.append(different)
        if not pairs:
            continue
        find = f"SELECT t.id FROM public.{table.name} AS t\nWHERE {' OR '.join(differs)}"
        sql = (
            "INSERT INTO ops.row_journal (kind, rule, table_name, row_id, new_value, origin)\n"
            f"SELECT 'kept', 'v1_columns', '{table.name}', k.id, k.kept, 'migration'\nFROM (\n"
            f"  SELECT t.id, jsonb_strip_nulls(jsonb_build_object(\n" + ",\n".join(pairs) + "\n  )) AS kept\n"
            f"  FROM public.{table.name} AS t INNER JOIN {_LISTED.replace('WHERE', 'ON')} AND t.id = w.row_id\n"
            ") AS k\nWHERE k.kept <> '{}'\n"
            "  AND NOT EXISTS (SELECT FROM ops.row_journal AS j WHERE j.state = 'open' AND j.kind = 'kept'"
            f" AND j.table_name = '{table.name}' AND j.row_id = k.id)"
        )
        yield from _found(f"keep-{table.name}", table.name, find, sql, *(column.name for column in columns), kind="keep")


def restore_sql(metadata: MetaData) -> Iterator[str]:
    """The next upgrade: mapped values first, where nobody changed them meanwhile, then what v1's columns said."""
    yield _ANALYZE
    for table, columns in MAPPED_COLUMNS.items():
        yield marked("loop", [f"unmap-{table}", "silent"], _take_back(table, "mapped", "old_value", columns, "restored"))
    for model in old_tables(metadata):
        names = [column.name for column in new_columns(model)]
        if names:
            yield marked("loop", [f"restore-{model.name}", "silent"], _take_back(model.name, "kept", "new_value", names, "restored"))


_ANALYZE = marked("data", ["analyze-journal"], "ANALYZE ops.row_journal")
# The journal has just been filled: without statistics the joins with it are planned as if it were empty.


def _take_back(table: str, kind: str, source: str, columns: list[str], state: str) -> str:
    """Put journalled values into their rows and close the entries; an entry whose row is gone or overtaken is reported."""
    untouched = "" if kind == "kept" else " AND to_jsonb(t) @> o.new_value"
    value = f"o.{source}"
    if (kind, table) == ("kept", "payment"):
        # v0 may have said meanwhile that the payment is not reversed: then it was not reversed at any moment.
        value = "CASE WHEN t.status = 'reversed' THEN o.new_value ELSE o.new_value - 'reversed_at' END"
    row = f"(SELECT {_columns(columns, 'r.')} FROM jsonb_populate_record(t, {value}) AS r)"
    target = f"({_columns(columns)})" if len(columns) > 1 else _columns(columns)
    return (
        "WITH open AS (\n"
        f"  SELECT j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j\n"
        f"  WHERE j.kind = '{kind}' AND j.table_name = '{table}' AND j.state = 'open'\n"
        f"  ORDER BY j.row_id, j.id LIMIT :slice\n"
        "), back AS (\n"
        f"  UPDATE public.{table} AS t SET {target} = {row}\n"
        f"  FROM open AS o WHERE t.id = o.row_id{untouched}\n  RETURNING o.id\n)\n"
        "UPDATE ops.row_journal AS j\n"
        f"SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE '{state}' END, closed_at = clock_timestamp()\n"
        "FROM open AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id"
    )


MAPPED_COLUMNS = {
    "payment": ["status"],
    "payment_allocation": ["component"],
    "amortisation_line": ["amount_other", "amount_interest"],
}
"""The columns in which v1 knows values that v0 does not."""

_MAPPINGS = (
    ("payment", "t.status = 'reversed'", {"status": "'cancelled'"}),
    ("payment_allocation", "t.component = 'interest'", {"component": "'other'"}),
    ("amortisation_line", "t.amount_interest <> 0", {"amount_other": "t.amount_other + t.amount_interest", "amount_interest": "0"}),
)


def map_down_sql() -> Iterator[str]:
    """The way down: values v0 must not meet become ones it knows, the originals go to the journal."""
    for table, condition, values in _MAPPINGS:
        old = ", ".join(f"'{column}', t.{column}" for column in values)
        new = ", ".join(f"'{column}', {value}" for column, value in values.items())
        columns = _columns(list(values), "t.")
        assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
        sql = (
            # Locked first: what is journalled is what is then changed, whoever else is writing.
            f"WITH locked AS (\n  SELECT t.id, {columns} FROM public.{table} AS t\n"
            f"  INNER JOIN {_LISTED.replace('WHERE', 'ON')} AND t.id = w.row_id\n"
            f"  WHERE {condition}\n  ORDER BY t.id FOR NO KEY UPDATE OF t\n"
            "), journalled AS (\n"
            "  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value, origin)\n"
            f"  SELECT 'mapped', 'unknown_to_v0', '{table}', t.id, jsonb_build_object({old}), jsonb_build_object({new}), 'migration'\n"
            "  FROM locked AS t\n  RETURNING row_id\n)\n"
            f"UPDATE public.{table} AS t SET {assignments} FROM journalled AS j WHERE t.id = j.row_id"
        )
        find = f"SELECT t.id FROM public.{table} AS t WHERE {condition}"
        yield from _found(f"map-{table}", table, find, sql, "silent")


def give_back_sql() -> Iterator[str]:
    """The way down, once the bridges are gone: every repaired value that nobody changed since becomes what it was.

    One entry a row and pass, the newest first, so that a value repaired twice goes back through both.
    """
    yield _ANALYZE
    # A row may have been repaired first and then taken out as a duplicate: it goes back the other way round.
    for table in dict.fromkeys((*DUPLICATES, *QUARANTINE_TABLES)):
        yield marked("data", [f"reinsert-{table}", "silent"], _reinsert(table))
    columns: dict[str, list[str]] = {}
    for table in repaired_tables():
        columns[table] = list(dict.fromkeys(r.column for r in repairs_of(table) if not r.derived))
    columns["amortisation_plan"] += ["effective_through"]
    for table, names in columns.items():
        target = f"({_columns(names)})" if len(names) > 1 else _columns(names)
        sql = (
            "WITH latest AS (\n"
            "  SELECT DISTINCT ON (j.row_id) j.id, j.row_id, j.old_value, j.new_value FROM ops.row_journal AS j\n"
            f"  WHERE j.kind = 'repair' AND j.table_name = '{table}' AND j.state = 'open'\n"
            f"  ORDER BY j.row_id, j.id DESC LIMIT :slice\n"
            "), back AS (\n"
            f"  UPDATE public.{table} AS t\n"
            f"  SET {target} = (SELECT {_columns(names, 'r.')} FROM jsonb_populate_record(t, o.old_value) AS r)\n"
            "  FROM latest AS o WHERE t.id = o.row_id AND to_jsonb(t) @> o.new_value\n  RETURNING o.id\n)\n"
            "UPDATE ops.row_journal AS j\n"
            "SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()\n"
            "FROM latest AS o LEFT JOIN back AS b ON b.id = o.id WHERE j.id = o.id"
        )
        yield marked("loop", [f"give-back-{table}", "silent"], sql)


DUPLICATES = ("party_role", "document_link", "fx_rate")
"""Leaf tables in which rows that differ in their id alone are one row."""


_NUMBERED = """\
  SELECT t.id, row_number() OVER (PARTITION BY {columns} ORDER BY t.id) > 1 AS again FROM locked AS t"""

# A role that ended is not the one that followed it, though v0's columns are the same: v1 has one current row, and one a day.
_NUMBERED_ROLES = """\
  SELECT
    t.id,
    t.effective_through IS NULL AND (
      row_number() OVER (
        PARTITION BY {columns}, t.effective_through IS NULL ORDER BY k.row_id IS NULL, t.created_at NULLS FIRST, t.id
      ) > 1
      OR row_number() OVER (
        PARTITION BY {columns}, coalesce(t.effective_from, l.start_date)
        ORDER BY t.effective_through IS NULL, k.row_id IS NULL, t.created_at NULLS FIRST, t.id
      ) > 1
    ) AS again
  FROM locked AS t
  LEFT JOIN public.loan AS l ON l.id = t.loan_id
  -- What v1 wrote comes before what v0 repeated.
  LEFT JOIN (
    SELECT DISTINCT j.row_id FROM ops.row_journal AS j
    WHERE j.kind = 'kept' AND j.rule = 'v1_columns' AND j.table_name = '{table}' AND j.state = 'restored'
  ) AS k ON k.row_id = t.id"""


def duplicates_sql() -> Iterator[str]:
    """Take out rows of leaf tables that differ from another in their id alone; the lowest id stays."""
    for table in DUPLICATES:
        names = [column.name for column in BASELINE[table].columns if column.name != "id"]
        numbered = (_NUMBERED_ROLES if table == "party_role" else _NUMBERED).format(table=table, columns=_columns(names, "t."))
        sql = (
            f"WITH alike AS (\n  SELECT t.id, count(*) OVER (PARTITION BY {_columns(names, 't.')}) AS n FROM public.{table} AS t\n"
            # Judged as they are once locked: an application may be changing one of them right now.
            f"), locked AS MATERIALIZED (\n  SELECT t.* FROM public.{table} AS t\n"
            "  WHERE t.id IN (SELECT a.id FROM alike AS a WHERE a.n > 1) ORDER BY t.id FOR UPDATE\n"
            f"), twice AS (\n{numbered}\n), gone AS (\n"
            f"  DELETE FROM public.{table} AS t USING twice AS w WHERE w.again AND t.id = w.id RETURNING t.*\n)\n"
            "INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)\n"
            f"SELECT 'removed', '{table}_duplicate', '{table}', g.id, to_jsonb(g), 'migration' FROM gone AS g"
        )
        yield marked("data", [f"duplicates-{table}", "silent"], sql)


def _reinsert(table: str) -> str:
    """Put removed duplicates and quarantined rows back, if what they belong to is still there."""
    parents = " AND ".join(
        f"(o.old_value ->> '{column}' IS NULL OR EXISTS (SELECT FROM public.{target} AS p WHERE p.id = (o.old_value ->> '{column}')::uuid))"
        for column, target in BASELINE[table].foreign_keys.items()
    )
    return (
        "WITH open AS (\n"
        f"  SELECT j.id, j.old_value FROM ops.row_journal AS j\n"
        f"  WHERE j.kind IN ('removed', 'quarantined') AND j.table_name = '{table}' AND j.state = 'open'\n"
        "), back AS (\n"
        # All columns: v1's defaults would say that the row is of today.
        f"  INSERT INTO public.{table}\n"
        f"  SELECT r.* FROM open AS o, jsonb_populate_record(NULL::public.{table}, o.old_value) AS r\n"
        f"  WHERE {parents or 'true'}\n  ON CONFLICT DO NOTHING RETURNING id\n)\n"
        "UPDATE ops.row_journal AS j\n"
        "SET state = CASE WHEN b.id IS NULL THEN 'reported' ELSE 'given_back' END, closed_at = clock_timestamp()\n"
        "FROM open AS o LEFT JOIN back AS b ON b.id = (o.old_value ->> 'id')::uuid WHERE j.id = o.id"
    )


def orphans_sql(metadata: MetaData) -> Iterator[str]:
    """Tables and columns that were set aside may come back to rows that v0 deleted meanwhile: such references are reported and let go."""
    for table in new_tables(metadata):
        for constraint in sorted(table.foreign_key_constraints, key=lambda c: str(c.name)):
            if constraint.elements[0].column.table.name in BASELINE and all(map(of_v1, constraint.columns)):
                yield _orphans(table, constraint)
    for table in old_tables(metadata):
        added = {column.name for column in new_columns(table)}
        for constraint in sorted(table.foreign_key_constraints, key=lambda c: str(c.name)):
            if {c.name for c in constraint.columns} <= added:
                yield _orphans(table, constraint)


_SUBJECTS = frozenset({("product_limit", "product_id")})
"""References that may be NULL, but in rows that then speak of nothing."""


def _orphans(table: Table, constraint: ForeignKeyConstraint) -> str:
    column = next(iter(constraint.columns))
    target = constraint.elements[0].column
    name = identifier(column.name)
    missing = (
        f"t.{name} IS NOT NULL AND NOT EXISTS (SELECT FROM public.{target.table.name} AS p WHERE p.{identifier(target.name)} = t.{name})"
    )
    entry = (
        "INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, old_value, state, origin, closed_at)\n"
        f"  SELECT 'kept', 'reference_gone', '{table.name}', t.id, '{column.name}', to_jsonb(t), 'reported', 'migration',\n"
        "    clock_timestamp()\n"
        f"  FROM public.{table.name} AS t WHERE {missing}\n  RETURNING row_id"
    )
    if column.nullable and (table.name, column.name) not in _SUBJECTS:
        change = f"UPDATE public.{table.name} AS t SET {name} = NULL FROM gone AS g WHERE t.id = g.row_id"
    else:
        change = f"DELETE FROM public.{table.name} AS t USING gone AS g WHERE t.id = g.row_id"
    return marked("data", [f"orphans-{table.name}-{column.name}", "silent"], f"WITH gone AS (\n  {entry}\n)\n{change}")
