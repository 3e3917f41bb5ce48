"""docs/how-to/testing.md is true: its tests pass in a service's project, and what it names exists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from rently_db.models import Base
from rently_db.testing import factories
from tests.support.migrations import ROOT

pytest_plugins = ["pytester"]

PAGE = (ROOT / "docs" / "how-to" / "testing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_tests_on_the_page_pass(service: Callable[..., pytest.RunResult], pytester: pytest.Pytester):
    """A developer who copies every example of the page, each into a file, sees all of them pass."""
    first, *others = blocks("python")
    pytester.makepyfile(**{f"test_example_{number}": text for number, text in enumerate(others)})
    service(first).assert_outcomes(passed=len(re.findall(r"^def test_", PAGE, re.MULTILINE)))


def test_the_settings_on_the_page_are_taken(service: Callable[..., pytest.RunResult]):
    """Every ini option of the page is one that the plugin reads, and the date is taken as the page writes it."""
    (text,) = blocks("toml")
    options: dict[str, Any] = tomllib.loads(text)["tool"]["pytest"]["ini_options"]
    arguments = [part for key, value in options.items() if key != "rently_url" for part in ("-o", f"{key}={value}")]
    source = f"""
        def test_it(rently_business_date, request):
            assert str(rently_business_date) == {options["rently_business_date"]!r}
            assert all(request.config.getini(name) is not None for name in {[*options, "rently_server"]!r})
    """
    service(source, "--strict-config", *arguments).assert_outcomes(passed=1)


def test_the_page_names_every_fixture(service: Callable[..., pytest.RunResult]):
    """Each fixture that the plugin offers is on the page, and none that it does not offer."""
    offered = set(re.findall(r"^(rently_\w+)", "\n".join(service("", "--fixtures", "-q").outlines), re.MULTILINE))
    named = {name for row in re.findall(r"^\| `rently_.*?\|", PAGE, re.MULTILINE) for name in re.findall(r"`(rently_\w+)`", row)}
    assert offered - {"rently_databases", "rently_template"} == named


def test_there_is_a_factory_for_each_model_as_the_page_says():
    """One for each model, named after it."""
    assert {f"{mapper.class_.__name__}Factory" for mapper in Base.registry.mappers} == set(factories.__all__) - {
        "BUSINESS_DATE",
        "RentlyFactory",
        "using",
    }
