"""What a service does with loans: schedules and the waterfall (pure), and each business operation as one function of a session.

An operation takes a `Session`, locks what it judges, writes, flushes, and never commits: the caller owns the transaction, READ COMMITTED,
as `rently_db.sessions` makes them. It raises a `LendingError` before it writes anything; what the database refuses after that, `explain`
says in one sentence. Money is `Decimal` of whole cents, in the loan's currency; rates are fractions a year; days are business dates of
the company; moments are aware datetimes. Definitions are those of `docs/analytics.md`.
"""

from rently_db.lending.books import DEFAULT_CHART, Chart
from rently_db.lending.disputes import open_dispute, resolve_dispute
from rently_db.lending.errors import (
    BooksError,
    DateError,
    DuplicateError,
    InvalidAmountError,
    LendingError,
    LoanStatusError,
    MismatchError,
    PaymentStatusError,
    PrincipalError,
    UnsettledError,
    explain,
)
from rently_db.lending.exits import close_loan, transfer_loan, write_off_loan
from rently_db.lending.origination import disburse_loan, originate_loan, undrawn_amount
from rently_db.lending.payments import Allocated, Recorded, allocate_payment, record_payment
from rently_db.lending.reading import balance_on, business_date, unallocated_amount, unpaid_dues
from rently_db.lending.restructuring import restructure_loan
from rently_db.lending.reversal import reverse_payment
from rently_db.lending.schedule import Instalment, Repayment, Terms, make_schedule
from rently_db.lending.waterfall import ORDER, Due, Share, Split, still_due, waterfall

__all__ = [
    "DEFAULT_CHART",
    "ORDER",
    "Allocated",
    "BooksError",
    "Chart",
    "DateError",
    "Due",
    "DuplicateError",
    "Instalment",
    "InvalidAmountError",
    "LendingError",
    "LoanStatusError",
    "MismatchError",
    "PaymentStatusError",
    "PrincipalError",
    "Recorded",
    "Repayment",
    "Share",
    "Split",
    "Terms",
    "UnsettledError",
    "allocate_payment",
    "balance_on",
    "business_date",
    "close_loan",
    "disburse_loan",
    "explain",
    "make_schedule",
    "open_dispute",
    "originate_loan",
    "record_payment",
    "resolve_dispute",
    "restructure_loan",
    "reverse_payment",
    "still_due",
    "transfer_loan",
    "unallocated_amount",
    "undrawn_amount",
    "unpaid_dues",
    "waterfall",
    "write_off_loan",
]
