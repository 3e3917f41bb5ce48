"""Factories make rows that the database accepts, that add up, and that are the same in every run."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from polyfactory.exceptions import ParameterException
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from rently_db.models import AmortisationPlan, Base, EntrySide, LegalEntity, Loan, Payment, PaymentStatus, PlanStatus
from rently_db.testing import factories
from rently_db.testing.factories import (
    AmortisationLineFactory,
    AmortisationPlanFactory,
    DocumentLinkFactory,
    JournalEntryFactory,
    LedgerEntryFactory,
    LegalEntityFactory,
    LoanFactory,
    PartyFactory,
    PaymentAllocationFactory,
    PaymentFactory,
    RentlyFactory,
    using,
)

MODELS = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)


def factory_of(model: type[Base]) -> type[RentlyFactory]:
    """The factory of a model, found by its name."""
    return getattr(factories, f"{model.__name__}Factory")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_a_factory_whose_row_the_database_accepts(model: type[Base], rently_session: Session):
    """A developer gets a valid row of any table without knowing its rules, with all constraints checked."""
    before = rently_session.scalar(select(func.count()).select_from(model))
    row = factory_of(model).create_sync()
    rently_session.commit()
    assert isinstance(row, model)
    assert rently_session.scalar(select(func.count()).select_from(model)) > before


def test_two_rows_of_each_model_fail_no_validation(rently_committed_session: Session):
    """With two of each in one database no rule of the business is broken, and none warns."""
    for model in MODELS * 2:
        factory_of(model).create_sync()
    rently_committed_session.commit()
    rently_committed_session.execute(text("SELECT * FROM ops.run_all_validations()"))
    found = rently_committed_session.execute(
        text("SELECT validation_name, validation_status, details FROM ops.data_validation_log WHERE validation_status <> 'PASS'")
    )
    assert {name: details for name, status, details in found if status != "INFO"} == {}
    assert rently_committed_session.scalar(text("SELECT count(*) FROM ops.data_validation_log")) == 35


@pytest.mark.parametrize(("principal", "months"), [("12000.00", 12), ("1000.00", 3), ("0.05", 7), ("99999.99", 1)], ids=str)
def test_the_instalments_of_a_loan_add_up_to_its_principal(principal: str, months: int, rently_session: Session):
    """Whatever is lent for however long, the plan pays back exactly that, and the last instalment is due when the contract ends."""
    end = date(2026 + (months + 6) // 13, (months + 6 - 1) % 12 + 1, 16)
    loan = LoanFactory.create_sync(principal_amount=Decimal(principal), start_date=date(2026, 6, 16), end_date=end)
    (plan,) = loan.plans
    assert [line.seq_no for line in plan.lines] == list(range(1, months + 1))
    assert sum(line.amount_principal for line in plan.lines) == Decimal(principal)
    assert sum(line.amount_rc_fee for line in plan.lines) == round(Decimal(principal) * loan.rc_fee_rate, 2)
    assert plan.lines[-1].due_date == loan.end_date


def test_a_payment_settles_the_oldest_open_instalment(rently_session: Session):
    """Two payments of a loan settle its first and its second instalment, to the cent, in the loan's currency and company."""
    loan = LoanFactory.create_sync()
    payments = [PaymentFactory.create_sync(loan=loan) for _ in range(2)]
    rently_session.commit()
    for payment, line in zip(payments, loan_lines(rently_session, loan)[:2], strict=True):
        settled = {part.component: part.allocated_amount for part in allocations(rently_session, payment)}
        assert settled == {"rc_fee": line.amount_rc_fee, "interest": line.amount_interest, "principal": line.amount_principal}
        assert payment.amount == sum(settled.values())
        assert (payment.currency_code, payment.legal_entity_id) == (loan.currency_code, loan.legal_entity_id)


def loan_lines(session: Session, loan: Loan) -> list:
    """The instalments of the loan's plan."""
    session.refresh(loan, ["plans"])
    session.refresh(loan.plans[0], ["lines"])
    return loan.plans[0].lines


def allocations(session: Session, payment: Payment) -> list:
    """What a payment is allocated to."""
    session.refresh(payment, ["allocations"])
    return payment.allocations


def test_a_payment_of_a_loan_from_the_database_finds_its_instalments(rently_committed_session: Session):
    """A loan that was committed and read again, with nothing loaded, is paid like one just made; a small amount settles a part."""
    LoanFactory.create_sync()
    rently_committed_session.commit()
    loan = rently_committed_session.scalars(select(Loan)).one()
    payment = PaymentFactory.create_sync(loan=loan, amount=Decimal("40.00"))
    assert [(part.component, part.allocated_amount) for part in payment.allocations] == [
        ("rc_fee", Decimal("30.00")),
        ("interest", Decimal("10.00")),
    ]


def test_a_payment_that_is_not_completed_settles_nothing(rently_session: Session):
    """A pending payment has no allocations unless the test gives some."""
    assert PaymentFactory.create_sync(status=PaymentStatus.PENDING).allocations == []


