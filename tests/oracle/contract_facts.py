"""More that only v1 knows: tenancies and what followed them, agents named in contracts, results in the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.oracle.facts import BUSINESS_DATE, LATE_EVENING, Facts

WINDOW = 60
"""Days around the end of a lease in which it may be renewed, as shipped."""


class ContractFacts(Facts):
    """Facts about contracts and accounts; written after those of Facts."""

    def write(self) -> None:
        """Write everything."""
        for fact in (
            self.leases,
            self.agents,
            self.landlords,
            self.shared_applications,
            self.replans,
            self.cures,
            self.notes,
            self.results,
            self.settings,
        ):
            fact()

    def leases(self) -> None:
        """Leases that ended on either side of the window's edges; of the same contract, of another, of an unknown one."""
        loans = self.rng.sample(self.active, 96)
        for number, (loan, *_) in enumerate(loans[:48]):
            end = self._lease_end(number)
            contract = None if number % 9 == 0 else f"LEASE-{number}"
            self._lease(loan, end, contract)
            successor = loans[48 + number][0]
            after = end + timedelta(days=(-WINDOW - 1, -WINDOW, -20, 0, 33, WINDOW, WINDOW + 1)[number % 7])
            follow = number % 12
            if follow < 4:
                self._follow(successor, loan, after, contract if follow % 2 else f"OTHER-{number}" if follow else None)
            elif follow < 9:
                self._transfer(loan, None, ("lease_renewal", "apartment_change", "refinance")[number % 3], after, number)
            else:
                # A transfer and a child of the same two loans: which of them says what it was?
                self._follow(successor, loan, after, (contract, f"OTHER-{number}")[number % 2])
                day = BUSINESS_DATE + timedelta(days=9) if number % 4 == 1 else after
                self._transfer(loan, successor, ("apartment_change", "lease_renewal", "consolidation")[number % 3], day, number)

    def _lease_end(self, number: int) -> date:
        """A day from two years back to four months ahead; also exactly the window's length before the business date."""
        if number % 8 < 2:
            return BUSINESS_DATE - timedelta(days=WINDOW + number % 2)
        return BUSINESS_DATE - timedelta(days=self.rng.randint(-120, 700))

    def _lease(self, loan: Any, end: date, contract: str | None) -> None:
        self.cursor.execute(
            "UPDATE public.loan SET lease_start_date = %s, lease_end_date = %s, property_contract_id = %s WHERE id = %s",
            (end - timedelta(days=365), end, contract, loan),
        )

    def _follow(self, child: Any, parent: Any, start: date, contract: str | None) -> None:
        self.cursor.execute(
            "UPDATE public.loan SET parent_loan_id = %s, start_date = %s, end_date = %s, property_contract_id = %s WHERE id = %s",
            (parent, start, start + timedelta(days=365), contract, child),
        )

    def _transfer(self, source: Any, target: Any, kind: str, day: date, number: int) -> None:
        self._insert(
            "loan_transfers", source_loan_id=source, target_loan_id=target, transfer_type=kind, transfer_amount="75.00", transfer_date=day,
            status="pending" if number % 10 == 0 else "completed",
        )  # fmt: skip

    def agents(self) -> None:
        """Agents named in contracts, beside others in that role; and several in the role, one of them from an unknown day."""
        known = [party for (party,) in self._rows("SELECT DISTINCT r.party_id FROM public.party_role AS r WHERE r.role = 'agent'")]
        for number, (loan, *_) in enumerate(self.rng.sample(self.active, 45)):
            one, other = self.rng.sample(known, 2)
            if number % 3 == 0:
                self.cursor.execute("UPDATE public.loan SET agent_party_id = %s WHERE id = %s", (one, loan))
                continue
            first = (None, date(2020, 1, 1))[number % 2]
            for party in (one, other) if number % 3 == 1 else (one,):
                self.cursor.execute("DELETE FROM public.party_role WHERE loan_id = %s AND party_id = %s AND role = 'agent'", (loan, party))
                self._insert("party_role", party_id=party, loan_id=loan, role="agent", effective_from=first)

    def landlords(self) -> None:
        """Landlords who came back to the same loan, and loans with two of them."""
        roles = self._rows("SELECT r.loan_id, r.party_id FROM public.party_role AS r WHERE r.role = 'landlord'")
        for number, (loan, party) in enumerate(self.rng.sample(roles, 12)):
            landlord = party if number % 2 else self.rng.choice(roles)[1]
            if landlord == party:
                self.cursor.execute(
                    "UPDATE public.party_role SET effective_through = '2099-01-01' WHERE loan_id = %s AND party_id = %s", (loan, party)
                )
            self._insert("party_role", party_id=landlord, loan_id=loan, role="landlord", effective_from=date(2099, 1, 1))

    def shared_applications(self) -> None:
        """Two loans of one application, and of one agent, who is named in the contracts only."""
        brokers = [party for (party,) in self._rows("SELECT DISTINCT r.party_id FROM public.party_role AS r WHERE r.role = 'broker'")]
        granted = self._rows(
            "SELECT l.id, l.currency_code, l.application_id FROM public.loan AS l JOIN public.application AS a ON a.id = l.application_id"
            " WHERE a.requested_currency = l.currency_code"
        )
        for number, (loan, currency, application) in enumerate(self.rng.sample(granted, 6)):
            query = "SELECT l.id FROM public.loan AS l WHERE l.application_id IS NULL AND l.currency_code = %s AND l.id <> %s"
            [(twin,), *_] = self._rows(query, (currency, loan))
            self.cursor.execute("UPDATE public.loan SET application_id = %s WHERE id = %s", (application, twin))
            query = "UPDATE public.loan SET agent_party_id = %s WHERE id = ANY(%s::uuid[])"
            self.cursor.execute(query, (brokers[number % len(brokers)], [loan, twin]))

    def _line(self, plan: Any, seq_no: int, due: date, currency: str, amount: str) -> Any:
        return self._insert("amortisation_line", plan_id=plan, seq_no=seq_no, due_date=due, currency_code=currency, amount_principal=amount)

    def _pay(self, loan: tuple[Any, ...], line: Any, day: date, amount: str) -> None:
        loan_id, entity, currency, borrower = loan
        moment = datetime.combine(day, time(4))
        payment = self._insert(
            "payment", legal_entity_id=entity, currency_code=currency, amount=amount, direction="inbound", payer_party_id=borrower,
            received_at=moment, status="completed", created_at=moment.replace(tzinfo=UTC),
        )  # fmt: skip
        self._insert(
            "payment_allocation", payment_id=payment, loan_id=loan_id, line_id=line, component="principal", allocated_amount=amount,
            created_at=moment.replace(tzinfo=UTC),
        )  # fmt: skip

    def replans(self) -> None:
        """Plans that were replaced on the day on which they would have begun; a line that is due, and paid, before its plan begins."""
        for loan in self.rng.sample(self.active, 8):
            query = "SELECT max(p.version), max(p.effective_from) FROM public.amortisation_plan AS p WHERE p.loan_id = %s"
            [(version, begin)] = self._rows(query, (loan[0],))
            start = begin + timedelta(days=self.rng.choice((30, 60)))
            for step in (1, 2):
                plan = self._insert("amortisation_plan", loan_id=loan[0], version=version + step, status="active", effective_from=start)
                early = self._line(plan, 1, begin, loan[2], "20.00")
                self._line(plan, 2, start + timedelta(days=90), loan[2], f"{900 * step}.00")
            self._pay(loan, early, begin, "20.00")

    def cures(self) -> None:
        """Loans that were beyond the threshold once, a week before a month-end, and never again; one is written off all the same."""
        for number, like in enumerate(self.rng.sample(self.active, 4)):
            _, entity, currency, borrower = like
            [(product,)] = self._rows("SELECT l.product_id FROM public.loan AS l WHERE l.id = %s", (like[0],))
            start = date(2024, 11, 1) + timedelta(days=number)
            loan = self._insert(
                "loan", loan_number=f"CURED-{number}", product_id=product, legal_entity_id=entity, borrower_party_id=borrower,
                currency_code=currency, principal_amount="2000.00", interest_rate="0.0600", start_date=start, end_date=date(2027, 1, 1),
            )  # fmt: skip
            query = "UPDATE public.loan_status_history SET effective_from = %s, created_at = NULL WHERE loan_id = %s"
            self.cursor.execute(query, (start, loan))
            [(instrument,), *_] = self._rows("SELECT i.id FROM public.payment_instrument AS i")
            self._insert(
                "disbursement", loan_id=loan, legal_entity_id=entity, instrument_id=instrument, currency_code=currency, amount="2000.00",
                disbursed_at=datetime.combine(start, time(4)), status="completed",
            )  # fmt: skip
            plan = self._insert("amortisation_plan", loan_id=loan, version=1, status="active", effective_from=start)
            first = self._line(plan, 1, start + timedelta(days=30), currency, "1000.00")
            self._line(plan, 2, date(2026, 12, 1), currency, "1000.00")
            self._pay((loan, entity, currency, borrower), first, date(2025, 3, 25), "1000.00")
            if number == 3:
                self._insert(
                    "loan_status_history", loan_id=loan, status_type="operational_status", status_value="written_off",
                    effective_from=datetime(2025, 9, 10, 4, tzinfo=UTC), reason="fraud",
                )  # fmt: skip
                self.cursor.execute("UPDATE public.loan SET status = 'written_off' WHERE id = %s", (loan,))

    def notes(self) -> None:
        """Events of collections in the last evening of a month, which is the next month's first morning in Singapore and Dubai."""
        for number, (loan, *_) in enumerate(self.rng.sample(self.active, 40)):
            last = date(2026 - number % 2, number % 5 + 2, 1) - timedelta(days=1)
            self._insert(
                "collections_event", loan_id=loan, event_type=("reminder_sent", "call_attempt", "court_filing")[number % 3],
                event_at=datetime.combine(last, LATE_EVENING), dpd_snapshot=5,
            )  # fmt: skip

    def results(self) -> None:
        """Provisions made and released, income given back, losses; of a loan, of a payout, of none."""
        paid_out = self._rows("SELECT d.loan_id, d.id, d.legal_entity_id, d.currency_code FROM public.disbursement AS d")
        for number, (loan, disbursement, entity, currency) in enumerate(self.rng.sample(paid_out, 40)):
            about = ({"loan_id": loan}, {"disbursement_id": disbursement}, {})[number % 3]
            debit, credit = (("5100", "1100"), ("1100", "4200"), ("1100", "5100"), ("4000", "1100"), ("5000", "1100"))[number % 5]
            day = BUSINESS_DATE - timedelta(days=self.rng.randint(0, 500))
            journal = self._insert("journal_entry", legal_entity_id=entity, effective_date=day, description="result")
            for code, side in ((debit, "debit"), (credit, "credit")):
                query = "SELECT a.id FROM public.ledger_account AS a WHERE a.legal_entity_id = %s AND a.code = %s"
                [(account,)] = self._rows(query, (entity, code))
                self._insert(
                    "ledger_entry", journal_id=journal, legal_entity_id=entity, account_id=account, currency_code=currency,
                    amount=f"{25 + number}.50", side=side, entry_date=day, **about,
                )  # fmt: skip

    def settings(self) -> None:
        """Fewer defaults than shipped are enough for a loss of our own: some currencies have them, others have not."""
        self._insert(
            "analytics_setting", key="lgd_minimum_defaults", value="4", valid_from=date(2020, 1, 1), source="policy", needs_signoff=False
        )


def add_contract_facts(connection: Any) -> None:
    """Write all of them in one transaction."""
    with connection.cursor() as cursor:
        ContractFacts(cursor, seed=13).write()
    connection.commit()
