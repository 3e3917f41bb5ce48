"""Small histories of one to three loans, made by hypothesis: rows that v1's triggers accept, with all that can happen to a loan."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from psycopg2.extras import execute_values

FIRST = date(2026, 1, 31)
"""The day on which the first loans start; a month's end, so that months are not all alike."""

ENTITIES = {
    "SG": ("00000000-0000-4000-8000-0000000000e1", "SGD"),
    "AE": ("00000000-0000-4000-8000-0000000000e2", "AED"),
}
ZONES = {ENTITIES["SG"][0]: "Asia/Singapore", ENTITIES["AE"][0]: "Asia/Dubai"}
PRODUCTS = {
    # grace days, tolerance amount, tolerance share
    "00000000-0000-4000-8000-0000000000d1": (0, "0", "0"),
    "00000000-0000-4000-8000-0000000000d2": (3, "1.00", "0"),
    "00000000-0000-4000-8000-0000000000d3": (0, "0.50", "0.0100"),
}
PARTIES = [f"00000000-0000-4000-8000-0000000000c{n}" for n in range(1, 4)]
INSTRUMENT = "00000000-0000-4000-8000-0000000000b1"
COMPONENTS = ("principal", "interest", "rc_fee", "penalty", "other")
CLOCK = (time(0, 30), time(12, 0), time(15, 59, 59), time(16, 0), time(19, 59), time(20, 0), time(22, 30))
"""UTC times of day on both sides of midnight in Singapore (16:00) and Dubai (20:00)."""

AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.50", "33.33", "50.00", "99.99", "100.00", "100.50", "250.00")])


