"""Loans as v1 grants them: applied for and decided at known moments, interest apart from what else is due, bookings in journals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy import Connection, text

from rently_db import models as m
from rently_db.synth.reference import CASH, CLEARING, RECEIVABLE
from rently_db.synth.schedule import add_months
from rently_db.synth.story import Story
from rently_db.synth.v1_cash import CREDIT, DEBIT, Lent, write_chase, write_payments
from rently_db.synth.v1_deals import Deal, tell
from rently_db.synth.v1_rows import Company, amount, day, fraction
from rently_db.synth.v1_world import World

_DECIDERS = ("scorecard-v5", "scorecard-v5", "credit.committee")
_HISTORY = "public.loan_status_history"
_OF_LOAN = "loan_id = :loan AND status_type = 'operational_status' AND effective_through"


@dataclass(slots=True)
class Lender:
    """Grants loans; remembers who left the book, and when, until ``leave`` says so in the history."""

    world: World
    exits: list[tuple[UUID, m.LoanStatus, int, Company]] = field(default_factory=list)
    lent: list[Lent] = field(default_factory=list)

    def lend(self, rng: Random, deal: Deal) -> Lent:
        """Everything about a loan from the application to the last payment."""
        rows, company, terms = self.world.rows, deal.company, deal.terms
        number = f"{day(terms.start).year}-V{len(self.lent) + 1:06d}"
        decided = company.at(terms.start - 1, 10 * 3600 + rng.randrange(7 * 3600))
        application = None if deal.taken_over else self._apply(rng, deal, number)
        story = tell(rng, deal, [str(rows.new_id()) for _ in range(terms.months)])
        agent = rng.choice(company.agents) if "COLLAB" in deal.code or rng.random() < 0.3 else None
        contract = deal.contract or f"LEASE-{company.country}-V{rng.randrange(10**8):08d}"
        loan = rows.add(
            m.Loan,
            loan_number=f"RL-{number}",
            application_id=application,
            product_id=self.world.products[deal.code],
            legal_entity_id=company.id,
            borrower_party_id=deal.borrower.id,
            currency_code=deal.currency,
            principal_amount=amount(terms.principal),
            rc_fee_rate=fraction(deal.fee_rate),
            interest_rate=fraction(terms.interest_rate),
            start_date=day(terms.start),
            end_date=day(story.end),
            parent_loan_id=deal.parent,
            property_contract_id=contract,
            lease_start_date=day(terms.start),
            lease_end_date=day(deal.until + 1 if deal.until < self.world.today else add_months(terms.start, terms.months)),
            agent_party_id=agent,
            created_at=decided,
        )
        landlord = rng.choice(company.landlords)
        plan = self._schedule(loan, deal, story)
        self._roles(loan, deal, landlord, agent)
        self._disburse(rng, loan, deal, landlord, number)
        lent = Lent(loan, f"RL-{number}", deal.code, company, deal.currency, deal.borrower, plan, story, contract)
        self.lent.append(lent)
        write_payments(self.world, rng, lent)
        write_chase(self.world, rng, lent, deal.until)
        if lent.unpaid_since is None:
            self.exits.append((loan, m.LoanStatus.CLOSED, story.receipts[-1].day, company))
        return lent

    def _apply(self, rng: Random, deal: Deal, number: str) -> UUID:
        asked = deal.terms.principal + (0 if rng.random() < 0.8 else rng.randrange(1, 20) * 50_000)
        return self.apply(rng, deal, f"APP-{number}", asked, m.ApplicationStatus.APPROVED)

    def apply(self, rng: Random, deal: Deal, number: str, asked: int, status: m.ApplicationStatus) -> UUID:
        """An application, and the decision if there is one: within days, on the day before the contract at the latest."""
        company, terms = deal.company, deal.terms
        submitted = company.at(terms.start - rng.randint(3, 11), 8 * 3600 + rng.randrange(12 * 3600))
        application = self.world.rows.add(
            m.Application,
            application_number=number,
            product_id=self.world.products[deal.code],
            legal_entity_id=company.id,
            applicant_party_id=deal.borrower.id,
            requested_amount=amount(asked),
            requested_currency=deal.currency,
            tenor_months=terms.months,
            status=status,
            created_at=submitted,
        )
        approved = status is m.ApplicationStatus.APPROVED
        if approved or status is m.ApplicationStatus.REJECTED:
            latest = company.at(terms.start - 1, 18 * 3600)
            self.world.rows.add(
                m.Decision,
                application_id=application,
                outcome=m.DecisionOutcome(status.value),
                approved_amount=amount(terms.principal) if approved else None,
                approved_currency=deal.currency if approved else None,
                decided_by=rng.choice(_DECIDERS),
                decided_at=min(submitted + timedelta(minutes=rng.randint(15, 60) * rng.randint(1, 90)), latest),
                reason=None if approved else rng.choice(("income not proven", "score below the cut-off", "arrears elsewhere")),
            )
        return application

    def _schedule(self, loan: UUID, deal: Deal, story: Story) -> UUID:
        add, made = self.world.rows.add, deal.company.at(deal.terms.start, 9 * 3600)
        plan = add(
            m.AmortisationPlan,
            loan_id=loan,
            version=1,
            status=m.PlanStatus.ACTIVE,
            reason="origination",
            effective_from=day(deal.terms.start),
            created_at=made,
        )
        for line in story.plans[0].lines:
            penalty, fee, interest, principal = map(amount, line.amounts)
            add(
                m.AmortisationLine,
                id=UUID(line.id),
                plan_id=plan,
                seq_no=line.seq,
                due_date=day(line.due),
                currency_code=deal.currency,
                amount_principal=principal,
                amount_rc_fee=fee,
                amount_penalty=penalty,
                amount_interest=interest,
            )
        return plan

    def _roles(self, loan: UUID, deal: Deal, landlord: UUID, agent: UUID | None) -> None:
        players = {m.RoleKind.BORROWER: deal.borrower.id, m.RoleKind.LANDLORD: landlord, m.RoleKind.AGENT: agent}
        for role, party in players.items():
            if party:
                since, at = day(deal.terms.start), deal.company.at(deal.terms.start, 9 * 3600)
                self.world.rows.add(m.PartyRole, party_id=party, loan_id=loan, role=role, effective_from=since, created_at=at)

    def _disburse(self, rng: Random, loan: UUID, deal: Deal, landlord: UUID, number: str) -> None:
        """What the loan doesn't take over is paid out to the landlord."""
        cents, start, company = deal.terms.principal - deal.taken_over, deal.terms.start, deal.company
        if not cents:
            return
        at = company.at(start, 9 * 3600 + rng.randrange(8 * 3600))
        account = self.world.account(rng, company, (landlord, "Landlord"), deal.currency, start)
        paid = self.world.rows.add(
            m.Disbursement,
            loan_id=loan,
            legal_entity_id=company.id,
            instrument_id=account,
            currency_code=deal.currency,
            amount=amount(cents),
            disbursed_at=at,
            status=m.DisbursementStatus.COMPLETED,
            created_at=at,
        )
        title, sides = f"Disbursement of RL-{number}", [(RECEIVABLE, cents, DEBIT), (CASH, cents, CREDIT)]
        self.world.rows.book(company, (start, at), title, deal.currency, sides, loan_id=loan, disbursement_id=paid)

    def take_over(self, rng: Random, source: Lent, target: Lent, kind: m.TransferType) -> None:
        """Move what a loan still owes to another on that one's first day; the source leaves the book."""
        company, on, balance = source.company, target.story.terms.start, source.story.outstanding
        at = company.at(on, 11 * 3600)
        self.world.rows.add(
            m.LoanTransfer,
            source_loan_id=source.id,
            target_loan_id=target.id,
            transfer_type=kind,
            transfer_amount=amount(balance),
            transfer_date=day(on),
            reason=kind.value.replace("_", " "),
            status=m.TransferStatus.COMPLETED,
            approved_by=rng.choice(self.world.clerks),
            created_at=at - timedelta(days=2),
            completed_at=at,
        )
        for loan, first, second in ((source.id, CLEARING, RECEIVABLE), (target.id, RECEIVABLE, CLEARING)):
            title = f"Balance of {source.number} to {target.number}"
            sides = [(first, balance, DEBIT), (second, balance, CREDIT)]
            self.world.rows.book(company, (on, at), title, source.currency, sides, loan_id=loan)
        self.exits.append((source.id, m.LoanStatus.TRANSFERRED, on, company))

    def leave(self, connection: Connection) -> None:
        """Date the history that the database records itself: new loans run from their start, those that ended until then."""
        connection.execute(
            text(
                f"UPDATE {_HISTORY} AS h SET effective_from = l.start_date::timestamp AT TIME ZONE e.time_zone,"
                " created_at = l.created_at FROM public.loan AS l INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id"
                " WHERE h.loan_id = l.id AND l.id = ANY(:loans) AND h.status_type = 'operational_status'"
            ),
            {"loans": [loan.id for loan in self.lent]},
        )
        for loan, status, on, company in self.exits:
            known = {"loan": loan, "status": status.value, "at": company.at(on, 20 * 3600)}
            connection.execute(text("UPDATE public.loan SET status = :status WHERE id = :loan"), known)
            connection.execute(text(f"UPDATE {_HISTORY} SET effective_through = :at WHERE {_OF_LOAN} IS NOT NULL"), known)
            connection.execute(text(f"UPDATE {_HISTORY} SET effective_from = :at, created_at = :at WHERE {_OF_LOAN} IS NULL"), known)
