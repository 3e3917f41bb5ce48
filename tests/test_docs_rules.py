"""The pages of docs/rules and docs/on-call.md say what the headers of the rules say, and what they tell people to run works."""

import re
import shlex
from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from docs.on_call import ON_CALL, alerts, on_call
from docs.rules import PAGES, TAGS, TYPES, index, page, pages, rules
from rently_db.sql.catalog import LIVE
from rently_db.sql.header import TAGS as KNOWN_TAGS
from rently_db.sql.header import HeaderError, split_header
from rently_db.sql.rule_catalogue import rule_name
from rently_db.testing.databases import Databases
from tests.analytics.live_book import live_template, own_url, session
from tests.support.commands import rently_db
from tests.support.migrations import run_sql

__all__ = ["live_template", "own_url"]

RULES = {rule_name(entity): entity for entity in rules()}
COMMAND = "run python -m docs.rules"
ASKED = re.compile(r"^\$ (.+)$", re.MULTILINE)


def test_pages_say_what_the_headers_say() -> None:
    """Whoever changes a rule writes its page anew; no page outlives its rule."""
    assert {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")} == pages(), COMMAND


def test_the_page_of_whoever_is_on_call_is_current() -> None:
    """At night nobody follows commands of a former release."""
    assert ON_CALL.read_text(encoding="utf-8") == on_call(), COMMAND


def test_links_lead_somewhere() -> None:
    """Every link of a rule's page names a file that is there, and a heading of the page for whoever is on call."""
    called = {f"#{name}" for name in re.findall(r"^## (\w+)$", on_call(), re.MULTILINE)}
    for name, text in pages().items():
        for target, heading in re.findall(r"\]\(([^)#]+)(#[^)]*)?\)", text):
            assert (PAGES / target).exists(), (name, target)
            assert not heading or heading in called, (name, heading)


def test_every_type_and_tag_is_explained() -> None:
    """The index names who asks the rules of each tag, and each folder of rules has its heading."""
    assert set(TAGS) == set(KNOWN_TAGS)
    assert {entity.path.parent.name for entity in rules()} == set(TYPES)
    assert all(f"[{name}]({name}.md)" in index() for name in RULES)


@pytest.mark.parametrize("name", [rule_name(entity) for entity in alerts()])
def test_an_alert_says_what_to_do(name: str) -> None:
    """Urgency, three commands, whom to call: whoever is woken finds them under the alert's name."""
    (entry,) = re.findall(rf"^## {name}$(.*?)^(?=## )", on_call(), re.DOTALL | re.MULTILINE)
    assert len(ASKED.findall(entry)) == 3
    assert all(word in entry for word in ("Urgency: ", "Call next: ", "Ends when: ", "Mend: "))


@pytest.mark.parametrize("key", ["ends", "urgency", "first", "second", "third", "call"])
def test_an_alert_without_its_entry_is_not_loaded(key: str) -> None:
    """Nobody adds an alert and leaves it to others to find out what to do when it is raised."""
    text = (LIVE / "rules" / "monitoring" / "stale_analytics.sql").read_text(encoding="utf-8")
    without = re.sub(rf"^-- {key}: .*\n(--     .*\n)*", "", text, flags=re.MULTILINE)
    assert split_header(text, LIVE, rule=True)
    with pytest.raises(HeaderError, match=f"says what to do when it is raised; it lacks {key}"):
        split_header(without, LIVE, rule=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("-- exempt: no: write a number\n", ""), "'-- exempt: no: <why>' belong together"),
        (("-- exempt: no: write", "-- exempt: write"), "'-- exempt: no: <why>' belong together"),
        (("-- exempt:", "-- call: somebody\n-- exempt:"), "call is said of rules of tag alert only"),
        (("-- exempt:", "-- first: SELECT 1\n-- exempt:"), "first is said of rules of tag alert only"),
    ],
)
def test_a_rule_says_whether_an_exemption_is_sensible(change: tuple[str, str], message: str) -> None:
    """A rule of validations that leaves it open is refused, and so is what only an alert says."""
    text = (LIVE / "rules" / "data_quality" / "loan_number_completeness.sql").read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(HeaderError, match=message):
        split_header(text.replace(*change), LIVE, rule=True)


