"""What a migration came to, for people: the summary, the accounts, and what to do next."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from rently_db.migrate.accounting import accounting_table
from rently_db.migrate.errors import FindingsError
from rently_db.migrate.steps import KEPT_SCHEMA
from rently_db.operations.migrating import Journey, Outcome
from rently_db.operations.screen import say
from rently_db.packaged import revisions

_POOLS = "Recycle connection pools: each prepared SELECT * fails once with 'cached plan must not change result type'."


def print_outcome(console: Console, outcome: Outcome, journey: Journey) -> None:
    """The summary of a run, always; the accounts it opened or closed; and what comes next if it reached its target."""
    if not outcome.worked:
        if outcome.error is None:
            console.print(f"already at {outcome.end or 'no revision'}: nothing to do", markup=False)
        return
    closed = [account for account in outcome.accounts if account.closed]
    if closed:
        console.print(accounting_table(closed))
    console.print(_summary(outcome))
    if len(closed) < len(outcome.accounts):
        say(console, f"the accounts of {len(outcome.accounts) - len(closed)} tables are open until v1, or v0 again, is reached")
    for sentence in outcome.unexplained:
        say(console, f"not explained: {sentence}", style="red")
    if outcome.error is None:
        for line in next_steps(outcome, journey):
            say(console, line)


def _summary(outcome: Outcome) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("from, to", f"{outcome.start or 'not under migration'} -> {outcome.end or 'not known'}")
    table.add_row("duration", f"{outcome.seconds:.1f} s")
    table.add_row("rows touched", f"{outcome.rows:,}")
    where = f" ({outcome.longest_lock_step})" if outcome.longest_lock_step else ""
    table.add_row("longest lock held", f"{outcome.longest_lock_seconds:.3f} s{where}")
    table.add_row("retries", f"{outcome.retries:,}")
    return table


def next_steps(outcome: Outcome, journey: Journey) -> list[str]:
    """What an operator does after a run that reached its target."""
    if journey.direction == "down":
        return [
            f"The database is {outcome.end} again. {_POOLS}",
            f"What v1 alone knew is kept in the schemas ops and {KEPT_SCHEMA}; the next rently-db migrate brings it back.",
        ]
    if outcome.unexplained:
        return ["The database is at its target, but rows are not explained: find out why before applications of v1 start."]
    if outcome.end == "v0":
        return ["The database is v0, under migration from now on; nothing else was changed. rently-db migrate goes on to v1."]
    known = revisions()
    if outcome.end in known[known.index("v1") :]:
        return [
            f"The database is at {outcome.end}. {_POOLS}",
            "Applications of v1 may start; those of v0 go on. rently-db status shows the record.",
        ]
    return [f"The database is at {outcome.end}. {_POOLS}", "rently-db migrate goes on to v1; rently-db status shows the record."]


def print_findings(console: Console, error: FindingsError) -> None:
    """What forbids a migration: a table of rules and rows if that is what it is, else the list that the error brings."""
    if not error.findings:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(title="rows that no declared repair mends", title_justify="left", box=None, pad_edge=False)
    table.add_column("rule", overflow="fold")
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("the first", no_wrap=True)
    for finding in error.findings:
        rule = finding.rule if finding.table in finding.rule else f"{finding.table}: {finding.rule}"
        table.add_row(rule, f"{finding.count:,}", finding.sample[0] if finding.sample else "")
    console.print(table)
    rules = "1 rule" if len(error.findings) == 1 else f"{len(error.findings)} rules"
    console.print(f"Nothing was changed: {rules} of v1 would be broken. rently-db preflight shows the commands that mend each.")
