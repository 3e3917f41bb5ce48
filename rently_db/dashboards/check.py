"""Do the dashboards fit the database? Every column that a panel reads is looked up in its view, and every panel's query is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rently_db.dashboards import DASHBOARDS
from rently_db.dashboards.charts import NUMBERS, TIMES, columns_read, conditions, drawn
from rently_db.dashboards.columns import Columns, live
from rently_db.dashboards.model import COMPANY, Bar, Dashboard, Line, Measure, Panel, Total, Unit

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

_NUMBER_TYPES = NUMBERS | {"double precision", "smallint", "real"}
_SQL = {"IS NULL": "IS NULL", "IS NOT NULL": "IS NOT NULL", "IS TRUE": "IS TRUE", "IS FALSE": "IS FALSE", "==": "=", "!=": "<>"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a panel, and what mends it."""

    dashboard: str
    panel: str
    problem: str
    mend: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.dashboard}.{self.panel}: {self.problem}; {self.mend}"


def check(connection: Connection, dashboards: Sequence[Dashboard] = DASHBOARDS, *, rows: bool = True) -> list[Finding]:
    """What does not fit, panel by panel; nothing is written.

    ``rows``: a query without rows is a finding too, as it is on the demonstration's book. A real book may well have no dispute.
    """
    known = live(connection, {panel.view for dashboard in dashboards for panel in dashboard.panels})
    # Where two companies share a name, most marks stand for both: that is said once, not of every panel.
    namesakes = _namesakes(connection)
    found = list(namesakes)
    for dashboard in dashboards:
        for panel in dashboard.panels:
            problems = [*contract(dashboard, panel, known)]
            found += problems or _run(connection, dashboard, panel, rows=rows, told_apart=not namesakes)
    return found


def _namesakes(connection: Connection) -> list[Finding]:
    """Companies that a reader of the dashboards can't tell apart, nor the filter."""
    from sqlalchemy import func, select

    from rently_db.models import LegalEntity

    count = func.count()
    shared = select(LegalEntity.name, count).group_by(LegalEntity.name).having(count > 1).order_by(LegalEntity.name)
    return [
        Finding(
            "all",
            "company",
            f"{number} companies are called {name}, and the dashboards tell companies apart by name",
            "give each a name of its own: UPDATE legal_entity SET name = ... WHERE id = ...",
        )
        for name, number in connection.execute(shared)
    ]


def contract(dashboard: Dashboard, panel: Panel, known: Columns) -> Iterator[Finding]:
    """What a panel reads that its view does not have, or not with a fitting type; and what it adds up that can't be added."""

    def finding(problem: str, mend: str = f"see rently_db/dashboards/definitions/{dashboard.key}.py") -> Finding:
        return Finding(dashboard.key, panel.key, problem, mend)

    columns = known.get(panel.view, {})
    if not columns:
        yield finding(f"the database has no analytics.{panel.view}", "run alembic upgrade head")
        return
    for name, what in columns_read(dashboard, panel).items():
        if name not in columns:
            yield finding(f"analytics.{panel.view} has no column {name}")
        elif what == "number" and columns[name] not in _NUMBER_TYPES:
            yield finding(f"analytics.{panel.view}.{name} is {columns[name]}, and no number")
    if isinstance(panel.chart, Line) and columns.get(panel.chart.x) not in (TIMES | _NUMBER_TYPES):
        yield finding(f"a line needs a date or a number to run along, and {panel.chart.x} is {columns.get(panel.chart.x)}")
    if isinstance(panel.chart, Bar) and panel.chart.by and panel.chart.sort:
        yield finding("Superset can't order the bars of stacked values by another column")
    if COMPANY.column not in columns and not panel.all_companies:
        yield finding(
            f"analytics.{panel.view} does not know companies ({COMPANY.column}), so the filter on one says nothing", "set all_companies"
        )
    if any(each.unit is Unit.MONEY for each in measures(panel)):
        yield from _currency(panel, columns, finding)


