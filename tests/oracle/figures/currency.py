"""Dashboard 11: the book in several currencies, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.book import ZERO
from tests.oracle.figures.look import Look, Row, cents, grouped, mean, month_start, percent, total
from tests.oracle.fx import Rate, fx_rate
from tests.oracle.loans import days
from tests.oracle.risk import Risk
from tests.oracle.rows import LedgerEntry


def times(amount: Decimal, rate: Rate | None) -> Decimal | None:
    """An amount at a rate; None without one."""
    return None if rate is None else amount * rate.rate


def volatility(look: Look, currency: str, functional: str) -> Decimal | None:
    """Sample standard deviation of the last days' rates in percent of their mean."""
    if currency == functional:
        return ZERO
    count = int(look.number("fx_volatility_days"))
    found = [fx_rate(look.book, currency, functional, day) for day in days(look.day - timedelta(days=count - 1), look.day)]
    rates = [rate.rate for rate in found if rate is not None]
    average = mean(rates)
    if average is None or len(rates) < 2:
        return None
    variance = total((rate - average) ** 2 for rate in rates) / (len(rates) - 1)
    return cents(variance.sqrt() / average * 100)


def _level(look: Look, share: Decimal | None, *, is_functional: bool) -> str | None:
    if is_functional:
        return "No FX Risk"
    if share is None:
        return None
    if share > look.number("fx_volatility_high_pct"):
        return "High FX Volatility"
    return "Medium FX Volatility" if share > look.number("fx_volatility_medium_pct") else "Low FX Volatility"


def sum_or_none(amounts: list[Decimal | None]) -> Decimal | None:
    """A sum that is unknown if a part of it is."""
    return None if None in amounts else total(amount for amount in amounts if amount is not None)


def v_consolidated_multi_currency_report(look: Look) -> list[Row]:
    """The book of each company by currency, in three currencies."""
    group_ccy, found = look.setting("group_currency"), []
    for (entity,), everything in grouped(look.all, lambda risk: (look.entity(risk),)).items():
        rows: list[Row] = []
        for (currency,), risks in grouped(everything, lambda risk: (risk.state.loan.currency_code,)).items():
            active = [risk for risk in risks if risk.state.status == "active"]
            owed = total(risk.state.outstanding for risk in active)
            bad = total(risk.state.outstanding for risk in active if risk.is_default)
            functional = fx_rate(look.book, currency, entity.functional_ccy, look.day)
            group = fx_rate(look.book, currency, group_ccy, look.day)
            shaken = volatility(look, currency, entity.functional_ccy)
            rows.append(
                {
                    "legal_entity_name": entity.name,
                    "functional_ccy": entity.functional_ccy,
                    "loan_currency": currency,
                    "active_loans": len(active),
                    "outstanding_original_ccy": owed,
                    "outstanding_functional_ccy": _cents(times(owed, functional)),
                    "default_original_ccy": bad,
                    "default_functional_ccy": _cents(times(bad, functional)),
                    "fx_rate_to_functional": functional.rate if functional else None,
                    "fx_rate_date": functional.rate_date if functional else None,
                    "default_rate_by_currency_pct": percent(bad, owed),
                    "fx_risk_assessment": _level(look, shaken, is_functional=currency == entity.functional_ccy),
                    "legal_entity_id": entity.id,
                    "business_date": look.day,
                    "fx_method": functional.method if functional else None,
                    "is_rate_missing": functional is None or group is None,
                    "group_ccy": group_ccy,
                    "outstanding_group_ccy": _cents(times(owed, group)),
                    "default_group_ccy": _cents(times(bad, group)),
                    "fx_rate_to_group": group.rate if group else None,
                    "fx_rate_to_group_date": group.rate_date if group else None,
                    "fx_method_to_group": group.method if group else None,
                    "volatility_pct": shaken,
                }
            )
        portfolio = sum_or_none([row["outstanding_functional_ccy"] for row in rows])
        for row in rows:
            row["total_portfolio_functional_ccy"] = portfolio
            row["total_default_functional_ccy"] = sum_or_none([other["default_functional_ccy"] for other in rows])
            row["currency_exposure_pct"] = percent(row["outstanding_functional_ccy"], portfolio)
        found += rows
    return found


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else cents(amount)


def v_fx_rate_daily(look: Look) -> list[Row]:
    """The rate of every pair of currencies in use on each of the last days."""
    used = {loan.currency_code for loan in look.book.loans.values()} | {entity.functional_ccy for entity in look.book.entities.values()}
    used |= {look.setting("group_currency"), look.setting("rate_pivot")}
    first = look.day - timedelta(days=int(look.number("fx_rate_daily_days")) - 1)
    found = []
    for day in days(first, look.day):
        for source, target in ((a, b) for a in sorted(used) for b in sorted(used) if a != b):
            rate = fx_rate(look.book, source, target, day)
            found.append(
                {
                    "rate_day": day,
                    "from_currency": source,
                    "to_currency": target,
                    "rate": rate.rate if rate else None,
                    "rate_date": rate.rate_date if rate else None,
                    "method": rate.method if rate else None,
                    "age_days": (day - rate.rate_date).days if rate else None,
                    "is_missing": rate is None,
                }
            )
    return found


def _signed(entry: LedgerEntry) -> Decimal:
    return entry.amount if entry.side == "debit" else -entry.amount


def _months(first: date, last: date) -> Iterator[date]:
    """First days of months."""
    month = month_start(first)
    while month <= last:
        yield month
        month = month_start(month, -1)


