"""What v1 knows and v0 does not, added to a migrated synthetic book: the facts on which SQL and oracle could disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

BUSINESS_DATE = date(2026, 6, 30)
PAST_DAYS = (date(2026, 3, 31), date(2025, 12, 31))
"""Days of the past for which figures are compared; the second one has no exchange rates."""

SIGNED_ON = date(2026, 4, 1)
"""From then on somebody has signed off the settings of SIGNED, some with another value; before, the placeholders hold."""

SIGNED = {
    "promise_days": "7", "early_warning_promise_days": "30", "early_warning_window_days": "90", "early_warning_slip_days": "5",
    "fpd_days": "45", "epd_days": "90", "epd_months": "6", "large_exposure_pct": "10",
}  # fmt: skip
PLACEHOLDERS = {**SIGNED, "early_warning_slip_days": "3", "fpd_days": "30", "large_exposure_pct": "2"}

LATE_EVENING = time(22, 30)
"""UTC: already tomorrow in Singapore and in Dubai."""

COMPONENTS = ("principal", "interest", "rc_fee", "penalty", "other")


class Facts:
    """Writes facts, one kind a method; deterministic for a book."""

    def __init__(self, cursor: Any, seed: int = 7) -> None:
        """Find the loans to write about."""
        self.cursor = cursor
        self.rng = Random(seed)
        self.active = self._rows("SELECT id, legal_entity_id, currency_code, borrower_party_id FROM public.loan WHERE status = 'active'")

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query in an order that does not depend on the server."""
        self.cursor.execute(query, values)
        return sorted(self.cursor.fetchall(), key=str)

    def _insert(self, table: str, **row: Any) -> Any:
        """Insert a row; gives its id."""
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self.cursor.execute(f"INSERT INTO public.{table} ({names}) VALUES ({marks}) RETURNING id", tuple(row.values()))
        return self.cursor.fetchone()[0]

    def _day(self, back: int = 400) -> date:
        """A day of the past, or up to a month ahead."""
        return BUSINESS_DATE - timedelta(days=self.rng.randint(-30, back))

    def _lines(self, loan: Any) -> list[tuple[Any, ...]]:
        """Lines of the active plan of a loan: id, plan, due date, amounts of principal and penalty."""
        return self._rows(
            "SELECT li.due_date, li.id, li.plan_id, li.amount_principal, li.amount_penalty FROM public.amortisation_line AS li"
            " JOIN public.amortisation_plan AS p ON p.id = li.plan_id WHERE p.loan_id = %s AND p.status = 'active'",
            (loan,),
        )

    def write(self) -> None:
        """Write everything."""
        for fact in (
            self.limits, self.foreign_loans, self.applications, self.products, self.groups, self.flags, self.adjustments, self.replans,
            self.payments, self.reversals, self.transfers, self.statuses, self.security, self.care, self.exchange_rates, self.guarantees,
            self.settings, self.stricter_rule,
        ):  # fmt: skip
            fact()

    def limits(self) -> None:
        """Limits that some loans break."""
        for country, ceiling in (("SG", "60000.00"), ("AE", "40000.00")):
            for category in ("rently_care_d2c", "b2b_sme", "rnpl_uae"):
                self._insert(
                    "product_limit", product_category=category, country_code=country, min_amount="3500.00", max_amount=ceiling,
                    max_tenor_months=36, max_rate="0.1200", max_total_fee_pct="0.0900", valid_from=date(2020, 1, 1), source="policy",
                )  # fmt: skip

    def foreign_loans(self) -> None:
        """Loans in other currencies than the lender's books."""
        like = self._rows("SELECT l.id, l.product_id, l.legal_entity_id, l.borrower_party_id, l.start_date FROM public.loan AS l")
        for number, (_, product, entity, borrower, start) in enumerate(self.rng.sample(like, 10)):
            currency = ("USD", "USD", "EUR", "AED", "SGD")[number % 5]
            loan = self._insert(
                "loan", loan_number=f"FX-{number}", product_id=product, legal_entity_id=entity, borrower_party_id=borrower,
                currency_code=currency, principal_amount="4000.00", interest_rate="0.0600", start_date=start,
                end_date=start + timedelta(days=400),
            )  # fmt: skip
            self.cursor.execute(
                "UPDATE public.loan_status_history SET effective_from = %s, created_at = NULL WHERE loan_id = %s", (start, loan)
            )
            [(instrument,)] = self._rows("SELECT i.id FROM public.payment_instrument AS i ORDER BY i.id LIMIT 1")
            self._insert(
                "disbursement", loan_id=loan, legal_entity_id=entity, instrument_id=instrument, currency_code=currency, amount="4000.00",
                disbursed_at=datetime.combine(start, LATE_EVENING), status="completed",
            )  # fmt: skip
            plan = self._insert("amortisation_plan", loan_id=loan, version=1, status="active", effective_from=start)
            for seq_no in range(1, 9):
                self._insert(
                    "amortisation_line", plan_id=plan, seq_no=seq_no, due_date=start + timedelta(days=45 * seq_no), currency_code=currency,
                    amount_principal="500.00",
                )  # fmt: skip
            self.active.append((loan, entity, currency, borrower))
            self._book(entity, loan, currency, start)

    def applications(self) -> None:
        """Applications that v1 recorded, with their moments: decided once, twice, or not; in another currency; some became loans."""
        loans = self._rows("SELECT l.id, l.product_id, l.legal_entity_id, l.borrower_party_id, l.start_date FROM public.loan AS l")
        for number, (loan, product, entity, borrower, start) in enumerate(self.rng.sample(loans, 40)):
            asked = datetime.combine(start - timedelta(days=number % 20 + 1), LATE_EVENING, UTC)
            application = self._insert(
                "application", application_number=f"V1-{number}", product_id=product, legal_entity_id=entity, applicant_party_id=borrower,
                requested_amount="5000.00", requested_currency=("SGD", "SGD", "AED", "USD")[number % 4], tenor_months=12,
                status="approved", created_at=asked,
            )  # fmt: skip
            for step, outcome in enumerate(("conditional", "approved", "rejected")[number % 3 : number % 5]):
                self._insert(
                    "decision", application_id=application, outcome=outcome, decided_by="committee",
                    approved_amount="4500.00" if outcome == "approved" else None,
                    approved_currency="SGD" if outcome == "approved" else None,
                    decided_at=asked + timedelta(hours=7 * (number % 9 + 1) + 31 * step),
                )  # fmt: skip
            if number % 2:
                self.cursor.execute("UPDATE public.loan SET application_id = %s WHERE id = %s", (application, loan))

    def _book(self, entity: Any, loan: Any, currency: str, day: date) -> None:
        """A journal for the payout of a loan: receivable against cash, in the loan's currency."""
        journal = self._insert("journal_entry", legal_entity_id=entity, effective_date=day, description="payout")
        for code, side in (("1100", "debit"), ("1000", "credit")):
            [(account,)] = self._rows(
                "SELECT a.id FROM public.ledger_account AS a WHERE a.legal_entity_id = %s AND a.code = %s", (entity, code)
            )
            self._insert(
                "ledger_entry", journal_id=journal, legal_entity_id=entity, account_id=account, loan_id=loan, currency_code=currency,
                amount="4000.00", side=side, entry_date=day,
            )  # fmt: skip

    def products(self) -> None:
        """Grace days and tolerances."""
        codes = self._rows("SELECT code FROM public.product")
        for (code,), (grace, amount, share) in zip(codes, ((3, "0", "0"), (0, "1.00", "0"), (7, "0.50", "0.0200")), strict=False):
            self.cursor.execute(
                "UPDATE public.product SET grace_days = %s, tolerance_amount = %s, tolerance_pct = %s WHERE code = %s",
                (grace, amount, share, code),
            )

    def groups(self) -> None:
        """Obligor groups, some of them over both legal entities."""
        borrowers = sorted({loan[3] for loan in self.active})
        for _ in range(12):
            head, *members = self.rng.sample(borrowers, 3)
            for member in members:
                self.cursor.execute("UPDATE public.party SET obligor_group_id = %s WHERE id = %s", (head, member))
            self.cursor.execute("UPDATE public.party SET obligor_group_id = NULL WHERE id = %s", (head,))

    def flags(self) -> None:
        """Pauses that overlap, end or go on; forbearance, unlikeliness to pay, significant increases."""
        for loan, *_ in self.rng.sample(self.active, 60):
            for kind in self.rng.sample(("payment_pause", "payment_pause", "forborne", "unlikely_to_pay", "significant_increase"), 2):
                begin = self._day()
                end = begin + timedelta(days=self.rng.randint(1, 90)) if self.rng.random() < 0.7 else None
                self._insert("loan_flag", loan_id=loan, flag=kind, effective_from=begin, effective_through=end)

    def adjustments(self) -> None:
        """Waivers, write-offs, refunds and transfers, with a line and without."""
        for loan, *_ in self.rng.sample(self.active, 50):
            due, line, _, _, penalty = self.rng.choice(self._lines(loan))
            kind = self.rng.choice(("waiver", "waiver", "write_off", "refund", "transfer"))
            component = "penalty" if penalty and kind == "waiver" else self.rng.choice(COMPONENTS)
            self._insert(
                "loan_adjustment",
                loan_id=loan,
                line_id=line if self.rng.random() < 0.6 else None,
                component=component,
                kind=kind,
                amount=Decimal(self.rng.randrange(100, 30_000)) / 100,
                effective_date=min(due, self._day()),
                reason="agreed",
            )

    def replans(self) -> None:
        """New plans with interest of its own; the trigger supersedes the old ones, some of which overlap or leave no end."""
        for loan, _, currency, _ in self.rng.sample(self.active, 20):
            [(version, begin)] = self._rows(
                "SELECT max(p.version), max(p.effective_from) FROM public.amortisation_plan AS p WHERE p.loan_id = %s", (loan,)
            )
            start = begin + timedelta(days=self.rng.choice((0, 45, 100, 200)))
            plan = self._insert("amortisation_plan", loan_id=loan, version=version + 1, status="active", effective_from=start)
            for seq_no in range(1, self.rng.randint(4, 13)):
                self._insert(
                    "amortisation_line",
                    plan_id=plan,
                    seq_no=seq_no,
                    due_date=start + timedelta(days=30 * seq_no),
                    currency_code=currency,
                    amount_principal=Decimal("310.00"),
                    amount_interest=Decimal("12.34"),
                    amount_rc_fee=Decimal("5.00") if seq_no == 1 else Decimal(0),
                )

    def payments(self, count: int = 70, days: tuple[int, int] = (-30, 200)) -> None:
        """Money of the late evening, for one loan or two, with a line, a plan or neither, some of it left over."""
        for number, (loan, entity, currency, borrower) in enumerate(self.rng.sample(self.active, count)):
            others = [other for other, _, same, _ in self.active if same == currency and other != loan] or [loan]
            day = BUSINESS_DATE - timedelta(days=self.rng.randint(*days))
            moment = datetime.combine(day, LATE_EVENING if number % 2 else time(9))
            payment = self._insert(
                "payment", legal_entity_id=entity, currency_code=currency, amount="900.00", direction="inbound", payer_party_id=borrower,
                received_at=None if number % 9 == 0 else moment, status="completed", created_at=moment.replace(tzinfo=UTC),
            )  # fmt: skip
            for target in (loan, self.rng.choice(others)) if number % 4 == 0 else (loan,):
                _, line, plan, _, _ = self.rng.choice(self._lines(target))
                how = self.rng.choice(("line", "plan", "none", "none"))
                for component, amount in (("principal", "250.00"), (self.rng.choice(COMPONENTS[1:]), "80.00")):
                    self._insert(
                        "payment_allocation", payment_id=payment, loan_id=target, plan_id=plan if how == "plan" else None,
                        line_id=line if how == "line" else None, component=component, allocated_amount=amount,
                        created_at=moment.replace(tzinfo=UTC),
                    )  # fmt: skip

    def reversals(self) -> None:
        """Payments taken back, and single allocations undone."""
        completed = self._rows(
            "SELECT p.received_at, p.id FROM public.payment AS p WHERE p.status = 'completed' AND p.direction = 'inbound'"
            " AND p.received_at > '2025-09-01'"
        )
        for received, payment in self.rng.sample(completed, 60):
            moment = (received + timedelta(days=self.rng.randint(1, 60))).replace(tzinfo=UTC)
            self.cursor.execute("UPDATE public.payment SET status = 'reversed', reversed_at = %s WHERE id = %s", (moment, payment))
        allocations = self._rows(
            "SELECT p.received_at, a.id FROM public.payment_allocation AS a JOIN public.payment AS p ON p.id = a.payment_id"
            " WHERE p.status = 'completed' AND p.received_at > '2025-09-01'"
        )
        for received, allocation in self.rng.sample(allocations, 40):
            moment = (received + timedelta(days=self.rng.randint(0, 60))).replace(tzinfo=UTC)
            self.cursor.execute("UPDATE public.payment_allocation SET reversed_at = %s WHERE id = %s", (moment, allocation))

    def transfers(self) -> None:
        """Balances that move between loans of a currency: in part, with the contract, or not yet."""
        for number, (loan, _, currency, _) in enumerate(self.rng.sample(self.active, 24)):
            others = [other for other, _, same, _ in self.active if same == currency and other != loan]
            self._insert(
                "loan_transfers",
                source_loan_id=loan,
                target_loan_id=None if number % 8 == 7 else self.rng.choice(others),
                transfer_type=self.rng.choice(("apartment_change", "lease_renewal", "refinance", "consolidation")),
                transfer_amount="125.00",
                transfer_date=self._day(200),
                status=("completed", "completed", "pending", "cancelled")[number % 4],
            )
            if number % 6 == 0:
                self.cursor.execute("UPDATE public.loan SET status = 'transferred' WHERE id = %s", (loan,))

    def statuses(self) -> None:
        """Contracts that ended on a recorded day, and judgements of the other aspects."""
        still = self._rows("SELECT id FROM public.loan WHERE status = 'active'")
        for number, (loan,) in enumerate(self.rng.sample(still, 16)):
            value = ("written_off", "closed")[number % 2]
            moment = datetime.combine(self._day(150), LATE_EVENING, UTC)
            self._insert(
                "loan_status_history", loan_id=loan, status_type="operational_status", status_value=value, effective_from=moment,
                reason="decided",
            )  # fmt: skip
            self.cursor.execute("UPDATE public.loan SET status = %s WHERE id = %s", (value, loan))
        for kind, values in (
            ("risk_level", ("risk", "default_level_1", "default_level_2")),
            ("collections_stage", ("overdue", "default_level_1", "legal_action")),
            ("legal_action", ("lawyer_letter", "court_filing")),
        ):
            for loan, *_ in self.rng.sample(self.active, 30):
                first = datetime.combine(self._day(300), time(4), UTC)
                for step, value in enumerate(self.rng.sample(values, self.rng.randint(1, len(values)))):
                    self._insert(
                        "loan_status_history", loan_id=loan, status_type=kind, status_value=value,
                        effective_from=first + timedelta(days=20 * step), reason="review",
                    )  # fmt: skip

    def security(self) -> None:
        """Collateral: active, released, expired, in another currency, without a haircut; and payouts that are still to come."""
        for number, (loan, entity, currency, borrower) in enumerate(self.rng.sample(self.active, 40)):
            self._insert(
                "security_interest", loan_id=loan, type="deposit", party_id=borrower, value_amount=Decimal("1500.00"),
                value_ccy=("USD", currency)[number % 2], registration_date=date(2024, 1, 1),
                expiry_date=None if number % 3 else self._day(200), status=("active", "active", "released")[number % 3],
                haircut_pct=None if number % 5 == 0 else Decimal("0.2500"),
            )  # fmt: skip
            if number % 4 == 0:
                self.cursor.execute("UPDATE public.loan SET principal_amount = principal_amount + 500 WHERE id = %s", (loan,))
                [(instrument,)] = self._rows("SELECT d.instrument_id FROM public.disbursement AS d WHERE d.loan_id = %s LIMIT 1", (loan,))
                self._insert(
                    "disbursement", loan_id=loan, legal_entity_id=entity, instrument_id=instrument, currency_code=currency,
                    amount="200.00", disbursed_at=datetime.combine(self._day(300), LATE_EVENING),
                    status=("completed", "pending")[number % 8 // 4],
                )  # fmt: skip

    def guarantees(self) -> None:
        """Borrowers who answer for loans of others: without limit, up to a sum, twice, no longer, not yet, and for their own group."""
        for number, (loan, _, currency, borrower) in enumerate(self.rng.sample(self.active, 36)):
            other = self.rng.choice([party for _, _, _, party in self.active if party != borrower])
            for value in (("700.00",), (None,), ("90000.00",), ("300.00", "250.00"))[number % 4]:
                self._insert(
                    "security_interest", loan_id=loan, type="guarantee", party_id=other, value_amount=value,
                    value_ccy=None if value is None else ("USD", currency, None)[number % 3],
                    registration_date=(None, date(2025, 6, 1), date(2026, 2, 1))[number % 3],
                    expiry_date=date(2026, 6, 30) if number % 9 == 4 else None, status=("active", "active", "released")[number % 7 // 3],
                )  # fmt: skip

    def settings(self) -> None:
        """Settings that were placeholders until somebody decided."""
        for values, period in ((PLACEHOLDERS, (date(2020, 1, 1), SIGNED_ON)), (SIGNED, (SIGNED_ON, None))):
            for key, value in values.items():
                self._insert(
                    "analytics_setting", key=key, value=value, valid_from=period[0], valid_through=period[1], source="policy",
                    needs_signoff=period[1] is not None,
                )  # fmt: skip

    def care(self) -> None:
        """Disputes, promises, calls, next actions."""
        parties = self._rows("SELECT id FROM public.party WHERE kind = 'individual'")
        for number, (loan, _, currency, _) in enumerate(self.rng.sample(self.active, 45)):
            at = datetime.combine(self._day(250), LATE_EVENING)
            done = number % 3 == 0
            self._insert(
                "payment_disputes", loan_id=loan, dispute_type=("amount_mismatch", "timing_issue", "duplicate_payment")[number % 3],
                expected_amount=Decimal("100.00"), actual_amount=None if number % 7 == 0 else Decimal("80.00"),
                status="resolved" if done else ("open", "investigating", "escalated")[number % 3], reported_by=self.rng.choice(parties)[0],
                priority=("low", "medium", "high", "critical")[number % 4], created_at=at.replace(tzinfo=UTC),
                resolved_at=(at + timedelta(days=9, hours=5)).replace(tzinfo=UTC) if done else None,
            )  # fmt: skip
            self._insert(
                "collections_event", loan_id=loan,
                event_type=("payment_arrangement", "call_attempt", "call_successful", "legal_notice")[number % 4],
                event_at=at, actor_party_id=self.rng.choice(parties)[0] if number % 2 else None, dpd_snapshot=95,
                amount_involved=Decimal("120.00"), currency_code=currency, next_action_date=at.date() + timedelta(days=14),
                resolution_status=(None, "pending", "resolved", "closed", "in_progress")[number % 5],
            )  # fmt: skip

    def exchange_rates(self) -> None:
        """All rates on the first of the past days, none on the last, none of the euro today; of two sources the priority decides."""
        gap = PAST_DAYS[-1]
        self.cursor.execute(
            "DELETE FROM public.fx_rate WHERE as_of_date BETWEEN %s AND %s", (gap - timedelta(days=20), gap + timedelta(days=2))
        )
        self.cursor.execute(
            "INSERT INTO public.fx_rate (as_of_date, from_ccy, to_ccy, rate, source)"
            " SELECT r.as_of_date, r.from_ccy, r.to_ccy, r.rate * 1.01, 'A second source' FROM public.fx_rate AS r"
            " WHERE extract(day FROM r.as_of_date) > 25"
        )
        self.cursor.execute(
            "INSERT INTO public.fx_rate (as_of_date, from_ccy, to_ccy, rate, source)"
            " VALUES (%s, 'EUR', 'USD', 1.0812345678, 'A third source')",
            (PAST_DAYS[0] - timedelta(days=2),),
        )

    def stricter_rule(self) -> None:
        """A threshold that was lowered between the past days and today: each day is judged by its own rules."""
        begins = date(2026, 2, 1)
        rule = "country_code = 'AE' AND class = 'substandard'"
        self.cursor.execute(f"UPDATE public.classification_rule SET valid_through = %s WHERE {rule}", (begins,))
        self._insert(
            "classification_rule", country_code="AE", **{"class": "substandard"}, threshold_days=60, operator="or_more",
            probation_days=180, valid_from=begins, source="policy",
        )  # fmt: skip


def add_facts(connection: Any) -> None:
    """Write all facts in one transaction."""
    with connection.cursor() as cursor:
        Facts(cursor).write()
    connection.commit()


def add_late_facts(connection: Any) -> None:
    """Money of the running month: it changes no month-end that is published."""
    with connection.cursor() as cursor:
        Facts(cursor, seed=11).payments(30, (0, 27))
    connection.commit()