def _currency(panel: Panel, columns: Mapping[str, str], finding: Any) -> Iterator[Finding]:
    """Money of two currencies must never become one number."""
    if panel.currency is None:
        yield finding("it shows money and does not say in which currency", "set currency to the column that says it")
    elif panel.currency not in columns:
        yield finding(f"analytics.{panel.view} has no column {panel.currency}")
    elif panel.currency == "group_ccy" or (panel.currency == "functional_ccy" and not panel.all_companies):
        return  # the group has one currency, and so has a company
    elif panel.currency not in dimensions(panel) and not any(
        (each.column, each.operator) == (panel.currency, "==") for each in panel.where
    ):
        yield finding(f"it may add amounts of several currencies: {panel.currency} is neither a dimension nor one value")


def measures(panel: Panel) -> list[Measure]:
    """All numbers of a panel."""
    found: list[Measure] = []
    for slot in getattr(panel.chart, "__slots__", ()):
        value = getattr(panel.chart, slot)
        found += [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Measure)]
    return found


def dimensions(panel: Panel) -> list[str]:
    """The columns that tell one mark of a chart from another."""
    names = [getattr(panel.chart, slot, None) for slot in ("x", "y", "by", "colour")]
    several = [*getattr(panel.chart, "rows", ()), *getattr(panel.chart, "columns", ())]
    return [name for name in (*names, *several) if isinstance(name, str)]


def statement(dashboard: Dashboard, panel: Panel, *, counted: bool = False) -> tuple[TextClause, dict[str, Any]]:
    """The query that a panel amounts to; ``counted`` adds the rows behind each mark.

    Names come from the definitions, which a contract check has held against the database; values are parameters.
    """
    from sqlalchemy import text

    query = drawn(dashboard, panel, {}).query
    values: dict[str, Any] = {}
    where = []
    for place, each in enumerate(conditions(dashboard, panel)):
        operator = _SQL.get(each.operator, each.operator)
        if each.value is None:
            where.append(f"{each.column} {operator}")
        else:
            values[f"v{place}"] = list(each.value) if isinstance(each.value, tuple) else each.value
            where.append(f"{each.column} = ANY(:v{place})" if operator == "IN" else f"{each.column} {operator} :v{place}")
    totals = [f"{each['aggregate']}({each['column']['column_name']})" for each in query["metrics"] or ()]
    groups = list(query["columns"])
    if counted and not panel.all_companies:
        groups.append(COMPANY.column)
    selected = [*groups, *totals, *(["count(*) AS behind"] if counted else [])]
    sql = f"SELECT {', '.join(selected)} FROM analytics.{panel.view}"
    sql += f" WHERE {' AND '.join(where)}" if where else ""
    sql += f" GROUP BY {', '.join(groups)}" if totals and groups else ""
    return text(f"{sql} LIMIT 5000"), values


def _run(connection: Connection, dashboard: Dashboard, panel: Panel, *, rows: bool, told_apart: bool) -> list[Finding]:
    from sqlalchemy.exc import DBAPIError

    one_row = [each for each in measures(panel) if each.total is Total.MAX]
    sql, values = statement(dashboard, panel, counted=bool(one_row))
    try:
        with connection.begin_nested():
            answer = connection.execute(sql, values).all()
    except DBAPIError as error:
        problem = f"its query fails: {str(error.orig).splitlines()[0]}"
        return [Finding(dashboard.key, panel.key, problem, f"try SELECT * FROM analytics.{panel.view}")]
    if rows and not answer:
        problem = f"analytics.{panel.view} gives it no row"
        return [Finding(dashboard.key, panel.key, problem, "look at the view, and at the conditions of the panel")]
    if one_row and told_apart and any(row[-1] > 1 for row in answer):
        names = ", ".join(each.column for each in one_row)
        problem = f"{names} is of one row, and a mark of the chart stands for several"
        return [Finding(dashboard.key, panel.key, problem, "a ratio is never added nor averaged: let a view divide the sums")]
    return []
