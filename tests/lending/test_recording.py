"""A provider's message: recorded once, whatever became of the payment before, and refused if it is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from rently_db.lending import (
    DateError,
    DuplicateError,
    InvalidAmountError,
    PaymentStatusError,
    allocate_payment,
    record_payment,
)
from rently_db.models import Payment, PaymentDirection, PaymentStatus
from tests.lending.desk import Desk, at
from tests.lending.test_payments import terms


def test_a_message_delivered_twice_is_one_payment(desk: Desk):
    """The second delivery gets the payment that is there: nothing is recorded, allocated or booked again."""
    loan = desk.lend(terms(desk))
    given = {
        "legal_entity_id": desk.company.id,
        "currency_code": "SGD",
        "amount": Decimal("1130.00"),
        "received_at": at(desk.today),
        "provider": "stripe",
        "external_reference": "pi_1",
    }
    first, is_new = record_payment(desk.session, **given)
    allocate_payment(desk.session, first, loan)
    again, is_new_again = record_payment(desk.session, **given)
    assert (is_new, is_new_again, again.id) == (True, False, first.id)
    assert allocate_payment(desk.session, again, loan).allocations == ()
    assert desk.session.scalar(select(func.count()).select_from(Payment).where(Payment.external_reference == "pi_1")) == 1
    assert desk.booked(payment_id=first) == {"1000": 1130, "1100": -1000, "4000": -10, "4100": -120}
    with pytest.raises(DuplicateError, match=r"pi_1 of stripe is recorded with amount 1130\.00, not 1130\.01"):
        record_payment(desk.session, **given | {"amount": Decimal("1130.01")})
    other_provider = record_payment(desk.session, **given | {"provider": None})
    assert other_provider.is_new
    assert not record_payment(desk.session, **given | {"provider": None}).is_new


def announce(desk: Desk, amount: str, reference: str, **more: Any) -> Payment:
    """A payment that the provider told of before it arrived, pending unless said otherwise."""
    made = Payment(
        legal_entity_id=desk.company.id,
        currency_code="SGD",
        amount=Decimal(amount),
        direction=PaymentDirection.INBOUND,
        provider="giro",
        external_reference=reference,
        **more,
    )
    desk.session.add(made)
    desk.session.flush()
    return made


def test_a_payment_that_was_announced_arrives(desk: Desk):
    """A pending payment of the same reference is completed and booked when the money comes, once."""
    announced = announce(desk, "50.00", "GIRO-1")
    assert announced.status is PaymentStatus.PENDING
    for _ in range(2):
        assert desk.receive("50.00", desk.today, "GIRO-1").id == announced.id
        assert (announced.status, announced.received_at) == (PaymentStatus.COMPLETED, at(desk.today))
        assert desk.booked(payment_id=announced) == {"1000": 50, "2100": -50}
    assert desk.unsound() == []


def test_a_payment_that_failed_at_first_arrives(desk: Desk):
    """A card that is declined, and then is not, pays: the second attempt has the reference of the first."""
    failed = announce(desk, "50.00", "pi_2", status=PaymentStatus.FAILED)
    assert desk.receive("50.00", desk.today, "pi_2").id == failed.id
    assert failed.status is PaymentStatus.COMPLETED
    assert desk.booked(payment_id=failed) == {"1000": 50, "2100": -50}
    assert desk.unsound() == []


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_money_that_was_given_up_is_not_known_already(desk: Desk, status: str):
    """A payment that was booked and then failed, or that was cancelled: who reports it as arrived is told so."""
    payment = desk.receive("50.00", desk.today, "pi_3")
    payment.status = PaymentStatus(status)
    desk.session.flush()
    with pytest.raises(PaymentStatusError, match=f"payment pi_3 of giro is recorded as {status}, but now it is reported as arrived"):
        desk.receive("50.00", desk.today, "pi_3")


def test_a_blank_reference_is_none(desk: Desk):
    """A file without references has blank ones: its payments are not one."""
    first, second = desk.receive("50.00", desk.today, " "), desk.receive("50.00", desk.today, " ")
    assert first.id != second.id
    assert (first.external_reference, second.external_reference) == (None, None)


def test_a_message_delivered_twice_may_spell_as_providers_do(desk: Desk):
    """The currency in small letters, the company's id as text: the second delivery is one, too."""
    given: dict[str, Any] = {
        "legal_entity_id": str(desk.company.id),
        "currency_code": "sgd",
        "amount": Decimal("50.00"),
        "received_at": at(desk.today),
        "provider": "stripe",
        "external_reference": "pi_4",
    }
    assert [record_payment(desk.session, **given).is_new for _ in range(2)] == [True, False]


@pytest.mark.parametrize("wrong", ["2026-01-31", date(2026, 1, 31), None])
def test_a_moment_is_a_datetime(desk: Desk, wrong: Any):
    """A text, a day and nothing are refused in a sentence, not by an AttributeError."""
    given: dict[str, Any] = {"legal_entity_id": desk.company.id, "currency_code": "SGD", "amount": Decimal("50.00"), "provider": None}
    with pytest.raises(DateError, match=r"received_at is .*, which is no moment; pass an aware datetime"):
        record_payment(desk.session, **given, received_at=wrong, external_reference=None)


def test_a_payment_is_an_amount(desk: Desk):
    """A float, a third decimal and nothing are refused before the database sees them."""
    for wrong in ("0", "1.001", "-5", "-1e40", "1e40"):
        with pytest.raises(InvalidAmountError, match="the payment is"):
            desk.receive(wrong, desk.today)
