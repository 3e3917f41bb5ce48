"""The legacy schema, v0, as production runs it: twenty tables, keys, nothing else.

One description serves three readers: the revision ``v0`` creates these tables on an empty database, the fingerprint compares a live
database with them, and the synthetic data fills them. It describes a past that no longer changes; a test pins its digest.

Money and rates are plain ``numeric``, moments are ``timestamp`` holding UTC, ids come from the applications.
"""

from __future__ import annotations

from dataclasses import dataclass

_TABLES = """
legal_entity:       id uuid, name text, registration_no text, country_code char(2), functional_ccy char(3)
product:            id uuid, code text unique, name text, description text
party:              id uuid, kind text, display_name text, email text, phone text, external_ref text, kyc_identifier text
payment_instrument: id uuid, party_id uuid > party, instrument_type text, currency_code char(3), bank_name text, account_name text,
                    account_number text, provider_ref text, is_default boolean
application:        id uuid, application_number text unique, product_id uuid > product, legal_entity_id uuid > legal_entity,
                    applicant_party_id uuid > party, requested_amount numeric, requested_currency char(3),
                    tenor_months integer, status text
decision:           id uuid, application_id uuid > application, outcome text, approved_amount numeric, approved_currency char(3),
                    decided_by text
loan:               id uuid, loan_number text unique, application_id uuid > application, product_id uuid > product,
                    legal_entity_id uuid > legal_entity, borrower_party_id uuid > party, currency_code char(3), principal_amount numeric,
                    rc_fee_rate numeric, interest_rate numeric, start_date date, end_date date, parent_loan_id uuid > loan,
                    property_contract_id text, status text
party_role:         id uuid, party_id uuid > party, loan_id uuid > loan, role text
amortisation_plan:  id uuid, loan_id uuid > loan, version integer, status text, reason text, effective_from date, effective_through date
amortisation_line:  id uuid, plan_id uuid > amortisation_plan, seq_no integer, due_date date, currency_code char(3),
                    amount_principal numeric, amount_rc_fee numeric, amount_penalty numeric, amount_other numeric
payment:            id uuid, legal_entity_id uuid > legal_entity, currency_code char(3), amount numeric, direction text, provider text,
                    external_reference text, payer_party_id uuid > party, payee_party_id uuid > party,
                    instrument_id uuid > payment_instrument, received_at timestamp, status text
disbursement:       id uuid, loan_id uuid > loan, legal_entity_id uuid > legal_entity, instrument_id uuid > payment_instrument,
                    currency_code char(3), amount numeric, disbursed_at timestamp, status text
payment_allocation: id uuid, payment_id uuid > payment, loan_id uuid > loan, plan_id uuid > amortisation_plan,
                    line_id uuid > amortisation_line, component text, allocated_amount numeric
collections_event:  id uuid, loan_id uuid > loan, event_type text, event_at timestamp, actor_party_id uuid > party, dpd_snapshot integer,
                    amount_involved numeric, currency_code char(3)
ledger_account:     id uuid, legal_entity_id uuid > legal_entity, code text, name text, type text
ledger_entry:       id uuid, legal_entity_id uuid > legal_entity, account_id uuid > ledger_account, loan_id uuid > loan,
                    payment_id uuid > payment, disbursement_id uuid > disbursement, currency_code char(3), amount numeric, side text
security_interest:  id uuid, loan_id uuid > loan, type text, party_id uuid > party, description text, value_amount numeric,
                    value_ccy char(3)
document:           id uuid, title text, kind text, storage_url text, uploaded_at timestamp
document_link:      id uuid, document_id uuid > document, entity_type text, entity_id uuid, role text
fx_rate:            id uuid, as_of_date date, from_ccy char(3), to_ccy char(3), rate numeric, source text
"""

# The catalogue's own spelling (format_type) of the types the description above abbreviates.
_CATALOGUE_TYPE = {"char(2)": "character(2)", "char(3)": "character(3)", "timestamp": "timestamp without time zone"}


@dataclass(frozen=True, slots=True)
class BaselineColumn:
    """A column of v0: its name, its type as ``format_type`` spells it, what it references, whether it is unique by itself."""

    name: str
    type: str
    references: str | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class BaselineTable:
    """A table of v0. Its primary key is always ``id``; its foreign keys are ``NO ACTION``."""

    name: str
    columns: tuple[BaselineColumn, ...]

    @property
    def foreign_keys(self) -> dict[str, str]:
        """Referencing column -> referenced table (always its ``id``)."""
        return {c.name: c.references for c in self.columns if c.references}

    @property
    def uniques(self) -> tuple[str, ...]:
        """Columns that are unique by themselves, besides the primary key."""
        return tuple(c.name for c in self.columns if c.unique)

    def create_sql(self) -> str:
        """The ``CREATE TABLE`` statement, keys named as PostgreSQL names them by itself."""
        lines = [f"    {c.name} {c.type}" + (" PRIMARY KEY" if c.name == "id" else "") for c in self.columns]
        lines += [f"    CONSTRAINT {self.name}_{name}_key UNIQUE ({name})" for name in self.uniques]
        lines += [
            f"    CONSTRAINT {self.name}_{name}_fkey FOREIGN KEY ({name}) REFERENCES public.{target} (id)"
            for name, target in self.foreign_keys.items()
        ]
        return f"CREATE TABLE public.{self.name} (\n" + ",\n".join(lines) + "\n)"


def _parse(text: str) -> dict[str, BaselineTable]:
    """Read the description above: ``table: column type [unique] [> referenced table], ...``; a line without a colon continues."""
    joined: list[str] = []
    for line in text.strip().splitlines():
        if ":" in line:
            joined.append(line)
        else:
            joined[-1] += " " + line.strip()
    tables: dict[str, BaselineTable] = {}
    for entry in joined:
        name, _, body = entry.partition(":")
        columns = []
        for item in body.split(", "):
            words = item.strip().rstrip(",").split()
            columns.append(
                BaselineColumn(
                    name=words[0],
                    type=_CATALOGUE_TYPE.get(words[1], words[1]),
                    references=words[words.index(">") + 1] if ">" in words else None,
                    unique="unique" in words,
                )
            )
        tables[name.strip()] = BaselineTable(name.strip(), tuple(columns))
    return tables


BASELINE: dict[str, BaselineTable] = _parse(_TABLES)
"""v0 by table name, referenced tables before those that reference them."""


def create_baseline_sql() -> list[str]:
    """The twenty ``CREATE TABLE`` statements in an order that satisfies every reference."""
    return [table.create_sql() for table in BASELINE.values()]
