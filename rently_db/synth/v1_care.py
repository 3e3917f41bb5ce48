"""What v1 knows besides money: disputes, limits of products, judgements about loans, waivers, connected borrowers, open actions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import text

from rently_db import models as m
from rently_db.synth.v1_rows import day
from rently_db.synth.v1_world import PRODUCTS_FROM, World

_DISPUTES = 32
_PRIORITIES = [m.DisputePriority(word) for word in ("low", "medium", "medium", "high", "critical")]
_FLAGS = (
    (m.LoanFlagKind.PAYMENT_PAUSE, 30, "between two jobs"),
    (m.LoanFlagKind.SIGNIFICANT_INCREASE, 120, "income fell"),
    (m.LoanFlagKind.PAYMENT_PAUSE, 45, "illness"),
    (m.LoanFlagKind.SIGNIFICANT_INCREASE, 120, "new debts elsewhere"),
    (m.LoanFlagKind.UNLIKELY_TO_PAY, 200, "insolvency of the employer"),
)
_Flag = tuple[m.LoanFlagKind, int, str]
"""A judgement, for how many days, and why."""
_NOTES = {
    m.DisputeType.AMOUNT_MISMATCH: "bank statement shows the expected amount: corrected",
    m.DisputeType.TIMING_ISSUE: "value date confirmed by the bank",
    m.DisputeType.ALLOCATION_ERROR: "allocated to the right instalment",
    m.DisputeType.UNAUTHORIZED_PAYMENT: "mandate found and shown to the payer",
    m.DisputeType.DUPLICATE_PAYMENT: "second payment sent back",
}
_PAYMENTS = text(
    "SELECT p.id, p.payer_party_id, p.amount, min(a.loan_id::text)::uuid, p.received_at, e.country_code FROM public.payment AS p"
    " INNER JOIN public.payment_allocation AS a ON a.payment_id = p.id INNER JOIN public.legal_entity AS e ON p.legal_entity_id = e.id"
    " WHERE p.status = 'completed' AND p.direction = 'inbound' AND p.provider <> 'internal' AND p.received_at >= :since"
    " AND p.received_at < :until GROUP BY p.id, p.payer_party_id, p.amount, p.received_at, e.country_code ORDER BY p.received_at, p.id"
)
# Category, country, smallest and largest principal, months, interest a year, fees of the principal.
_LIMITS = (
    ("rently_care_d2c", "SG", "2000.00", "400000.00", 48, "0.1000", "0.0650"),
    ("rently_care_collaborative", "SG", "2000.00", "345000.00", 48, "0.1000", "0.0300"),
    ("b2b_sme", "SG", "10000.00", "250000.00", 48, "0.1000", "0.0200"),
    ("rnpl_uae", "AE", "20000.00", "800000.00", 48, "0.1000", "0.0750"),
)
"""Most loans keep them: a few are too large, too dear, or run too long."""
_GROUPS = 5


def write_disputes(world: World, rng: Random) -> None:
    """Payments of the last twelve months that somebody contests; most of the older ones are resolved."""
    today = world.companies["SG"].at(world.today, 0)
    window = {"since": today - timedelta(days=350), "until": today - timedelta(days=6)}
    payments = world.rows.connection.execute(_PAYMENTS, window).all()
    number = min(world.many(_DISPUTES), len(payments))
    for place in range(number):
        # One of each stretch of the year.
        share = len(payments) // number
        payment, payer, paid, loan, received, country = payments[place * share + rng.randrange(share)]
        company, kind = world.companies[country], rng.choice([*m.DisputeType])
        on = min(received.date().toordinal() + rng.randint(2, 12), world.today - 1)
        lasted = rng.randint(2, 20) + (rng.randint(10, 40) if rng.random() < 0.3 else 0)
        is_resolved = place < number - 1 and on + lasted < world.today and rng.random() < 0.88
        expected, actual = paid, paid
        match kind:
            case m.DisputeType.AMOUNT_MISMATCH:
                expected = paid + Decimal(rng.randrange(20, 400))
            case m.DisputeType.DUPLICATE_PAYMENT:
                actual = 2 * paid
            case m.DisputeType.UNAUTHORIZED_PAYMENT:
                expected = None
            case _:
                pass
        missing = kind is m.DisputeType.TIMING_ISSUE and rng.random() < 0.5
        open_as = m.DisputeStatus.OPEN if on > world.today - 10 else rng.choice((m.DisputeStatus.INVESTIGATING, m.DisputeStatus.ESCALATED))
        world.rows.add(
            m.PaymentDispute,
            payment_id=None if missing else payment,
            loan_id=loan,
            dispute_type=kind,
            expected_amount=expected,
            actual_amount=None if missing else actual,
            status=rng.choice((m.DisputeStatus.RESOLVED, m.DisputeStatus.RESOLVED, m.DisputeStatus.CLOSED)) if is_resolved else open_as,
            reported_by=payer,
            assigned_to=None if open_as is m.DisputeStatus.OPEN and not is_resolved else rng.choice(world.clerks),
            priority=rng.choice(_PRIORITIES),
            created_at=company.at(on, rng.randrange(9 * 3600, 18 * 3600)),
            resolved_at=company.at(on + lasted, rng.randrange(9 * 3600, 18 * 3600)) if is_resolved else None,
            resolution_notes=_NOTES[kind] if is_resolved else None,
        )


def write_limits(world: World) -> None:
    """What a loan of each category may be, since the products of v1 came; an older contract has no limit."""
    for category, country, smallest, largest, months, rate, fees in _LIMITS:
        world.rows.add(
            m.ProductLimit,
            product_id=None,
            product_category=m.ProductCategory(category),
            country_code=country,
            min_amount=Decimal(smallest),
            max_amount=Decimal(largest),
            max_tenor_months=months,
            max_rate=Decimal(rate),
            max_total_fee_pct=Decimal(fees),
            valid_from=day(world.today - PRODUCTS_FROM),
            valid_through=None,
            source="credit policy 2024",
            needs_signoff=False,
        )


def write_judgements(world: World, rng: Random) -> None:
    """Forbearance where a plan was restructured; pauses, doubts, and penalties waived."""
    restructured = text(
        "SELECT p.loan_id, p.effective_from FROM public.amortisation_plan AS p INNER JOIN public.loan AS l ON p.loan_id = l.id"
        " WHERE p.status = 'active' AND p.reason = 'restructured' AND l.status = 'active' ORDER BY l.loan_number"
    )
    for loan, since in world.rows.connection.execute(restructured):
        _flag(world, loan, since, (m.LoanFlagKind.FORBORNE, 365, "plan restructured"))
    active = text("SELECT l.id FROM public.loan AS l WHERE l.status = 'active' AND l.start_date < :before ORDER BY l.loan_number")
    loans = [*world.rows.connection.scalars(active, {"before": day(world.today - 200)})]
    drawn = iter(rng.sample(loans, min(world.many(15), len(loans))))
    for place, loan in enumerate(drawn):
        _flag(world, loan, day(world.today - rng.randint(5, 170)), _FLAGS[place % len(_FLAGS)])
    _waive(world, rng)


def _flag(world: World, loan: UUID, since: date, judgement: _Flag) -> None:
    flag, days, reason = judgement
    through = since + timedelta(days=days)
    world.rows.add(
        m.LoanFlag,
        loan_id=loan,
        flag=flag,
        effective_from=since,
        effective_through=through if through <= world.business_date else None,
        reason=reason,
        created_at=world.companies["SG"].at(since.toordinal(), 10 * 3600),
    )


def _waive(world: World, rng: Random) -> None:
    unpaid = text(
        "SELECT p.loan_id, i.id, i.amount_penalty, i.due_date FROM public.amortisation_line AS i"
        " INNER JOIN public.amortisation_plan AS p ON i.plan_id = p.id INNER JOIN public.loan AS l ON p.loan_id = l.id"
        " WHERE p.status = 'active' AND l.status = 'active' AND i.amount_penalty > 0"
        " AND NOT EXISTS (SELECT FROM public.payment_allocation AS a WHERE a.line_id = i.id OR (a.loan_id = l.id AND a.line_id IS NULL))"
        " ORDER BY l.loan_number, i.seq_no"
    )
    lines = world.rows.connection.execute(unpaid).all()
    for loan, line, penalty, due in rng.sample(lines, min(world.many(14), len(lines))):
        on = min(due.toordinal() + rng.randint(20, 60), world.today)
        world.rows.add(
            m.LoanAdjustment,
            loan_id=loan,
            line_id=line,
            component=m.AllocationComponent.PENALTY,
            kind=m.AdjustmentKind.WAIVER,
            amount=penalty,
            effective_date=day(on),
            reason="goodwill",
            created_by=rng.choice(world.clerks),
            created_at=world.companies["SG"].at(on, 15 * 3600),
        )


def enter_outcomes(world: World, rng: Random) -> None:
    """What v0 could not say of its rows: how collections events ended, which firms belong together, what collateral is worth.

    And what nobody had noticed: an e-mail address that two parties share is asked for again.
    """
    execute = world.rows.connection.execute
    shared = "SELECT p.email FROM public.party AS p GROUP BY p.email HAVING count(*) > 1"
    execute(text(f"UPDATE public.party SET email = NULL WHERE email IN ({shared})"))
    execute(
        text(
            "UPDATE public.collections_event SET consecutive_missed_payments = dpd_snapshot / 30 + 1, resolution_status = CASE"
            " WHEN id IN (SELECT DISTINCT ON (c.loan_id) c.id FROM public.collections_event AS c"
            " ORDER BY c.loan_id, c.event_at DESC, c.id) AND event_at > :recent THEN 'in_progress' ELSE 'resolved' END,"
            " next_action_date = CASE WHEN id IN (SELECT DISTINCT ON (c.loan_id) c.id FROM public.collections_event AS c"
            " ORDER BY c.loan_id, c.event_at DESC, c.id) AND event_at > :recent THEN cast(:today AS date) + 1 + dpd_snapshot % 9 END"
            " WHERE resolution_status IS NULL AND event_at > :since"
        ),
        {"recent": day(world.today - 45), "since": day(world.today - 365), "today": world.business_date},
    )
    execute(text("UPDATE public.security_interest SET haircut_pct = CASE type WHEN 'deposit' THEN 0 ELSE 0.2 END"))
    firms = text(
        "SELECT DISTINCT p.id FROM public.party AS p INNER JOIN public.loan AS l ON l.borrower_party_id = p.id"
        " WHERE p.kind = 'corporate' AND l.status = 'active' ORDER BY p.id"
    )
    found = [*world.rows.connection.scalars(firms)]
    for _ in range(min(world.many(_GROUPS), len(found) // 3)):
        head, *members = (found.pop(rng.randrange(len(found))) for _ in range(rng.choice((2, 3))))
        group = {"head": head, "members": [head, *members]}
        execute(text("UPDATE public.party SET obligor_group_id = :head WHERE id = ANY(:members)"), group)
