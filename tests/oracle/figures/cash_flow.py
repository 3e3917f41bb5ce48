"""Dashboard 2: what should come in, what came in, and what it settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.book import COMPONENTS, ZERO, local_date, utc
from tests.oracle.cash import counts, is_effective, value_date
from tests.oracle.figures.look import Look, Row, cents, mean, median, month_start, percent, total
from tests.oracle.instalments import Instalment
from tests.oracle.loans import ONE_DAY, entered
from tests.oracle.plans import in_force
from tests.oracle.risk import Risk

BANDS = ("early", "on_time", "late_1_week", "late_1_month", "late_over_month", "unlinked")


def active_payment_instruments(look: Look) -> list[Row]:
    """Instruments in use, with the number masked."""
    names = (
        "id", "party_id", "instrument_type", "currency_code", "bank_name", "account_name", "provider_ref", "is_default", "is_active",
        "created_at", "updated_at",
    )  # fmt: skip
    found = []
    for row in look.book.all("payment_instrument"):
        if row.is_active is not False:
            known = "".join(sign for sign in row.account_number or "" if sign.isalnum())
            masked = "****" + (known[-4:] if len(known) > 4 else "")
            found.append({name: getattr(row, name) for name in names} | {"account_number": masked if row.account_number else None})
    return found


def v_disbursement_pipeline(look: Look) -> list[Row]:
    """What is approved and still to pay out."""
    found = []
    for risk in look.on_book:
        state, loan = risk.state, risk.state.loan
        left = loan.principal_amount - state.disbursed - state.transferred_in
        if left <= 0:
            continue
        waiting = [row.amount for row in look.book.of("disbursement", "loan_id", loan.id) if row.status in {"pending", "processing"}]
        approved_on = _approved_on(look, risk)
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "legal_entity_id": loan.legal_entity_id,
                "legal_entity_name": look.entity(risk).name,
                "product_id": loan.product_id,
                "product_category": look.product(risk).category,
                "currency_code": loan.currency_code,
                "approved": loan.principal_amount,
                "disbursed": state.disbursed,
                "transferred_in": state.transferred_in,
                "undisbursed": left,
                "in_progress": total(waiting) if waiting else None,
                "approved_on": approved_on,
                "start_date": loan.start_date,
                "age_days": max((look.day - approved_on).days, 0),
                "business_date": look.day,
            }
        )
    return found


def _approved_on(look: Look, risk: Risk) -> date:
    """Local date of the latest decision, if that approved the application; else the start of the contract."""
    loan = risk.state.loan
    decisions = look.book.of("decision", "application_id", loan.application_id) if loan.application_id else []
    zone = look.book.zone(loan)
    known = [row for row in decisions if row.decided_at is not None and local_date(row.decided_at, zone) <= look.day]
    if known:
        latest = max(known, key=lambda row: (utc(row.decided_at), row.id))
        if latest.outcome == "approved":
            return local_date(latest.decided_at, zone)
    return loan.start_date


def v_unallocated_cash(look: Look) -> list[Row]:
    """Cash that came in and does not yet settle anything."""
    book, found = look.book, []
    for payment in book.all("payment"):
        allocations = sorted(book.of("payment_allocation", "payment_id", payment.id), key=entered)
        entity = book.entities[payment.legal_entity_id]
        loan = book.loans[allocations[0].loan_id] if allocations else None
        if loan is not None:
            entity = book.entities[loan.legal_entity_id]
        zone = look.zone_of(entity)
        if not counts(payment, zone, look.day):
            continue
        allocated = total(row.allocated_amount for row in allocations if is_effective(book, row, look.day))
        on = value_date(payment, zone)
        if payment.amount <= allocated or on is None:
            continue
        found.append(
            {
                "payment_id": payment.id,
                "legal_entity_id": payment.legal_entity_id,
                "legal_entity_name": book.entities[payment.legal_entity_id].name,
                "loan_id": loan.id if loan else None,
                "payer_party_id": payment.payer_party_id,
                "payer_name": book.parties[payment.payer_party_id].display_name if payment.payer_party_id else None,
                "currency_code": payment.currency_code,
                "amount": payment.amount,
                "allocated": allocated,
                "unapplied": payment.amount - allocated,
                "value_date": on,
                "age_days": (look.day - on).days,
                "provider": payment.provider,
                "external_reference": payment.external_reference,
                "business_date": look.day,
            }
        )
    return found


def _band(days: int) -> str:
    if days <= 0:
        return "early" if days < 0 else "on_time"
    return "late_1_week" if days <= 7 else "late_1_month" if days <= 30 else "late_over_month"


def v_payment_timing_analysis(look: Look) -> list[Row]:
    """How long before or after their due dates instalments were settled."""
    bands: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
    for risk in look.all:
        currency = risk.state.loan.currency_code
        for item, on in risk.state.settled_in_force:
            days = (on - item.line.due_date).days
            bands.setdefault((currency, _band(days)), []).append((days, item.total_due))
        for money in risk.state.money:
            if money.kind == "allocation" and money.line_id is None:
                bands.setdefault((currency, "unlinked"), []).append((0, money.amount))
    found = []
    for (currency, band), items in bands.items():
        everything = [item for (other, _), part in bands.items() if other == currency for item in part]
        settled = [] if band == "unlinked" else [days for days, _ in items]
        middle = median(settled)
        found.append(
            {
                "currency_code": currency,
                "payment_timing_category": band,
                "payment_count": len(items),
                "total_amount": total(amount for _, amount in items),
                "avg_days_variance": mean(settled, 2),
                "median_days_variance": None if middle is None else cents(middle),
                "percentage_of_payments": percent(len(items), len(everything)),
                "instalments": len(settled),
                "percentage_of_amount": percent(total(amount for _, amount in items), total(amount for _, amount in everything)),
                "band_sort": BANDS.index(band),
                "as_of": look.day,
            }
        )
    return found


@dataclass(frozen=True)
class Owed:
    """An instalment of the plan in force on its due date, due before the loan left the book."""

    item: Instalment
    risk: Risk
    has_begun: bool

    @property
    def unpaid(self) -> Decimal:
        """What is unpaid today; money on a plan that has not begun counts once it has."""
        return self.item.unpaid() if self.has_begun else self.item.total_due


def owed_of(look: Look) -> list[Owed]:
    """What falls due by contract, past and to come."""
    found = []
    for risk in look.all:
        for item in risk.state.every:
            plan = in_force(risk.state.plans, item.line.due_date)
            exited = risk.state.exited_on
            if plan is not None and plan.id == item.line.plan_id and (exited is None or item.line.due_date < exited):
                found.append(Owed(item, risk, plan.effective_from <= look.day))
    return found


def _ahead(look: Look) -> list[Owed]:
    """Instalments from the business date on, of loans on the book."""
    return [owed for owed in owed_of(look) if owed.item.line.due_date >= look.day and owed.risk.state.status == "active"]


def v_monthly_cash_flow_analysis(look: Look) -> list[Row]:
    """What should come in, and what is committed to go out, in this and the next 11 months."""
    ahead, pipeline, found = _ahead(look), v_disbursement_pipeline(look), []
    for currency in sorted({loan.currency_code for loan in look.book.loans.values()}):
        for number in range(12):
            month = month_start(look.day, -number)
            due = [
                owed for owed in ahead if owed.risk.state.loan.currency_code == currency and month_start(owed.item.line.due_date) == month
            ]
            out = [row for row in pipeline if row["currency_code"] == currency and month_start(max(row["start_date"], look.day)) == month]
            inflow, outflow = total(owed.unpaid for owed in due), total(row["undisbursed"] for row in out)
            found.append(
                {
                    "month_start": month,
                    "currency_code": currency,
                    "scheduled_inflow": inflow,
                    "loans_with_payments": len({owed.risk.state.loan.id for owed in due}),
                    "projected_disbursements": outflow,
                    "new_loans": len(out),
                    "net_cash_flow": inflow - outflow,
                    "contractual_amount": total(owed.item.total_due for owed in due),
                    "as_of": look.day,
                }
            )
    return found


@dataclass(frozen=True)
class Settled:
    """What of one payment's allocation settled an instalment that is owed, at most its due amount."""

    on: date
    due_date: date
    amount: Decimal


