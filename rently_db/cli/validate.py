"""`rently-db validate`: checks the rules of the database and says which rows offend them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli import completing
from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.validation import Check, Outcome

app = typer.Typer()

_SHOWN = 5
"""How many of the rows that offend a rule are listed; --json has up to 20."""


@app.command()
def validate(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", autocompletion=completing.rules, help="Only this rule; may be given several times.", show_default=False),
    ] = None,
    tag: Annotated[str, typer.Option("--tag", help="Rules of this tag.")] = "validation",
    limit: Annotated[float, typer.Option("--limit", min=1, help="Seconds that one rule may take.")] = 900,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    as_junit: Annotated[Path | None, typer.Option("--junit", help="Also write them to this file as JUnit XML.", show_default=False)] = None,
) -> None:
    """Check the rules of the database and say which rows offend them; results are kept in ops.data_validation_log.

    Each rule is checked by itself: one that errors or takes too long fails, and the others go on. Rows that are exempt
    (ops.validation_exemption) are counted, not reported. Exit code 0: no rule fails; 1: one does; 2: a wrong option or URL.

    Example: rently-db validate postgresql://user@host/rently --rule trial_balance --rule currency_consistency

    --json prints {database, run, total, passed, failed, warnings, infos, checks: [{type, rule, table, column, status, rows, violations,
    message, details: {ids, found, exempt, error}, seconds, at}]}.
    """
    import json

    from alembic.util import CommandError

    from rently_db.database import resolve_url
    from rently_db.operations.validation import junit
    from rently_db.operations.validation import validate as run

    def told(check: Check) -> None:
        typer.echo(f"{check.status:8}{check.rule}", err=True)

    with resolve_url(url) as target:
        outcome = run(target, rules=rule or (), tag=tag, limit_seconds=limit, report=told)
    if as_junit is not None:
        try:
            as_junit.write_text(junit(outcome), encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"{as_junit} can't be written: {problem.strerror}; give another file with --junit") from problem
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(outcome)
    raise typer.Exit(ExitCode.FINDINGS if outcome.failed else ExitCode.DONE)


def _print(outcome: Outcome) -> None:
    """A paragraph a rule that says something, the failing ones first, then the count."""
    from rently_db.operations.screen import say, screen

    console = screen()
    order = ("FAIL", "WARNING", "INFO")
    for check in sorted((c for c in outcome.checks if c.status in order), key=lambda c: order.index(c.status)):
        say(console, f"{check.status} {check.rule}: {check.message}")
        for one in check.rows_found()[:_SHOWN]:
            say(console, f"{one['id']}: {one['detail']}", indent=4)
        if check.violations > _SHOWN:
            console.print(f"    and {check.violations - _SHOWN:,} more", markup=False)
    total = f"{len(outcome.checks)} rules, {outcome.count('PASS')} pass"
    rest = ", ".join(f"{outcome.count(status)} {word}" for status, word in (("FAIL", "fail"), ("WARNING", "warn"), ("INFO", "inform")))
    say(console, f"{outcome.database}, run {outcome.run}: {total}, {rest}")