def v_ledger_trial_balance(look: Look) -> list[Row]:
    """Opening balance, turnover and closing balance of each account, currency and month."""
    book, found = look.book, []
    accounts = {account.id: account for account in book.all("ledger_account")}
    last = {entity: max(e.entry_date for e in entries) for (entity,), entries in grouped(book.all("ledger_entry"), _entity).items()}
    for (entity_id, account_id, currency), entries in grouped(
        book.all("ledger_entry"), lambda entry: (entry.legal_entity_id, entry.account_id, entry.currency_code)
    ).items():
        account, opening = accounts[account_id], ZERO
        for month in _months(min(entry.entry_date for entry in entries), last[entity_id]):
            now = [entry for entry in entries if month_start(entry.entry_date) == month]
            debit = total(entry.amount for entry in now if entry.side == "debit")
            credit = total(entry.amount for entry in now if entry.side == "credit")
            found.append(
                {
                    "month_start": month,
                    "legal_entity_id": entity_id,
                    "legal_entity_name": book.entities[entity_id].name,
                    "account_id": account_id,
                    "account_code": account.code,
                    "account_name": account.name,
                    "account_type": account.type,
                    "currency_code": currency,
                    "opening": opening,
                    "debit": debit,
                    "credit": credit,
                    "closing": opening + debit - credit,
                    "entries": len(now),
                }
            )
            opening += debit - credit
    return found


def _entity(entry: LedgerEntry) -> tuple[str]:
    return (entry.legal_entity_id,)


def ledger_loan_balance(look: Look) -> list[Row]:
    """What the ledger's receivable accounts hold for each loan, against what the loan still owes."""
    codes = look.setting("loan_receivable_account_codes")
    accounts = {account.id for account in look.book.all("ledger_account") if account.code in codes}
    entries = [entry for entry in look.book.all("ledger_entry") if entry.account_id in accounts and entry.entry_date <= look.day]
    held = grouped(entries, lambda entry: (entry.legal_entity_id, entry.currency_code, entry.loan_id))
    owed = {(risk.state.loan.legal_entity_id, risk.state.loan.currency_code, risk.state.loan.id): _owed(risk) for risk in look.all}
    found = []
    for key in held.keys() | owed.keys():
        gl, subledger = total(_signed(entry) for entry in held.get(key, [])), owed.get(key, ZERO)
        found.append(
            {
                "legal_entity_id": key[0],
                "currency_code": key[1],
                "loan_id": key[2],
                "gl": gl,
                "subledger": subledger,
                "difference": gl - subledger,
            }
        )
    return found


def _owed(risk: Risk) -> Decimal:
    return risk.state.outstanding - risk.state.overpaid


def v_ledger_subledger_reconciliation(look: Look) -> list[Row]:
    """Loan receivable in the general ledger against the sum of what the loans owe."""
    found = []
    for (entity, currency), rows in grouped(ledger_loan_balance(look), lambda row: (row["legal_entity_id"], row["currency_code"])).items():
        gl, subledger = total(row["gl"] for row in rows), total(row["subledger"] for row in rows)
        broken = [row for row in rows if row["loan_id"] is not None and row["difference"] != 0]
        found.append(
            {
                "legal_entity_id": entity,
                "legal_entity_name": look.book.entities[entity].name,
                "currency_code": currency,
                "gl": gl,
                "subledger": subledger,
                "difference": gl - subledger,
                "difference_pct": percent(gl - subledger, subledger),
                "is_reconciled": gl == subledger and not broken,
                "unassigned_gl": total(row["gl"] for row in rows if row["loan_id"] is None),
                "broken_loans": len(broken),
                "broken_amount": total(abs(row["difference"]) for row in broken),
            }
        )
    return found


def v_fx_revaluation(look: Look) -> list[Row]:
    """Monetary balances in other currencies than the books', at the closing rate against what they were booked at."""
    book, found = look.book, []
    types = look.setting("monetary_account_types")
    accounts = {account.id for account in book.all("ledger_account") if account.type in types}
    entries = [
        entry
        for entry in book.all("ledger_entry")
        if entry.account_id in accounts and entry.currency_code != book.entities[entry.legal_entity_id].functional_ccy
    ]
    for (entity_id, currency), rows in grouped(entries, lambda entry: (entry.legal_entity_id, entry.currency_code)).items():
        entity, before = book.entities[entity_id], ZERO
        unknown = False
        for month in _months(min(entry.entry_date for entry in rows), look.day):
            end = min(month_start(month, -1) - timedelta(days=1), look.day)
            until = [entry for entry in rows if entry.entry_date <= end]
            balance = total(_signed(entry) for entry in until)
            booked = sum_or_none([times(_signed(e), fx_rate(book, currency, entity.functional_ccy, e.entry_date)) for e in until])
            rate = fx_rate(book, currency, entity.functional_ccy, end)
            revalued = _cents(times(balance, rate))
            gain = None if revalued is None or booked is None else revalued - cents(booked)
            change = None if gain is None or unknown else gain - before
            unknown, before = gain is None, gain if gain is not None else ZERO
            if month <= month_start(look.day, 24):
                continue
            found.append(
                {
                    "month_end": end,
                    "legal_entity_id": entity_id,
                    "legal_entity_name": entity.name,
                    "functional_ccy": entity.functional_ccy,
                    "currency_code": currency,
                    "balance_ccy": balance,
                    "booked_fn": _cents(booked),
                    "closing_rate": rate.rate if rate else None,
                    "closing_rate_date": rate.rate_date if rate else None,
                    "method": rate.method if rate else None,
                    "revalued_fn": revalued,
                    "gain_loss": gain,
                    "change_in_month": change,
                    "is_rate_missing": gain is None,
                }
            )
    return found


VIEWS = (
    v_consolidated_multi_currency_report, v_fx_rate_daily, v_ledger_trial_balance, ledger_loan_balance,
    v_ledger_subledger_reconciliation, v_fx_revaluation,
)  # fmt: skip