def _settled_by_payments(owed: Owed) -> list[Settled]:
    """Money of payments on an instalment, each component at most what is due, in order of its date."""
    found = []
    for component in COMPONENTS:
        room = owed.item.due(component)
        parts = [part for part in owed.item.parts if part.component == component and part.is_payment]
        for part in sorted(parts, key=lambda part: part.on):
            taken = min(part.amount, room)
            room -= taken
            if taken > 0:
                found.append(Settled(part.on, owed.item.line.due_date, taken))
    return found


def v_collection_efficiency(look: Look) -> list[Row]:
    """How much of what fell due was collected: due, received, and what the received settled."""

    def place(risk: Risk, day: date) -> tuple[date, str, str, str]:
        loan = risk.state.loan
        return month_start(day), loan.legal_entity_id, loan.product_id, loan.currency_code

    rows: dict[tuple[date, str, str, str], dict[str, Decimal]] = {}

    def add(key: tuple[date, str, str, str], name: str, amount: Decimal) -> None:
        row = rows.setdefault(key, dict.fromkeys(("due", "received", "paid_on_current_due", "paid_on_arrears", "prepaid"), ZERO))
        row[name] += amount

    for risk in look.all:
        for money in risk.state.money:
            if money.kind == "allocation":
                add(place(risk, money.on), "received", money.amount)
    for owed in owed_of(look):
        due_on = owed.item.line.due_date
        if due_on <= look.day:
            add(place(owed.risk, due_on), "due", owed.item.total_due)
        for settled in _settled_by_payments(owed):
            key, due_month = place(owed.risk, settled.on), month_start(due_on)
            name = "paid_on_current_due" if due_month == key[0] else "paid_on_arrears" if due_month < key[0] else "prepaid"
            add(key, name, settled.amount)
    found = []
    for (month, entity, product, currency), row in rows.items():
        found.append(
            {
                "month_start": month,
                "legal_entity_id": entity,
                "legal_entity_name": look.book.entities[entity].name,
                "product_id": product,
                "product_code": look.book.products[product].code,
                "product_category": look.book.products[product].category,
                "currency_code": currency,
                **row,
                "unassigned": row["received"] - row["paid_on_current_due"] - row["paid_on_arrears"] - row["prepaid"],
                "current_due_ce_pct": percent(row["paid_on_current_due"], row["due"]),
                "total_ce_pct": percent(row["received"], row["due"]),
                "is_complete": month_start(month, -1) - ONE_DAY < look.day,
                "business_date": look.day,
            }
        )
    return found


