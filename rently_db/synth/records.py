"""One loan as rows: what was paid out, owed, paid, booked, chased and filed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from rently_db.synth import names
from rently_db.synth.book import Slot
from rently_db.synth.case import Borrower, Case
from rently_db.synth.cash import write_payments
from rently_db.synth.people import write_application, write_borrower, write_declined, write_roles
from rently_db.synth.recovery import events_of
from rently_db.synth.reference import CASH, CLEARING, RECEIVABLE, WRITTEN_OFF, World
from rently_db.synth.rows import Sink, day, moment, money, new_id, rate, rng_for
from rently_db.synth.story import Story, tell

_OFFICE_HOURS = (9 * 3600, 17 * 3600)
# Events that leave a paper behind: title and kind of it.
_PAPERS = {"legal_notice": ("Legal notice", "legal_notice"), "court_filing": ("Court filing", "court_document")}


@dataclass(slots=True)
class Block:
    """What later loans of a block need of earlier ones."""

    borrowers: dict[int, Borrower] = field(default_factory=dict)
    stories: dict[int, tuple[str, Story]] = field(default_factory=dict)
    """Number of a loan in the book -> its id and story, for loans that are taken over."""


@dataclass(frozen=True, slots=True)
class LoanWriter:
    """Writes the loans of a book into a sink; ``today`` is the ordinal of the business date."""

    sink: Sink
    world: World
    seed: int
    today: int

    def write(self, slot: Slot, block: Block) -> None:
        """Make up the loan of a slot and write everything that belongs to it."""
        sink, rng, product = self.sink, rng_for(self.seed, "loan", slot.index), self.world.products[slot.product]
        loan = new_id(rng)
        parent_id, parent = (None, None) if slot.parent is None else block.stories[slot.parent]
        story = tell(rng, product, slot.behaviour, self.today, parent)
        if slot.behaviour == "transferred":
            block.stories[slot.index] = (loan, story)
        if slot.borrower not in block.borrowers:
            block.borrowers[slot.borrower] = write_borrower(sink, rng, product, slot.index)
        borrower = block.borrowers[slot.borrower]
        number = f"{date.fromordinal(story.terms.start).year}-{slot.index + 1:07d}"
        # A loan that takes over another was never applied for.
        application = None
        if parent is None:
            application = write_application(sink, rng, product, borrower.id, code=f"APP-{number}", story=story)
        case = Case(sink, rng, product, loan, story, borrower, parent_id is not None, self.today)
        contract = f"LEASE-{product.entity.country}-{rng.randrange(10**8):08d}" if rng.random() < 0.9 else None
        sink.add(
            "loan", loan, f"RL-{number}", application, product.id, product.entity.id, borrower.id, product.entity.currency,
            money(story.terms.principal), None if story.fee_rate is None else rate(story.fee_rate), rate(story.terms.interest_rate),
            day(story.terms.start), day(story.end), parent_id, contract, story.status,
        )  # fmt: skip
        landlord = write_roles(case)
        _plans(case)
        _disburse(case, landlord if product.individual else borrower.instruments[0])
        write_payments(case)
        _chase(case)
        _secure(case)
        _file(case, application, first=slot.borrower == slot.index)
        if slot.declined:
            write_declined(sink, rng, product, slot, self.today)


def _plans(case: Case) -> None:
    """Every version of the plan with its lines."""
    add, currency = case.sink.add, case.entity.currency
    for plan in case.story.plans:
        through = None if plan.through is None else day(plan.through)
        add("amortisation_plan", plan.id, case.loan, str(plan.version), plan.status, plan.reason, day(plan.effective), through)
        for line in plan.lines:
            penalty, fee, other, principal = line.amounts
            add(
                "amortisation_line", line.id, plan.id, str(line.seq), day(line.due), currency,
                money(principal), money(fee), money(penalty), money(other),
            )  # fmt: skip


def _disburse(case: Case, instrument: str) -> None:
    """Pay the loan out, in one or two parts, and book it: receivable against cash, or against the clearing of a transfer."""
    rng, entity, principal, start = case.rng, case.entity, case.story.terms.principal, case.story.terms.start
    in_parts = not case.product.individual and not case.takes_over and rng.random() < 0.08
    first = principal // 200 * 100 if in_parts else principal
    for number, amount in enumerate(part for part in (first, principal - first) if part):
        disbursement, status = new_id(rng), "completed"
        if case.story.behaviour == "fresh":
            status = rng.choice(("pending", "pending", "processing"))
        paid = moment(start, rng.randrange(*_OFFICE_HOURS) + number, entity.utc_offset) if status == "completed" else None
        case.sink.add(
            "disbursement", disbursement, case.loan, entity.id, instrument, entity.currency, money(amount), paid, status,
        )  # fmt: skip
        if status == "completed":
            case.entry(RECEIVABLE, amount, "debit", disbursement=disbursement)
            case.entry(CLEARING if case.takes_over else CASH, amount, "credit", disbursement=disbursement)


def _chase(case: Case) -> None:
    """The collections history, its legal papers, and the write-off's entries."""
    rng, entity, story = case.rng, case.entity, case.story
    for event in events_of(rng, story, case.today):
        event_id, at = new_id(rng), moment(event.day, rng.randrange(*_OFFICE_HOURS), entity.utc_offset)
        actor = rng.choice(entity.brokers) if event.kind.startswith("call") else None
        arrears = money(event.arrears)
        case.sink.add("collections_event", event_id, case.loan, event.kind, at, actor, str(event.dpd), arrears, entity.currency)
        if event.kind in _PAPERS:
            title, kind = _PAPERS[event.kind]
            case.document(f"{title} at {event.dpd} days", kind, at, ("collections_event", event_id))
    if story.status == "written_off":
        case.entry(WRITTEN_OFF, story.outstanding, "debit")
        case.entry(RECEIVABLE, story.outstanding, "credit")


def _secure(case: Case) -> None:
    """Collateral for three loans in ten."""
    rng, principal = case.rng, case.story.terms.principal
    if rng.random() < 0.3:
        kind = "deposit" if case.product.individual else rng.choice(("property", "vehicle", "deposit", "other"))
        value = max(principal // rng.choice((1, 2, 6, 10)), 100)
        text = f"{kind.capitalize()}, {names.address(rng, case.entity.locale)}"
        row = (new_id(rng), case.loan, kind, case.borrower.id, text, money(value), case.entity.currency)
        case.sink.add("security_interest", *row)


def _file(case: Case, application: str | None, *, first: bool) -> None:
    """Documents about the loan, its application and, with the ``first`` loan, the borrower."""
    rng = case.rng
    signed = moment(case.story.terms.start, rng.randrange(*_OFFICE_HOURS), case.entity.utc_offset)
    if rng.random() < 0.8:
        case.document("Lease agreement", "lease_agreement", signed, ("loan", case.loan), "primary")
    if application and rng.random() < 0.4:
        case.document("Application form", "application_form", signed, ("application", application))
    if first and rng.random() < 0.5:
        case.document("Identity document", "identity_document", signed, ("party", case.borrower.id), "kyc")
