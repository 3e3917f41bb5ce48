"""The dashboards' definitions and the bundle made of them; no database is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.dashboards import PAGE, page
from rently_db.dashboards import DASHBOARDS, Audience, Dashboard, Panel
from rently_db.dashboards.bundle import bundle, chart_uuid, dataset_uuid, zipped
from rently_db.dashboards.charts import columns_read, drawn
from rently_db.dashboards.columns import written
from rently_db.dashboards.coverage import REQUIREMENTS
from rently_db.dashboards.model import Figures, Table
from rently_db.sql.catalog import load_catalogue

PANELS = [(dashboard, panel) for dashboard in DASHBOARDS for panel in dashboard.panels]
NAMES = [f"{dashboard.key}.{panel.key}" for dashboard, panel in PANELS]


@cache
def loaded() -> dict[str, Any]:
    """The files of the bundle, read as Superset reads them."""
    return {path: yaml.safe_load(content) for path, content in bundle().items()}


def test_there_are_eleven_and_each_has_its_readers():
    """The eleven dashboards are there, in order, and each role sees those it was promised."""
    assert [dashboard.number for dashboard in DASHBOARDS] == list(range(1, 12))
    seen = {role: {d.number for d in DASHBOARDS if role in d.roles} for role in Audience}
    assert seen == {
        Audience.EXECUTIVE: set(range(1, 12)),
        Audience.RISK: {1, 4, 5, 7, 10},
        Audience.PORTFOLIO: {1, 3, 4, 6},
        Audience.COLLECTIONS: {3, 4},
        Audience.ANALYST: set(range(1, 12)) - {3},
        Audience.AUDITOR: {5, 10},
        Audience.TREASURY: {2, 11},
    }


def test_every_figure_and_visual_has_a_panel_or_a_reason():
    """Nothing that was asked for is forgotten, nothing is covered that nobody asked for, and a reason is a sentence."""
    covered = Counter(key for _, panel in PANELS for key in panel.covers)
    reasons = {each.requirement: each.reason for dashboard in DASHBOARDS for each in dashboard.no_source}
    assert set(covered) | set(reasons) == set(REQUIREMENTS)
    assert not set(covered) & set(reasons)
    assert all(len(reason.split()) > 4 for reason in reasons.values())
    for dashboard in DASHBOARDS:
        for key in [*(key for panel in dashboard.panels for key in panel.covers), *(each.requirement for each in dashboard.no_source)]:
            assert key.partition(".")[0] == dashboard.key, key


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.key)
def test_a_page_fits(dashboard: Dashboard):
    """Keys are unique, rows fit the page, cards come first, tables last, and the first screen has few panels."""
    keys = [panel.key for panel in dashboard.panels]
    assert len(keys) == len(set(keys))
    assert all(sum(panel.width for panel in row.panels) <= 12 for row in dashboard.rows)
    # Traffic lights are a table, and belong to the ratios that they light.
    kinds = [type(panel.chart).__name__ for panel in dashboard.panels if panel.key != "lights"]
    assert kinds[0] == "Figures"
    assert "Table" not in kinds or all(kind == "Table" for kind in kinds[kinds.index("Table") :])
    assert len(kinds) <= 12
    assert len(json.dumps(loaded()[f"dashboards/{dashboard.key}.yaml"]["position"])) < 65_535


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.key)
def test_figures_lead_to_loans(dashboard: Dashboard):
    """The link below the cards goes to a list of loans, on a page that every reader of this one may open."""
    [cards] = [panel.chart for panel in dashboard.panels if isinstance(panel.chart, Figures)]
    other, _, key = cards.loans.rpartition(".")
    page_of_loans = next(each for each in DASHBOARDS if each.key == (other or dashboard.key))
    listed = next(panel for panel in page_of_loans.panels if panel.key == key)
    assert isinstance(listed.chart, Table)
    assert "loan_number" in listed.chart.columns
    assert set(dashboard.roles) <= set(page_of_loans.roles)
    template = loaded()[f"charts/{dashboard.key}_figures.yaml"]["params"]["handlebarsTemplate"]
    assert f'href="/superset/dashboard/{page_of_loans.key}/#CHART-{key}"' in template
    assert f"CHART-{key}" in loaded()[f"dashboards/{page_of_loans.key}.yaml"]["position"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.key)
def test_a_page_is_of_one_company(dashboard: Dashboard):
    """The filter always holds one company, so that no sum mixes currencies; it leaves out panels that compare companies, and no other."""
    content = loaded()[f"dashboards/{dashboard.key}.yaml"]
    [company] = content["metadata"]["native_filter_configuration"]
    controls = company["controlValues"]
    assert (controls["enableEmptyFilter"], controls["defaultToFirstItem"], controls["multiSelect"]) == (True, True, False)
    assert company["requiredFirst"] is True
    assert company["targets"] == [{"datasetUuid": dataset_uuid("dashboard_figure"), "column": {"name": "legal_entity_name"}}]
    numbers = {block["meta"]["uuid"]: block["meta"]["chartId"] for block in content["position"].values() if "CHART" in str(block)[:20]}
    left_out = [numbers[chart_uuid(dashboard.key, panel.key)] for panel in dashboard.panels if panel.all_companies]
    assert company["scope"]["excluded"] == sorted(left_out)
    assert len(set(numbers.values())) == len(dashboard.panels)


def test_the_same_definitions_give_the_same_bytes():
    """Another process, with other hashes, writes the same archive: a review sees what changed, and nothing else."""
    script = "import hashlib; from rently_db.dashboards.bundle import bundle, zipped; print(hashlib.sha256(zipped(bundle())).hexdigest())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_bundle_holds_no_password_and_no_sql():
    """Passwords come with the import; a dataset is a view, and every measure a column with an aggregate."""
    files = loaded()
    assert re.fullmatch(r"postgresql\+psycopg2://\w+:X+@localhost:5432/rently", files["databases/rently.yaml"]["sqlalchemy_uri"])
    for path, content in files.items():
        if path.startswith("datasets/"):
            assert "sql" not in content
            assert content["metrics"] == []
            assert not any("expression" in column for column in content["columns"])
        if path.startswith("charts/"):
            text = json.dumps(content)
            assert '"expressionType": "SQL"' not in text.replace('\\"', '"')


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=NAMES)
def test_a_chart_asks_for_what_its_browser_page_asks_for(dashboard: Dashboard, panel: Panel):
    """The query that the API runs reads the columns and measures that the controls name, and its file knows its dataset."""
    content = loaded()[f"charts/{dashboard.key}_{panel.key}.yaml"]
    assert content["uuid"] == chart_uuid(dashboard.key, panel.key)
    context = json.loads(content["query_context"])
    [query] = context["queries"]
    assert context["form_data"] == content["params"]
    controls = json.dumps(content["params"])
    for name in query["columns"]:
        assert f'"{name}"' in controls or f'\\"{name}\\"' in controls
    assert {each["label"] for each in query["metrics"] or ()} <= set(re.findall(r'"label": "([^"]+)"', controls))
    assert set(columns_read(dashboard, panel)) <= set(written()[panel.view])
    assert drawn(dashboard, panel, written()[panel.view]).viz_type == content["viz_type"]


def test_persons_are_named_on_the_worklist_of_collections_only():
    """No view of another dashboard has a column that says who somebody is: whoever opens a dashboard can ask its views for any column."""
    personal = {entity.name for entity in load_catalogue() if entity.kind in ("view", "matview") and entity.header.personal}
    assert {dashboard.key for dashboard, panel in PANELS if panel.view in personal} == {"collections"}


def test_collections_sees_its_own_company_only():
    """Row-level security filters by legal_entity_id: every view of a dashboard that collections opens has it."""
    views = {panel.view for dashboard, panel in PANELS if Audience.COLLECTIONS in dashboard.roles}
    assert [view for view in sorted(views) if "legal_entity_id" not in written()[view]] == []


def test_the_page_says_what_the_definitions_say():
    """docs/dashboards.md is generated; run python -m docs.dashboards."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_links_of_the_page_lead_somewhere():
    """Views, pictures and pages that docs/dashboards.md names are there."""
    text = PAGE.read_text(encoding="utf-8")
    broken = [target for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text) if not (PAGE.parent / target).exists()]
    assert broken == []
    anchors = set(re.findall(r"\]\(#([^)]+)\)", text))
    heads = {
        "".join(c for c in head.lower() if c.isalnum() or c in " -").replace(" ", "-")
        for head in re.findall(r"^## (.+)$", text, re.MULTILINE)
    }
    assert anchors <= heads


def test_the_archive_has_one_folder(tmp_path: Path):
    """Superset wants every file below one folder."""
    import zipfile

    file = tmp_path / "bundle.zip"
    file.write_bytes(zipped(bundle()))
    with zipfile.ZipFile(file) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"rently"}
        assert len(archive.namelist()) == len(bundle())