def v_weekly_cash_flow_projections(look: Look) -> list[Row]:
    """What falls due in this and the next 11 weeks, beside what came in twelve weeks before."""
    monday, found = look.day - timedelta(days=look.day.weekday()), []
    everything, ahead = owed_of(look), _ahead(look)
    for currency in sorted({loan.currency_code for loan in look.book.loans.values()}):
        for number in range(12):
            week = monday + timedelta(days=7 * number)
            past = week - timedelta(days=84)
            due = [owed for owed in ahead if _within(owed, currency, week)]
            before = [owed for owed in everything if _within(owed, currency, past) and owed.item.line.due_date < look.day]
            money = [
                row
                for risk in look.all
                if risk.state.loan.currency_code == currency
                for row in risk.state.money
                if row.kind == "allocation" and past <= row.on < past + timedelta(days=7)
            ]
            was_due = total(owed.item.total_due for owed in before)
            found.append(
                {
                    "week_start": week,
                    "currency_code": currency,
                    "scheduled_amount": total(owed.item.total_due for owed in due),
                    "loans_with_payments": len({owed.risk.state.loan.id for owed in due}),
                    "historical_actual_amount": total(row.amount for row in money),
                    "historical_payment_count": len({row.payment_id for row in money}),
                    "historical_collection_efficiency_pct": percent(was_due - total(owed.unpaid for owed in before), was_due),
                    "contractual_due": total(owed.unpaid for owed in due),
                    "loans_due": len({owed.risk.state.loan.id for owed in due if owed.unpaid > 0}),
                    "as_of": look.day,
                }
            )
    return found


def _within(owed: Owed, currency: str, week: date) -> bool:
    """Whether an instalment of a currency falls due in a week."""
    return owed.risk.state.loan.currency_code == currency and week <= owed.item.line.due_date < week + timedelta(days=7)


VIEWS = (
    active_payment_instruments, v_disbursement_pipeline, v_unallocated_cash, v_payment_timing_analysis, v_monthly_cash_flow_analysis,
    v_weekly_cash_flow_projections, v_collection_efficiency,
)  # fmt: skip