def test_parents_are_given_as_objects_ids_or_fields(rently_session: Session):
    """Two loans of one borrower, by object and by id; and a borrower by what is different about it."""
    ada = PartyFactory.create_sync(display_name="Ada")
    entity = LegalEntityFactory.create_sync(country_code="AE")
    one = LoanFactory.create_sync(borrower=ada, legal_entity_id=entity.id)
    other = LoanFactory.create_sync(borrower_party_id=ada.id)
    third = LoanFactory.create_sync(borrower={"display_name": "Grace"})
    assert one.borrower is other.borrower is ada
    assert (one.currency_code, one.plans[0].lines[0].currency_code) == ("AED", "AED")
    assert third.borrower.display_name == "Grace"
    assert rently_session.scalar(select(func.count()).select_from(LegalEntity).where(LegalEntity.name.like("Test Lending%"))) == 3


def test_a_new_plan_supersedes_the_old_one(rently_session: Session):
    """A second plan of a loan is its next version, and the database ends the first."""
    loan = LoanFactory.create_sync()
    AmortisationPlanFactory.create_sync(loan=loan, effective_from=date(2026, 7, 16), reason="re-plan")
    rently_session.commit()
    plans = rently_session.scalars(select(AmortisationPlan).where(AmortisationPlan.loan_id == loan.id).order_by("version")).all()
    assert [(plan.version, plan.status) for plan in plans] == [(1, PlanStatus.SUPERSEDED), (2, PlanStatus.ACTIVE)]


def test_an_allocation_alone_stays_within_its_payment(rently_session: Session):
    """The default allocation settles the principal of an instalment by a payment of exactly that instalment."""
    part = PaymentAllocationFactory.create_sync()
    assert part.allocated_amount == part.line.amount_principal == Decimal("1000.00")
    assert part.payment.amount == Decimal("1110.00")
    assert part.line.plan is part.plan
    assert part.plan.loan is part.loan


def test_a_ledger_entry_brings_its_other_side(rently_session: Session):
    """A credit is made with the debit that balances it; in a journal of the test's own it stands alone."""
    entry = LedgerEntryFactory.create_sync(side=EntrySide.CREDIT, amount=Decimal("7.50"))
    assert sorted((side.side, side.amount) for side in entry.journal.entries) == [("credit", Decimal("7.50")), ("debit", Decimal("7.50"))]
    journal = JournalEntryFactory.create_sync(entries=[])
    for side in EntrySide:
        LedgerEntryFactory.create_sync(journal=journal, side=side)
    rently_session.commit()
    assert rently_session.scalar(text("SELECT count(*) FROM ledger_entry WHERE journal_id = :id"), {"id": journal.id}) == 2


def test_a_document_is_linked_to_what_the_test_made(rently_session: Session):
    """A link takes the row that the document belongs to, and finds its table by itself."""
    loan = LoanFactory.create_sync()
    link = DocumentLinkFactory.create_sync(entity=loan)
    assert (link.entity_type, link.entity_id) == ("loan", loan.id)
    with using(None), pytest.raises(ParameterException, match=r"no session is bound .* give entity="):
        DocumentLinkFactory.build()


def test_the_same_rows_come_in_every_run():
    """Numbers and names depend on the seed alone, so a failure can be looked at twice; another seed gives other rows."""

    def rows(seed: int) -> list:
        with using(None, seed=seed):
            return [(loan.loan_number, loan.borrower.display_name, loan.borrower.email) for loan in LoanFactory.batch(5)]

    assert rows(1) == rows(1)
    assert not set(rows(1)) & set(rows(2))


def test_what_is_misspelt_is_refused():
    """A field that the model does not have is an error, not a row without it; so is the id of a parent that can't be fetched."""
    with pytest.raises(TypeError, match="'principal' is an invalid keyword argument for Loan"):
        LoanFactory.build(principal=1)
    with using(None), pytest.raises(ParameterException, match="borrower_party_id 7 can't be fetched, since no session is bound"):
        LoanFactory.build(borrower_party_id=7)


def test_rows_are_written_by_an_asynchronous_session(rently_async_engine: AsyncEngine):
    """An asynchronous service makes its rows with the same factories."""

    async def made() -> int:
        async with AsyncSession(rently_async_engine) as session:
            with using(session):
                party = await PartyFactory.create_async()
                loan = await LoanFactory.create_async(borrower_party_id=party.id)
                await session.commit()
                await session.refresh(loan)
                payment = await PaymentFactory.create_async(loan=loan)
                assert payment.allocations[0].line.amount_rc_fee == payment.allocations[0].allocated_amount
            await session.commit()
            return await session.scalar(select(func.count()).select_from(Loan))

    assert asyncio.run(made()) == 1


def test_models_of_others_are_made_as_if_we_were_not_there():
    """A service's own factories keep polyfactory's behaviour: every column gets a value."""

    class Own(DeclarativeBase):
        pass

    class Invoice(Own):
        __tablename__ = "invoice"
        id: Mapped[int] = mapped_column(primary_key=True)
        reference: Mapped[str]

    class InvoiceFactory(SQLAlchemyFactory[Invoice]):
        pass

    assert InvoiceFactory.build().reference
    assert SQLAlchemyFactory.create_factory(Invoice).build().reference


def test_a_payment_settles_in_the_order_of_lending(rently_session: Session):
    """Principal before anything else, as `allocate_payment` does: a test's book is the one that the service would have written."""
    plan = AmortisationPlanFactory.create_sync(lines=[])
    AmortisationLineFactory.create_sync(plan=plan, amount_principal=Decimal("60.00"), amount_other=Decimal("5.00"))
    payment = PaymentFactory.create_sync(loan=plan.loan, amount=Decimal("62.00"))
    assert [(part.component, part.allocated_amount) for part in payment.allocations] == [("principal", 60), ("other", 2)]
