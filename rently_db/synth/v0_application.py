"""The legacy application: its use cases, each a few statements of ``docs/v0-workload.md``; one round runs them all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.v0_rows import Row
from rently_db.synth.v0_session import V0Session, WorkloadError, differences
from rently_db.synth.v0_statements import DIRTY

Booking = dict[str, Any]
"""A loan and all around it: by table the id of one row, ``currency``, ``cash`` (an account), and of the plan in force the ``loan_lines``
(rows) and ``lines`` (their ids)."""


class V0Application(V0Session):
    """The legacy application on one session. It needs an empty v0 schema, or a full one: it makes every row that it refers to.

    Every public method commits, and at the first failure raises :class:`psycopg2.Error` or
    :class:`~rently_db.synth.v0_session.WorkloadError`, with nothing of the open transaction kept.
    """

    def round(self) -> None:
        """Run every statement of the contract at least once."""
        currency = ("SGD", "AED")[self._rounds % 2]
        self._rounds += 1
        loan = self.book_loan(currency)
        self.take_payment(loan)
        self.change_status(loan)
        self.replan(loan)
        self.amend(loan)
        self.dirty_writes(loan)
        self.drafts(loan)
        self.read_everything(loan)
        self.prepared(loan)

    def reference_rows(self, currency: str = "SGD") -> Booking:
        """Found an entity with its product, accounts and a rate; nothing that is in the database already is needed or touched."""
        with self._transaction():
            at: Booking = {"currency": currency}
            for table in ("legal_entity", "product", "fx_rate", "ledger_account"):
                at[table] = self._insert(table, at)["id"]
            at["cash"] = self._insert("ledger_account", at, name="Cash at bank")["id"]
        return at

    def book_loan(self, currency: str = "SGD") -> Booking:
        """Originate a loan in one transaction, from its parties to its disbursement and papers."""
        at = self.reference_rows(currency)
        with self._transaction():
            guarantor = self._insert("party", at, kind="guarantor")["id"]
            at["party"] = self._insert("party", at)["id"]
            at["payment_instrument"] = self._insert("payment_instrument", at, is_default=True)["id"]
            at["application"] = self._insert("application", at)["id"]
            self._change("change_request", at["application"], requested_amount=self.make.money(3_000, 30_000), tenor_months=24)
            self._change("set_application_status", at["application"], status="under_review")
            at["decision"] = self._insert("decision", at)["id"]
            self._change("set_application_status", at["application"], status="approved")
            lines = [self._draft_line(number) for number in (1, 2, 3)]
            principal = sum((line["amount_principal"] for line in lines), Decimal(0))
            at["loan"] = self._insert("loan", at, principal_amount=principal)["id"]
            at["party_role"] = self._insert("party_role", at)["id"]
            self._change("set_role", self._insert("party_role", at, party_id=guarantor, role="agent")["id"], role="guarantor")
            self._plan(at, lines)
            at["disbursement"] = self._insert("disbursement", at, amount=principal + 1)["id"]
            self._change("change_disbursement_amount", at["disbursement"], amount=principal)
            self._change("settle_disbursement", at["disbursement"], status="completed", disbursed_at=self.make.moment())
            self._post(at, principal, at["ledger_account"], at["cash"], disbursement_id=at["disbursement"])
            at["security_interest"] = self._insert("security_interest", at)["id"]
            at["document"] = self._insert("document", at)["id"]
            at["document_link"] = self._insert("document_link", at, entity_id=at["loan"])["id"]
        return at

    def take_payment(self, at: Booking) -> None:
        """Receive a payment; then, in a second transaction, allocate all but 5.00 of it to the first line and book it."""
        line = at["loan_lines"][0]
        used = line["amount_principal"] + line["amount_rc_fee"]
        with self._transaction():
            at["payment"] = self._insert("payment", at, amount=used, received_at=None)["id"]
            self._change("change_payment_amount", at["payment"], amount=used + 5)
            self._change("set_payment_status", at["payment"], status="processing")
        with self._transaction():
            self._read("lock_payment", id=at["payment"])
            for component in ("principal", "rc_fee"):
                given = {"component": component, "allocated_amount": line[f"amount_{component}"]}
                at["payment_allocation"] = self._insert("payment_allocation", at, **given)["id"]
            self._change("settle_payment", at["payment"], status="completed", received_at=self.make.moment())
            self._post(at, used, at["cash"], at["ledger_account"], payment_id=at["payment"])

    def change_status(self, at: Booking) -> None:
        """Change the status of a loan twice in one transaction."""
        with self._transaction():
            self._read("lock_loan", id=at["loan"])
            self._change("set_loan_status", at["loan"], status="written_off")
            self._change("set_loan_status", at["loan"], status="active")

    def replan(self, at: Booking) -> None:
        """Make a new plan, and a new default instrument: in both cases the new row first, then the old one gives way, as v0 does it."""
        with self._transaction():
            old = at["amortisation_plan"]
            lines = [self._draft_line(number) for number in (1, 2)]
            self._plan(at, lines, version=2, reason="payment holiday", effective_from=date(2024, 3, 1))
            self._change("supersede_plan", old, status="superseded", effective_through=date(2024, 2, 29), reason="payment holiday")
        with self._transaction():
            old = at["payment_instrument"]
            at["payment_instrument"] = self._insert("payment_instrument", at, is_default=True)["id"]
            self._change("set_default", old, is_default=False)

    def amend(self, at: Booking) -> None:
        """Correct names, dates and amounts; renew the loan; write a call into collections."""
        make = self.make
        with self._transaction():
            self._change("rename_legal_entity", at["legal_entity"], name=make.number("Rently Renamed"), registration_no=make.number("REG"))
            self._change("describe_product", at["product"], name="Rently Care Plus", description="with deposit")
            self._change(
                "change_contact", at["party"], display_name="Tan Mei Lin", email=f"{make.number('new').lower()}@example.com", phone=None
            )
            self._change("set_kyc", at["party"], external_ref=None, kyc_identifier=make.number("KYC"))
            bank = {
                "bank_name": "OCBC",
                "account_name": "Tan Mei Lin",
                "account_number": make.number("42"),
                "provider_ref": make.number("pm"),
            }
            self._change("change_bank", at["payment_instrument"], **bank)
            decided = {"outcome": "approved", "approved_amount": make.money(3_000, 30_000), "approved_currency": at["currency"]}
            self._change("change_decision", at["decision"], decided_by="head.of.credit", **decided)
            amounts = {f"amount_{name}": make.money(10, 100) for name in ("principal", "rc_fee", "penalty", "other")}
            self._change("change_line", at["lines"][-1], **amounts)
            self._change("move_line", at["lines"][-1], due_date=date(2024, 6, 30))
            self._change(
                "revalue_security", at["security_interest"], description=None, value_amount=make.money(500, 900), value_ccy=at["currency"]
            )
            self._change(
                "refile_document", at["document"], title="Contract", kind="contract", storage_url=make.number("s3://rently/contract")
            )
            self._change("set_link_role", at["document_link"], role="signed")
            self._change("rename_account", at["ledger_account"], name="Loans to customers")
            self._change("correct_rate", at["fx_rate"], rate=Decimal("1.31415926"), source=make.number("mas"))
            at["collections_event"] = self._insert("collections_event", at)["id"]
            event = {"event_type": "call_attempt", "event_at": make.moment(), "dpd_snapshot": 4, "amount_involved": None}
            self._change("correct_event", at["collections_event"], **event)
        with self._transaction():
            renewal = self._insert("loan", at, application_id=None)["id"]
            terms = {"principal_amount": make.money(3_000, 30_000), "rc_fee_rate": Decimal("0.0300"), "interest_rate": Decimal("0.0750")}
            self._change("change_terms", renewal, **terms)
            self._change("extend_loan", renewal, end_date=date(2026, 1, 31), property_contract_id=make.number("LEASE"))
            self._change("attach_loan", renewal, application_id=at["application"], parent_loan_id=at["loan"])
        with self._transaction():
            self._change("set_loan_status", renewal, status="closed")

    def dirty_writes(self, at: Booking) -> None:
        """Write each value of :data:`DIRTY`, in a row that is clean otherwise, and dirty spellings of a status by an update."""
        keys: dict[tuple[str, str], UUID] = {}
        with self._transaction():
            for number, dirty in enumerate(DIRTY):
                given: Row = {}
                context = at
                if dirty.table == "amortisation_plan":
                    context = at | {"loan": self._insert("loan", at)["id"]}
                elif dirty.table == "amortisation_line":
                    given["seq_no"] = 10 + number
                elif dirty.table == "ledger_entry":
                    given["amount"] = self._insert("ledger_entry", at, side="credit")["amount"]
                elif dirty.table == "disbursement":
                    given["amount"] = Decimal("10.00")
                row = self.make.row(dirty.table, context, **given)
                row[dirty.column] = dirty.of(row[dirty.column])
                self._insert_row(dirty.table, row, dirty.column)
                keys[dirty.table, dirty.column] = row["id"]
        with self._transaction():
            self._change("set_application_status", keys["application", "status"], status=" Approved")
            self._change("set_payment_status", keys["payment", "status"], status="FAILED ")
            self._change("set_loan_status", keys["loan", "status"], status=" Closed ")

    def drafts(self, at: Booking) -> None:
        """Commit drafts of all kinds, then delete them, what refers to a row before the row."""
        with self._transaction():
            draft = at | {"party": self._insert("party", at)["id"]}
            for table in ("application", "loan", "party_role"):
                draft[table] = self._insert(table, draft)["id"]
            self._plan(draft, [self._draft_line(number) for number in (1, 2)])
            singles = (
                "payment",
                "disbursement",
                "payment_instrument",
                "collections_event",
                "security_interest",
                "fx_rate",
                "ledger_account",
            )
            rows = {table: self._insert(table, at)["id"] for table in singles}
            form, contract = (self._insert("document", at)["id"] for _ in range(2))
            form_link = self._insert("document_link", at, document_id=form, entity_type="application", entity_id=draft["application"])["id"]
            links = [
                self._insert("document_link", at, document_id=contract, entity_type=kind, entity_id=at[kind])["id"]
                for kind in ("loan", "party")
            ]
        with self._transaction():
            self._delete("delete_document_link", form_link)
            self._delete("delete_document", form)
            self._delete("delete_document_links_of_document", *links, document_id=contract)
            self._delete("delete_document", contract)
            self._delete("delete_amortisation_lines_of_plan", *draft["lines"], plan_id=draft["amortisation_plan"])
            for table in ("amortisation_plan", "party_role", "loan", "application", "party"):
                self._delete(f"delete_{table}", draft[table])
            for table, key in rows.items():
                self._delete(f"delete_{table}", key)

    def read_everything(self, at: Booking) -> None:
        """Read a row of every table both ways and compare it with what was written; then run the joins."""
        with self._transaction():
            for table in BASELINE:
                row = self._rows[table][at[table]]
                for name in (f"read_{table}", f"read_{table}_all"):
                    found = self._read(name, id=at[table])
                    if wrong := differences(table, row, found[0]):
                        raise WorkloadError(f"{name}: {'; '.join(wrong)}")
        with self._transaction():
            loan, payment, rate = (self._rows[table][at[table]] for table in ("loan", "payment", "fx_rate"))
            product, application = (self._rows[table][at[table]] for table in ("product", "application"))
            self._read("product_by_code", code=product["code"])
            self._read("application_by_number", application_number=application["application_number"])
            self._read("decisions_of_application", application_id=at["application"])
            self._read("default_instrument", party_id=at["party"], currency_code=at["currency"])
            self._read("loan_by_number", loan_number=loan["loan_number"])
            self._read("loan_overview", id=at["loan"])
            self._read("schedule_of_plan", plan_id=at["amortisation_plan"])
            self._read("overdue_lines", plan_id=at["amortisation_plan"], due_date=date(2026, 1, 1))
            self._read("payments_since", payer_party_id=at["party"], received_at=payment["received_at"])
            self._read("unallocated_of_payment", id=at["payment"])
            self._read("allocations_of_payment", payment_id=at["payment"])
            self._read("trial_balance", legal_entity_id=at["legal_entity"])
            self._read("documents_of_entity", entity_type="loan", entity_id=at["loan"])
            self._read("rate_on_day", **{name: rate[name] for name in ("from_ccy", "to_ccy", "as_of_date")})
            for name in (
                "parties_of_loan",
                "active_plan",
                "paid_of_loan",
                "disbursements_of_loan",
                "events_of_loan",
                "entries_of_loan",
                "security_of_loan",
            ):
                self._read(name, loan_id=at["loan"])

    def prepared(self, at: Booking) -> None:
        """Run the statements of :data:`PREPARED`, prepared once for the session. A ``SELECT *`` may be prepared again, once a call."""
        payment = self.make.row("payment", at, status="completed")
        allocation = self.make.row("payment_allocation", at, payment_id=payment["id"])
        with self._transaction():
            self._insert_prepared("payment", payment)
            self._insert_prepared("payment_allocation", allocation)
        with self._transaction():
            self._read_prepared("read_loan", id=at["loan"])
        self._read_prepared_all("read_loan_all", id=at["loan"])

    def _plan(self, at: Booking, lines: list[Row], **given: Any) -> None:
        """Insert a plan with its lines, and let ``at`` point to them."""
        at["amortisation_plan"] = self._insert("amortisation_plan", at, **given)["id"]
        at["loan_lines"] = [self._insert("amortisation_line", at, **line) for line in lines]
        at["lines"] = [line["id"] for line in at["loan_lines"]]
        at["amortisation_line"] = at["lines"][0]

    def _draft_line(self, number: int) -> Row:
        amounts = {"amount_principal": self.make.money(500, 2_000), "amount_rc_fee": self.make.money(10, 100)}
        return {"seq_no": number, "due_date": date(2024, 1, 15) + timedelta(days=31 * number), **amounts}

    def _post(self, at: Booking, amount: Decimal, debit: UUID, credit: UUID, **of: UUID) -> None:
        """Two ledger entries that balance."""
        for side, account in (("debit", debit), ("credit", credit)):
            at["ledger_entry"] = self._insert("ledger_entry", at, amount=amount, side=side, account_id=account, **of)["id"]
