"""What the preflight reports, and the commands that mend it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.quarantine import why_not
from rently_db.migrate.repairs import CATEGORY_BY_PREFIX, VALUE_SETS

CATEGORIES = tuple(dict.fromkeys(category for _, category, _ in CATEGORY_BY_PREFIX))
"""What product.category may be."""


class Kind(StrEnum):
    """What a finding is about, in the order of a report."""

    SCHEMA = "schema"
    """Tables, names, rights or extensions: they stop the migration."""
    ROWS = "rows"
    """Rows that nothing mends: they stop the migration."""
    REPAIR = "repair"
    """Rows that a declared repair changes, and a downgrade gives back."""
    ADVICE = "advice"
    """Rows that a rule of the validations will name after the migration, which leaves them as they are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of v1 that the database breaks, a declared repair that will change rows, or advice."""

    table: str
    rule: str
    """The constraint, ``table.column not null``, the name of the repair, or what of the schema is meant."""
    count: int
    sample: tuple[str, ...]
    """Ids of the first rows, in order."""
    mend: str
    """What v1 requires or what the repair does, in words; for a schema finding the whole sentence."""
    column: str = ""
    """The columns the rule reads, comma between."""
    kind: Kind = Kind.ROWS
    commands: tuple[str, ...] = ()
    """Commands, one of which lets it pass; ``...`` stands for what only the operator knows."""
    mapping: tuple[str, ...] = ()
    """Lines of a mapping file that say what the values mean; ``...`` stands for one of the values that ``note`` lists."""
    note: str = ""

    @property
    def automatic(self) -> bool:
        """Whether the migration mends it by itself."""
        return self.kind is Kind.REPAIR

    @property
    def stops(self) -> bool:
        """Whether the migration stops at it."""
        return self.kind in (Kind.ROWS, Kind.SCHEMA)

    def sentence(self) -> str:
        """The finding in one line."""
        if self.kind is Kind.SCHEMA:
            return self.mend
        more = " ..." if self.count > len(self.sample) else ""
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        verb = "gets" if self.count == 1 else "get"
        if self.kind in (Kind.ROWS, Kind.ADVICE):
            verb = "breaks" if self.count == 1 else "break"
        return f"{self.table}: {rows} {verb} {self.rule} (id {', '.join(self.sample)}{more}); {self.mend}"


def mapped_column(table: str, rule: str, columns: Sequence[str]) -> str | None:
    """The column whose unknown values a mapping file can explain, if the rule is about one."""
    if (table, rule) == ("product", "product.category not null"):
        return "category"
    if not rule.endswith("not null") and len(columns) == 1 and (table, columns[0]) in VALUE_SETS:
        return columns[0]
    return None


def mapping_lines(table: str, column: str, values: Sequence[str]) -> tuple[str, ...]:
    """Lines for a mapping file, the head first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", "column", "from", "to"])
    writer.writerows([table, column, value, "..."] for value in values)
    return tuple(out.getvalue().splitlines())


def ways_out(table: str, rule: str, columns: Sequence[str], *, sample: Sequence[str], mapped: str | None) -> tuple[tuple[str, ...], str]:
    """The commands that let rows of a table pass, and a note on what they leave open."""
    commands = []
    notes = []
    if mapped is not None:
        commands.append("alembic -x mapping=FILE upgrade head")
        known = CATEGORIES if mapped == "category" else VALUE_SETS[table, mapped]
        notes.append(f"... in the mapping file is one of {', '.join(known)}")
    if sample:
        of_v0 = [column.name for column in BASELINE[table].columns]
        # A column that v0 lacks is filled from what v0 has.
        given = [name for name in columns if name in of_v0] or list(_EVIDENCE.get((table, *columns), ()))
        if given:
            values = ", ".join(f"{identifier(name)} = ..." for name in given)
            ids = ", ".join(literal(value) for value in sample)
            commands.append(f"UPDATE public.{table} SET {values} WHERE id IN ({ids});")
    reason = why_not(table, rule, ", ".join(columns))
    if reason:
        notes.append(reason)
    else:
        commands.append("alembic -x on_violation=quarantine upgrade head")
    return tuple(commands), "; ".join(notes)


_EVIDENCE: dict[tuple[str, ...], tuple[str, ...]] = {
    ("ledger_entry", "entry_date"): ("payment_id", "disbursement_id", "loan_id"),
    ("product", "category"): ("code",),
}
"""From which columns of v0 one that v1 adds gets its value."""
