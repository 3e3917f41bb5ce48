"""What the database refuses, in one sentence: the rule, what it found, the mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from rently_db.lending import Terms, allocate_payment, explain
from rently_db.lending import errors as errors_module
from rently_db.models import AllocationComponent, AmortisationPlan, Loan, PaymentAllocation
from rently_db.sessions import session_factory
from tests.lending.desk import Desk


def lent(desk: Desk) -> Loan:
    """A loan of one instalment of 1,000.00."""
    return desk.lend(Terms(principal=Decimal("1000.00"), months=1, start=desk.months_ago(2)))


def too_much(desk: Desk) -> None:
    """Allocate 100.01 of 100.00 by hand."""
    loan, payment = lent(desk), desk.receive("100.00", desk.today)
    desk.session.add(
        PaymentAllocation(
            payment_id=payment.id, loan_id=loan.id, component=AllocationComponent.PRINCIPAL, allocated_amount=Decimal("100.01")
        )
    )


def other_loan(desk: Desk) -> None:
    """Allocate to the plan of another loan."""
    one, other, payment = lent(desk), lent(desk), desk.receive("100.00", desk.today)
    plan = desk.session.query(AmortisationPlan).where(AmortisationPlan.loan_id == other.id).one()
    desk.session.add(
        PaymentAllocation(
            payment_id=payment.id, loan_id=one.id, plan_id=plan.id, component=AllocationComponent.PRINCIPAL, allocated_amount=Decimal(1)
        )
    )


def reversed_twice(desk: Desk) -> None:
    """Change the moment of a reversal."""
    loan, payment = lent(desk), desk.receive("100.00", desk.today)
    (part,) = allocate_payment(desk.session, payment, loan).allocations
    for days in (2, 1):
        part.reversed_at = desk.receive("1.00", desk.today).received_at
        assert part.reversed_at is not None
        part.reversed_at -= timedelta(days=days)
        desk.session.flush()


def one_sided(desk: Desk) -> None:
    """Add an entry to a journal that balances, and let the commit judge it."""
    lent(desk)
    desk.session.execute(
        text(
            "INSERT INTO public.ledger_entry (legal_entity_id, account_id, journal_id, currency_code, amount, side)"
            " SELECT e.legal_entity_id, e.account_id, e.journal_id, e.currency_code, 1, 'debit' FROM public.ledger_entry AS e"
            " WHERE e.journal_id IS NOT NULL LIMIT 1"
        )
    )
    desk.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def third_decimal(desk: Desk) -> None:
    """Change the principal to a fraction of a cent."""
    lent(desk).principal_amount = Decimal("1000.001")


def backwards(desk: Desk) -> None:
    """Let a loan end before it begins."""
    lent(desk).end_date = date(2000, 1, 1)


def deleted(desk: Desk) -> None:
    """Delete a ledger entry."""
    lent(desk)
    desk.session.execute(text("DELETE FROM public.ledger_entry WHERE journal_id IS NOT NULL"))


def nobody(desk: Desk) -> None:
    """Lend to nobody."""
    lent(desk).borrower_party_id = desk.product.id


def nameless(desk: Desk) -> None:
    """Take the name of a company."""
    desk.session.execute(text("UPDATE public.legal_entity SET country_code = NULL"))


REFUSALS: list[tuple[Callable[[Desk], None], str]] = [
    (
        too_much,
        r"payment_allocation_within_payment: payment \S+ is of 100.00, but 100.01 would be allocated: allocate at most what is left .*",
    ),
    (
        other_loan,
        r"payment_allocation_belongs_together: payment_allocation \S+ names a plan or line that is not of its loan: let plan_id and .*",
    ),
    (reversed_twice, r"payment_allocation_reversed_once: payment_allocation \S+ was reversed at .*: a reversal is final: .*"),
    (one_sided, r"ledger_entry_journal_balances: journal \S+ does not balance in SGD: .*: let debits and credits of a journal be equal .*"),
    (third_decimal, r"loan_principal_amount_is_money: new row .*: write amounts with at most two decimals, below ten trillion"),
    (backwards, r"loan_dates_check: new row for relation \"loan\" violates check constraint .*: end the loan after its start_date"),
    (deleted, r"ledger_entry_append_only: ledger_entry \S+ can't be deleted: ledger entries stay as they were written: .*"),
    (nobody, r"loan_borrower_party_id_fkey: insert or update on table .*: the row that is named does not exist, .*"),
    (nameless, r"null value in column \"country_code\" .*: a column that must have a value has none: set it"),
]


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
@pytest.mark.parametrize(("wrong", "words"), REFUSALS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_refusal_is_one_sentence(book_engine: Engine, driver: str, wrong: Callable[[Desk], None], words: str):
    """Rule, what was found and mend, whichever driver carries them; no SQL, no parameters."""
    engine = create_engine(book_engine.url.set(drivername=f"postgresql+{driver}"))
    with session_factory(engine)() as session:
        desk = Desk(session)
        with pytest.raises(DBAPIError) as caught:  # noqa: PT012  # some are refused at once, others when they are flushed
            wrong(desk)
            session.flush()
    engine.dispose()
    assert re.fullmatch(words, str(explain(caught.value))), explain(caught.value)


def test_what_is_no_rule_is_not_explained(book_engine: Engine, session: Session):
    """A mistake in SQL, and a server that is not there, are other people's to explain."""
    with pytest.raises(DBAPIError) as syntax:
        session.execute(text("SELEC 1"))
    assert explain(syntax.value) is None
    nowhere = create_engine(book_engine.url.set(database="rently_nowhere"))
    with pytest.raises(OperationalError) as gone:
        nowhere.connect()
    assert explain(gone.value) is None


def test_every_rule_that_is_explained_is_one_of_the_database(session: Session):
    """No mend is kept for a constraint, index or trigger's rule that was renamed or is gone."""
    known = set(
        session.scalars(
            text(
                "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'"
                " UNION SELECT m[1] FROM pg_proc CROSS JOIN LATERAL regexp_matches(prosrc, '''([a-z_]+)''', 'g') AS m"
                " WHERE pronamespace = 'ops'::regnamespace"
                " UNION SELECT tgrelid::regclass::text || '_append_only' FROM pg_trigger WHERE tgname IN ('refuse_truncate', 'guard')"
                " UNION SELECT tgrelid::regclass::text || '_currency_agrees' FROM pg_trigger WHERE tgname = 'check_currency'"
            )
        )
    )
    assert [rule for rule in errors_module._MENDS if rule not in known] == []
    assert [suffix for suffix, _ in errors_module._SUFFIXES if not any(rule.endswith(suffix) for rule in known)] == []
