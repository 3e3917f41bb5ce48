"""Rules of a day: buckets, classes, rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.oracle.book import Book, valid
from tests.oracle.rows import Loan
from tests.oracle.rule_rows import ClassificationRule, DpdBucket, ProvisionRate

NORMAL = "normal"


def bucket_of(book: Book, dpd: int, day: date, scheme: str = "standard") -> DpdBucket | None:
    """The bucket of a number of days past due."""
    for row in book.of("dpd_bucket", "scheme", scheme):
        bucket: DpdBucket = row
        if valid(bucket, day) and bucket.days.lower <= dpd and (bucket.days.upper is None or dpd < bucket.days.upper):
            return bucket
    return None


def beyond(rule: ClassificationRule, dpd: int) -> bool:
    """Whether days past due are beyond a class's threshold."""
    return dpd > rule.threshold_days if rule.operator == "more_than" else dpd >= rule.threshold_days


def rule_of(book: Book, country: str, class_: str, day: date) -> ClassificationRule | None:
    """The rule of a class in a country."""
    for row in book.of("classification_rule", "country_code", country):
        rule: ClassificationRule = row
        if rule.class_ == class_ and valid(rule, day):
            return rule
    return None


def class_by_dpd(book: Book, country: str, dpd: int, day: date) -> ClassificationRule | None:
    """The rule with the highest threshold that days past due are beyond; None: normal."""
    rules = [row for row in book.of("classification_rule", "country_code", country) if valid(row, day) and beyond(row, dpd)]
    return max(rules, key=lambda rule: rule.threshold_days, default=None)


def provision_rate_of(book: Book, loan: Loan, class_: str, day: date) -> ProvisionRate | None:
    """The rate of a class: the category's row, else the country's."""
    rows = [row for row in book.of("provision_rate", "country_code", book.country(loan)) if row.class_ == class_ and valid(row, day)]
    category = book.products[loan.product_id].category
    for wanted in (category, None):
        for row in rows:
            if row.product_category == wanted:
                rate: ProvisionRate = row
                return rate
    return None


def non_performing_classes(book: Book, day: date) -> list[str]:
    """The classes in which a loan is in default."""
    found: list[str] = book.setting("non_performing_classes", day, ["substandard", "doubtful", "loss"])
    return found


def number(book: Book, key: str, day: date, default: str) -> Decimal:
    """A numeric setting."""
    return Decimal(book.setting(key, day, Decimal(default)))