@dataclass
class History:
    """Rows by table, in the order in which they can be inserted; and the loans that they are about."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    loans: list[str] = field(default_factory=list)
    day: date = FIRST

    def add(self, table: str, **row: Any) -> str:
        """Take a row; gives its id."""
        self.rows.setdefault(table, []).append(row)
        return str(row["id"])

    def write(self, cursor: Any) -> None:
        """Insert everything; statuses as given, not as the triggers would date them."""
        for table in ORDER:
            rows = self.rows.get(table, [])
            for columns, alike in itertools.groupby(sorted(rows, key=sorted), key=sorted):
                names = ", ".join(columns)
                values = [tuple(row[name] for name in columns) for row in alike]
                execute_values(cursor, f"INSERT INTO public.{table} ({names}) VALUES %s", values)
            if table == "loan":
                cursor.execute("DELETE FROM public.loan_status_history WHERE loan_id = ANY(%s::uuid[])", (self.loans,))

    @property
    def is_dated(self) -> bool:
        """Whether no closed loan is from before v1: that one is dated by its last money, whenever that comes."""
        return all(row["status_value"] != "closed" or row["created_at"] is not None for row in self.rows.get("loan_status_history", []))

    def until_day(self) -> History:
        """The same without money, reversals and judgements that are dated after the day, as people entered it by then."""
        kept = {table: list(rows) for table, rows in self.rows.items()}
        zone = ZoneInfo(ZONES[self.rows["loan"][0]["legal_entity_id"]])

        def later(moment: datetime | None) -> bool:
            aware = None if moment is None else moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware is not None and aware.astimezone(zone).date() > self.day

        for table, name in (("loan_adjustment", "effective_date"), ("loan_flag", "effective_from")):
            kept[table] = [row for row in kept.get(table, []) if row[name] <= self.day]
        kept["disbursement"] = [row for row in kept.get("disbursement", []) if not later(row["disbursed_at"] or row["created_at"])]
        payments = [row for row in kept.get("payment", []) if not later(row["received_at"] or row["processed_at"] or row["created_at"])]
        kept["payment"] = [
            row | {"reversed_at": None, "status": "completed" if row["status"] == "reversed" else row["status"]}
            if later(row["reversed_at"])
            else row
            for row in payments
        ]
        ids = {row["id"] for row in payments}
        kept["payment_allocation"] = [
            row | {"reversed_at": None} if later(row["reversed_at"]) else row
            for row in kept.get("payment_allocation", [])
            if row["payment_id"] in ids
        ]
        return History(kept, self.loans, self.day)


ORDER = (
    "party", "loan", "loan_status_history", "amortisation_plan", "amortisation_line", "payment", "payment_allocation", "disbursement",
    "loan_adjustment", "loan_flag", "loan_transfers", "collections_event",
)  # fmt: skip


def write_world(cursor: Any) -> None:
    """What all histories share: two legal entities in two time zones, products with and without grace and tolerance, parties."""
    for country, (entity, currency) in ENTITIES.items():
        cursor.execute(
            "INSERT INTO public.legal_entity (id, name, country_code, functional_ccy) VALUES (%s, %s, %s, %s)",
            (entity, f"Lender {country}", country, currency),
        )
    for product, (grace, amount, share) in PRODUCTS.items():
        cursor.execute(
            "INSERT INTO public.product (id, code, name, category, business_unit, grace_days, tolerance_amount, tolerance_pct)"
            " VALUES (%s, %s, 'Loan', 'b2b_sme', 'commercial', %s, %s, %s)",
            (product, f"P{product[-2:]}", grace, amount, share),
        )
    for party in PARTIES:
        cursor.execute("INSERT INTO public.party (id, kind, display_name) VALUES (%s, 'corporate', 'Firm')", (party,))
    cursor.execute(
        "INSERT INTO public.payment_instrument (id, party_id, instrument_type, currency_code) VALUES (%s, %s, 'bank_account', 'SGD')",
        (INSTRUMENT, PARTIES[0]),
    )


def _ids(draw: st.DrawFn) -> Iterator[str]:
    """Ids whose order is not that of their making: order by id must not pass by accident."""
    for number in itertools.count(1):
        yield f"{draw(st.integers(0, 15)):08x}-0000-4000-8000-{number:012x}"


def _day(draw: st.DrawFn, low: int = 0, high: int = 240) -> date:
    return FIRST + timedelta(days=draw(st.integers(low, high)))


def _moment(draw: st.DrawFn, low: int = 0, high: int = 240) -> datetime:
    """A moment, as UTC without zone."""
    return datetime.combine(_day(draw, low, high), draw(st.sampled_from(CLOCK)))


def _aware(draw: st.DrawFn, low: int = 0, high: int = 260) -> datetime:
    return _moment(draw, low, high).replace(tzinfo=UTC)


def _plans(draw: st.DrawFn, made: History, ids: Iterator[str], loan: str, currency: str) -> None:
    """One to three versions; the active one is the last, or sometimes not, or missing."""
    versions = draw(st.sampled_from((1, 1, 1, 2, 2, 3)))
    active = draw(st.sampled_from((versions, versions, versions, versions, max(versions - 1, 1), 0)))
    begins = 0
    for version in range(1, versions + 1):
        status = "active" if version == active else draw(st.sampled_from(("superseded", "superseded", "superseded", "cancelled")))
        begin = FIRST + timedelta(days=begins)
        end = None
        if status == "superseded" and draw(st.booleans()):
            end = begin + timedelta(days=draw(st.integers(1, 90)))
        plan = made.add(
            "amortisation_plan", id=next(ids), loan_id=loan, version=version, status=status, effective_from=begin, effective_through=end
        )
        due = begin
        for seq_no in range(1, draw(st.integers(1, 4)) + 1):
            due += timedelta(days=draw(st.sampled_from((0, 7, 30, 31, 60))))
            amounts = {f"amount_{component}": Decimal("0.00") for component in COMPONENTS}
            amounts["amount_principal"] = draw(st.sampled_from((Decimal("100.00"), Decimal("250.00"), Decimal("0.00"))))
            for component in draw(st.sets(st.sampled_from(COMPONENTS[1:]), max_size=2)):
                amounts[f"amount_{component}"] = draw(AMOUNTS)
            made.add("amortisation_line", id=next(ids), plan_id=plan, seq_no=seq_no, due_date=due, currency_code=currency, **amounts)
        begins += draw(st.sampled_from((0, 30, 45, 90)))


def _target(draw: st.DrawFn, made: History, loan: str) -> tuple[str | None, str | None]:
    """A plan and a line of the loan for money: both, one of them, or neither."""
    plans = [row for row in made.rows["amortisation_plan"] if row["loan_id"] == loan]
    lines = [row for row in made.rows["amortisation_line"] if row["plan_id"] in {plan["id"] for plan in plans}]
    how = draw(st.sampled_from(("line", "line", "line", "line and plan", "plan", "none", "none")))
    if how == "none":
        return None, None
    if how == "plan":
        return draw(st.sampled_from(plans))["id"], None
    line = draw(st.sampled_from(lines))
    return (line["plan_id"] if how == "line and plan" else None), line["id"]


def _payment(draw: st.DrawFn, made: History, ids: Iterator[str], loans: list[dict[str, Any]]) -> None:
    """Money that came, for one or more of the loans, in parts; some of it later, or never, or taken back."""
    status = draw(st.sampled_from(("completed", "completed", "completed", "completed", "reversed", "pending")))
    reversed_at = _aware(draw) if status == "reversed" or draw(st.integers(0, 9)) == 0 else None
    moments: dict[str, Any] = {"received_at": _moment(draw), "processed_at": None, "created_at": None}
    if draw(st.integers(0, 7)) == 0:
        moments = {"received_at": None, "processed_at": draw(st.sampled_from((None, _aware(draw)))), "created_at": _aware(draw)}
    parts = draw(st.lists(AMOUNTS, min_size=0, max_size=3))
    rest = draw(st.sampled_from((Decimal("0.00"), Decimal("0.00"), Decimal("12.34"))))
    payment = made.add(
        "payment",
        id=next(ids),
        legal_entity_id=loans[0]["legal_entity_id"],
        currency_code=loans[0]["currency_code"],
        amount=sum(parts, rest) or Decimal("5.00"),
        direction=draw(st.sampled_from(("inbound",) * 9 + ("outbound",))),
        status=status,
        reversed_at=reversed_at,
        **moments,
    )
    for amount in parts:
        loan = draw(st.sampled_from(loans))["id"]
        plan, line = _target(draw, made, loan)
        made.add(
            "payment_allocation",
            id=next(ids),
            payment_id=payment,
            loan_id=loan,
            plan_id=plan,
            line_id=line,
            component=draw(st.sampled_from(("principal", "principal", *COMPONENTS))),
            allocated_amount=amount,
            created_at=draw(st.sampled_from((datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)))),
            reversed_at=_aware(draw) if draw(st.integers(0, 7)) == 0 else None,
        )


def _events(draw: st.DrawFn, made: History, ids: Iterator[str], loan: dict[str, Any], siblings: list[str]) -> None:
    """What happens to a loan besides payments."""
    for number in range(draw(st.integers(0, 2))):
        made.add(
            "disbursement",
            id=next(ids),
            loan_id=loan["id"],
            legal_entity_id=loan["legal_entity_id"],
            instrument_id=INSTRUMENT,
            currency_code=loan["currency_code"],
            amount=Decimal("300.00"),
            disbursed_at=draw(st.sampled_from((None, _moment(draw, 0, 30 * (number + 1))))),
            created_at=draw(st.sampled_from((None, _aware(draw, 0, 40)))),
            status=draw(st.sampled_from(("completed", "completed", "completed", "pending"))),
        )
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        made.add(
            "loan_adjustment",
            id=next(ids),
            loan_id=loan["id"],
            line_id=_target(draw, made, loan["id"])[1],
            component=draw(st.sampled_from(("principal", *COMPONENTS))),
            kind=draw(st.sampled_from(("waiver", "write_off", "refund", "transfer"))),
            amount=draw(AMOUNTS),
            effective_date=_day(draw),
            reason="drawn",
        )
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        begin = _day(draw)
        made.add(
            "loan_flag",
            id=next(ids),
            loan_id=loan["id"],
            flag=draw(st.sampled_from(("payment_pause", "payment_pause", "forborne", "unlikely_to_pay", "significant_increase"))),
            effective_from=begin,
            effective_through=draw(st.sampled_from((None, begin + timedelta(days=draw(st.integers(1, 60)))))),
        )
    if draw(st.integers(0, 4)) == 0:
        made.add(
            "loan_transfers",
            id=next(ids),
            source_loan_id=loan["id"],
            target_loan_id=draw(st.sampled_from([None, *siblings])),
            transfer_type="refinance",
            transfer_amount=draw(AMOUNTS),
            transfer_date=_day(draw),
            status=draw(st.sampled_from(("completed", "completed", "pending"))),
        )


def _status(draw: st.DrawFn, made: History, ids: Iterator[str], loan: dict[str, Any]) -> None:
    """The history of the contract's status: from before v1 (one row, derived, no date), or recorded change by change."""
    if draw(st.booleans()):
        if draw(st.booleans()):
            made.add(
                "collections_event", id=next(ids), loan_id=loan["id"], event_type=draw(st.sampled_from(("write_off", "reminder_sent"))),
                event_at=_moment(draw), dpd_snapshot=draw(st.integers(0, 200)),
            )  # fmt: skip
        made.add(
            "loan_status_history", id=next(ids), loan_id=loan["id"], status_type="operational_status", status_value=loan["status"],
            effective_from=datetime.combine(loan["start_date"], time(0), UTC), effective_through=None, created_at=None,
        )  # fmt: skip
        return
    begin = datetime.combine(loan["start_date"], time(0), UTC)
    change = _aware(draw, 1) if loan["status"] != "active" else None
    if change is not None and change <= begin:
        change = begin + timedelta(hours=1)
    made.add(
        "loan_status_history", id=next(ids), loan_id=loan["id"], status_type="operational_status", status_value="active",
        effective_from=begin, effective_through=change, created_at=begin,
    )  # fmt: skip
    if change is not None:
        made.add(
            "loan_status_history", id=next(ids), loan_id=loan["id"], status_type="operational_status", status_value=loan["status"],
            effective_from=change, effective_through=None, created_at=change,
        )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history, and a day to look at it: within it, or soon after."""
    made, ids = History(), _ids(draw)
    entity, currency = ENTITIES[draw(st.sampled_from(sorted(ENTITIES)))]
    loans: list[dict[str, Any]] = []
    for number in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        start = _day(draw, 0, 90) if number else FIRST
        loan: dict[str, Any] = {
            "id": next(ids),
            "loan_number": f"L-{number}",
            "product_id": draw(st.sampled_from(sorted(PRODUCTS))),
            "legal_entity_id": entity,
            "borrower_party_id": draw(st.sampled_from(PARTIES)),
            "currency_code": currency,
            "principal_amount": Decimal("600.00"),
            "interest_rate": Decimal("0.0500"),
            "start_date": start,
            "end_date": start + timedelta(days=365),
            "parent_loan_id": draw(st.sampled_from([None, *made.loans])),
            "status": draw(st.sampled_from(("active",) * 5 + ("closed", "written_off", "transferred"))),
        }
        made.add("loan", **loan)
        made.loans.append(loan["id"])
        loans.append(loan)
        _plans(draw, made, ids, loan["id"], currency)
        _status(draw, made, ids, loan)
    for loan in loans:
        _events(draw, made, ids, loan, [other for other in made.loans if other != loan["id"]])
    for _ in range(draw(st.integers(0, 5))):
        _payment(draw, made, ids, loans)
    made.day = _day(draw, -5, 300)
    return made


@st.composite
def reopened(draw: st.DrawFn) -> History:
    """A loan whose instalments are settled by waivers and opened again by refunds, also after another plan took the place of theirs."""
    made, ids = History(), _ids(draw)
    entity, currency = ENTITIES["SG"]
    loan = made.add(
        "loan", id=next(ids), loan_number="L-0", product_id=draw(st.sampled_from(sorted(PRODUCTS))), legal_entity_id=entity,
        borrower_party_id=PARTIES[0], currency_code=currency, principal_amount=Decimal("600.00"), interest_rate=Decimal("0.0500"),
        start_date=FIRST, end_date=date(2027, 1, 31), parent_loan_id=None, status="active",
    )  # fmt: skip
    made.loans.append(loan)
    began = datetime.combine(FIRST, time(0), UTC)
    made.add(
        "loan_status_history", id=next(ids), loan_id=loan, status_type="operational_status", status_value="active", effective_from=began,
        effective_through=None, created_at=began,
    )  # fmt: skip
    replaced = draw(st.sampled_from((None, _day(draw, 1, 20))))
    lines = []
    for version, begin, end in ((1, FIRST, replaced), (2, replaced, None)):
        if begin is None:
            continue
        plan = made.add(
            "amortisation_plan", id=next(ids), loan_id=loan, version=version, status="active" if end is None else "superseded",
            effective_from=begin, effective_through=end,
        )  # fmt: skip
        due = draw(st.sampled_from((Decimal(0), Decimal("0.50"), Decimal("100.00"))))
        line = made.add(
            "amortisation_line", id=next(ids), plan_id=plan, seq_no=1, due_date=_day(draw, 0, 15), currency_code=currency,
            amount_principal=due, amount_interest=Decimal(0), amount_rc_fee=Decimal(0), amount_penalty=Decimal(0), amount_other=Decimal(0),
        )  # fmt: skip
        lines.append(line)
    for _ in range(draw(st.integers(1, 5))):
        made.add(
            "loan_adjustment", id=next(ids), loan_id=loan, line_id=draw(st.sampled_from(lines)), component="principal",
            kind=draw(st.sampled_from(("waiver", "refund"))),
            amount=draw(st.sampled_from((Decimal("0.50"), Decimal("50.00"), Decimal("100.00")))),
            effective_date=_day(draw, 0, 40), reason="drawn",
        )  # fmt: skip
    made.day = _day(draw, 0, 45)
    return made