@pytest.mark.parametrize("first", ["DROP TABLE loan", 'SELECT "id" FROM x', "SELECT $1"])
def test_what_a_shell_would_read_otherwise_is_refused(first: str) -> None:
    """A command is a query or one of rently-db, and stands between double quotes as it is."""
    text = (LIVE / "rules" / "monitoring" / "stale_analytics.sql").read_text(encoding="utf-8")
    with pytest.raises(HeaderError, match="first is a query or a command of rently-db"):
        split_header(re.sub("^-- first: .*$", lambda _: f"-- first: {first}", text, flags=re.MULTILINE), LIVE, rule=True)


def test_a_page_changes_with_its_rule() -> None:
    """What forbids the defect today, and what exemptions are for, stand on the page."""
    text = page(RULES["loan_date_ranges"])
    assert "`loan_dates_check`" in text
    assert "| exemption | yes: of a lease" in text
    assert "nothing: the rule alone sees it" in page(RULES["duplicate_party"])
    assert "`one_payment_per_reference`" in page(RULES["refuses_payment_twice"])


@pytest.fixture(scope="module")
def woken(databases: Databases, live_template: str) -> Iterator[URL]:
    """The book, with an open incident, as a login sees it that has the roles which the page demands and no more."""
    with databases.database(template=live_template) as url:
        (name,) = re.findall(r"member of `(rently_ops)` and `rently_readonly`", on_call())
        run_sql(url, "CREATE ROLE rently_test_woken LOGIN PASSWORD 'x'", f"GRANT {name}, rently_readonly TO rently_test_woken")
        run_sql(url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        run_sql(url, "UPDATE analytics.loan_state SET currency_code = 'JPY'", "SELECT ops.evaluate_alert_rules()")
        try:
            yield url.set(username="rently_test_woken", password="x")
        finally:
            run_sql(url, "DROP OWNED BY rently_test_woken", "DROP ROLE rently_test_woken")


@pytest.mark.parametrize("command", sorted(set(ASKED.findall(on_call()))))
def test_what_whoever_is_on_call_is_told_to_run_works(woken: URL, command: str) -> None:
    """Every command of the page runs with the two roles that the page names: no unknown column, no missing right."""
    words = shlex.split(command)
    assert words[0] == "rently-db"
    if words[1] == "psql":
        with session(woken) as opened:
            opened.rows(words[3])
        return
    done = rently_db(woken, *words[1:])
    assert done.code == 0, done.text


def test_whoever_is_on_call_sees_the_incident_and_takes_it_up(woken: URL) -> None:
    """What the page shows first names the alert and what was found; the one who takes it up is named there."""
    seen, taken = (shlex.split(command)[3] for command in ASKED.findall(on_call())[:2])
    with session(woken) as opened:
        [(incident, rule, severity, cause, found, _, nobody, message)] = opened.rows(seen)
        assert (rule, severity, cause, nobody) == ("fx_rate_missing", "high", "condition", None)
        assert found >= 1
        assert "without a rate" in message
        assert opened.value(taken.replace("1)", f"{incident})")) is True
        assert opened.rows(seen)[0][6] == "rently_test_woken"


def test_what_prevents_a_defect_is_there(own_url: URL) -> None:
    """Constraints, indexes and triggers that pages name exist under these names in a migrated database."""
    with session(own_url) as opened:
        known = set(
            opened.column(
                "SELECT conname::text FROM pg_constraint UNION SELECT relname::text FROM pg_class WHERE relkind = 'i'"
                " UNION SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger"
            )
        )
    named = {name: set(entity.header.rule.constraint) for name, entity in RULES.items() if entity.header.rule}
    assert sum(map(len, named.values())) > 20
    assert {name: names - known for name, names in named.items() if names - known} == {}
