"""What a dashboard is: panels over views, each with the question it answers. Plain data: nothing here knows how a tool draws it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Audience(StrEnum):
    """Who a dashboard is for. Each is a role in Superset; :mod:`rently_db.dashboards.superset.access` says what else a role may."""

    EXECUTIVE = "executive"
    RISK = "risk"
    PORTFOLIO = "portfolio"
    COLLECTIONS = "collections"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    TREASURY = "treasury"


class Unit(StrEnum):
    """How a number is shown. Money stands in one currency: see :attr:`Panel.currency`."""

    COUNT = "count"
    PERCENT = "percent"
    MONEY = "money"
    DAYS = "days"
    NUMBER = "number"


class Total(StrEnum):
    """How the rows behind one mark of a chart become one number.

    MAX is for what is one row already: a ratio is never added nor averaged, the view divides the sums.
    """

    SUM = "SUM"
    MAX = "MAX"
    MIN = "MIN"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a chart shows: a column of the panel's view, and how its rows become one."""

    column: str
    label: str
    unit: Unit = Unit.COUNT
    total: Total = Total.SUM


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on the rows of a panel: ``Where("loan_status", "==", "active")``."""

    column: str
    operator: str
    value: str | int | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A colour for cells of a table: ``Flag("status", "missed", "bad")`` by text, ``Flag("dpd", 90, "bad")`` from that number on."""

    column: str
    value: str | float
    colour: str
    """``good``, ``warn`` or ``bad``."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Cards: the big figures of one dashboard with their targets, in order. Reads ``dashboard_figure``.

    Below them stands a link to the loans behind them: ``loans`` names the panel that lists them, ``portfolio.loans`` one of another
    dashboard.
    """

    loans: str


@dataclass(frozen=True, slots=True)
class BigNumber:
    """One number."""

    measure: Measure


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number on a dial from 0 to ``maximum``, with the limit marked.

    Beyond the limit is red, from four fifths of it on orange. The limit is 100 where the view gives the figure in percent of its target
    (``limit_used_pct``): targets are data. Without a limit the dial has one colour.
    """

    measure: Measure
    limit: float | None = 100
    maximum: float = 300


@dataclass(frozen=True, slots=True)
class Pie:
    """Shares of a whole."""

    by: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Line:
    """Series over ``x``: a date, or a number that counts (months on book). ``by`` makes a line of each of its values.

    ``from_zero`` is for all but indices, of which only the change matters.
    """

    x: str
    measures: tuple[Measure, ...]
    by: str | None = None
    from_zero: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """Bars over ``x``, in the order of column ``sort`` where it is text that does not sort by itself.

    ``by`` stacks the values of a column, and several measures stand on each other too. A chart with ``by`` can't have ``sort``: there ``x``
    has to be a date, a number, or text that sorts by itself.
    """

    x: str
    measures: tuple[Measure, ...]
    by: str | None = None
    sort: str | None = None
    horizontal: bool = False
    stacked: bool = True
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A colour for each pair of ``x`` and ``y``, which are ordered as text; numbers in the text count as numbers."""

    x: str
    y: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps up and down over ``x``, and where they end."""

    x: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many are left after each step."""

    by: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Radar:
    """Three measures or more of each value of ``by``; all axes end at ``maximum``, without it each where its largest value is."""

    by: str
    measures: tuple[Measure, ...]
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Bubble:
    """A circle for each value of ``by``; ``size`` is its area, ``colour`` a column whose values have a colour each."""

    by: str
    x: Measure
    y: Measure
    size: Measure
    colour: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they are. ``order`` names columns, ``-column`` descending."""

    columns: tuple[str, ...]
    order: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Pivot:
    """Sums by rows and columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    measure: Measure


Chart = Figures | BigNumber | Gauge | Pie | Line | Bar | HeatMap | Waterfall | Funnel | Radar | Bubble | Table | Pivot


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart.

    ``key`` is unique within its dashboard and for good: the chart's id is made of it. ``view`` is a relation of schema analytics.
    ``answers`` is the question that a reader brings. ``covers`` are keys of :mod:`rently_db.dashboards.coverage`. ``width`` is in
    twelfths of the page, ``height`` in tens of pixels.

    ``all_companies``: the filter on a company does not apply, as the panel compares companies.
    """

    key: str
    title: str
    answers: str
    view: str
    chart: Chart
    covers: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    width: int = 4
    height: int = 30
    all_companies: bool = False
    currency: str | None = None
    """Column that says in which currency the panel's money is. One company has one functional currency, so ``functional_ccy`` needs no more
    than the filter on a company; any other column has to be a dimension of the chart or one value by ``where``."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side below a heading; widths add up to 12 or less."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class NoSource:
    """A figure that was asked for and that this database can't give, with the reason."""

    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader chooses on the left: one value of a column, always one, first the first. ``view`` gives the choice."""

    key: str
    name: str
    column: str
    view: str
    about: str


COMPANY = Filter("company", "Company", "legal_entity_name", "dashboard_figure", "Figures are of one company, in its functional currency")
"""One company has one functional currency: with this filter no sum on a page mixes two."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page. ``key`` is its address, for good; ``roles`` who opens it; ``rows`` from the top: figures, trends, tables.

    ``notes`` say what its figures mean where a name alone leaves it open, a sentence each.
    """

    key: str
    number: int
    title: str
    summary: str
    tier: int
    roles: tuple[Audience, ...]
    rows: tuple[Row, ...]
    no_source: tuple[NoSource, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    filters: tuple[Filter, ...] = (COMPANY,)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, from the top."""
        return tuple(panel for row in self.rows for panel in row.panels)

    @property
    def refresh_seconds(self) -> int:
        """How often an open page asks again."""
        return {1: 60, 2: 600, 3: 0}[self.tier]

    @property
    def opens_in_seconds(self) -> int:
        """How long a reader waits at most."""
        return {1: 3, 2: 5, 3: 10}[self.tier]
