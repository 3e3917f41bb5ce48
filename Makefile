# make without a target lists the targets.
PYTHON ?= python3
BIN := .venv/bin
URL ?=
ARGS ?=
PG ?= 12
TIMES ?= 1
PY ?= 3.13
# Processes that share the tests, each with a server of its own (or databases of its own on the server of URL). A file stays with one of
# them: what its tests share, a migrated book for instance, takes longer to make than to look at.
JOBS ?= 2
SHARED := -n $(JOBS) --dist loadfile --no-loadscope-reorder

# What other versions of Python and of the dependencies can break: models, parser, commands, servers, the way up and down, autogenerate.
SELECTED := tests/models tests/sql tests/cli tests/support tests/test_database.py tests/test_server.py tests/dashboards/test_bundle.py \
	tests/dashboards/test_command.py tests/migrate/test_smoke.py tests/migrate/test_models_match.py tests/ops/test_prometheus.py

.DEFAULT_GOAL := help
.PHONY: help venv check test test-pg test-kills lint squawk types drift new-view new-rule new-revision transcripts docs-views docs-dashboards demo bench-live bench-analytics bench-analytics-million bench-audit bench-dashboards test-superset superset test-pg-cron test-search docs-rules docs-reference docs docs-serve clean
.PHONY: lock dead-code test-python test-lowest docs-licences audit sbom

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 31

venv: .venv/stamp ## the development environment in .venv, with the locked versions

.venv/stamp: pyproject.toml requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "rently-db needs Python 3.11 or newer; name one: make venv PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --require-hashes -r requirements/dev.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --only-binary :all: --custom-compile-command 'make lock'

lock: venv ## requirements/*.lock from pyproject.toml and superset.in, keeping versions that still fit; newer ones: make lock ARGS=--upgrade
	$(LOCK) --extra dev -o requirements/dev.lock pyproject.toml $(ARGS)
	$(LOCK) --extra cli --extra dashboards -c requirements/dev.lock -o requirements/deploy.lock pyproject.toml $(ARGS)
	$(LOCK) --group audit -o requirements/audit.lock $(ARGS)
	$(LOCK) --no-binary odfpy --no-binary wtforms-json -o requirements/superset.lock requirements/superset.in $(ARGS)

test: venv ## all tests; URL=postgresql://... tests on that server, ARGS='tests/cli -x' goes to pytest
	@$(if $(URL),RENTLY_TEST_URL='$(URL)') $(BIN)/pytest $(SHARED) $(ARGS)

test-pg: venv ## tests on another PostgreSQL, fetched once: make test-pg PG=12 (12 to 18)
	RENTLY_TEST_PG='$(PG)' $(BIN)/pytest $(SHARED) $(ARGS)

test-kills: venv ## a deployment killed before and after every commit of both ways, and at 100 moments in between; an hour
	RENTLY_KILLS=100 $(BIN)/pytest -s tests/migrate/test_killed.py $(ARGS)

# An environment of its own below .rently, with what a file names: $(call environment,NAME,PYTHON,FILE).
# A version alone is enough for PYTHON where uv finds it, on PATH or among pyenv's.
define environment
	PYENV_VERSION=$$(pyenv latest '$(2)' 2>/dev/null) $(BIN)/uv venv -q --clear --no-python-downloads --python '$(2)' .rently/$(1)
	$(BIN)/uv pip sync -q --python .rently/$(1)/bin/python $(3)
endef
define selected
	$(BIN)/uv pip install -q --no-deps --no-build-isolation --python .rently/$(1)/bin/python -e .
	.rently/$(1)/bin/python -m pytest $(SHARED) $(SELECTED) $(ARGS)
endef

test-python: venv ## a selection of the tests on another Python, in its own environment: make test-python PY=3.13 (or a path)
	$(call environment,python-$(notdir $(PY)),$(PY),requirements/dev.lock)
	$(call selected,python-$(notdir $(PY)))

test-lowest: venv ## the same selection with the lowest versions of the direct dependencies that pyproject.toml allows
	@mkdir -p .rently
	$(BIN)/uv pip compile -q --upgrade --resolution lowest-direct --only-binary :all: --extra dev -o .rently/lowest.txt pyproject.toml
	$(call environment,lowest,$(BIN)/python,.rently/lowest.txt)
	$(call selected,lowest)

test-search: venv ## other random histories against the oracle in every run, until one differs: make test-search TIMES=20
	for _ in $$(seq $(TIMES)); do RENTLY_SEARCH=1 $(BIN)/pytest -q $(SHARED) tests/analytics/test_oracle_state.py \
		tests/analytics/test_live_state_histories.py tests/test_database.py $(ARGS) || exit 1; done

test-pg-cron: venv ## schedules by pg_cron for real; needs apt-get install postgresql-15 postgresql-15-cron, no cluster of Debian's is used
	$(BIN)/pytest -q -rs tests/ops/test_pg_cron.py $(ARGS)

test-superset: venv ## the dashboards in a real Superset and Chromium; installs Superset once (640 MB), needs chromium
	$(BIN)/pytest -q -rs tests/superset $(ARGS)

check: venv ## before every commit: style, types, the house's rules, links, models, and one migration up and down; a minute
	@begun=$$(date +%s) && $(BIN)/ruff check -q . && $(BIN)/ruff format -q --check . && $(BIN)/mypy && \
		$(BIN)/pytest -q $(SHARED) tests/house tests/models tests/docs/test_pages.py::test_links_lead_somewhere tests/sql/test_catalog.py \
		tests/migrate/test_frozen.py tests/migrate/test_smoke.py && echo "checked in $$(( $$(date +%s) - begun )) s"

lint: venv squawk dead-code ## ruff, sqlfluff, squawk and vulture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 0 rently_db

dead-code: venv ## what nothing uses, says vulture; what only others use is listed in pyproject.toml
	$(BIN)/vulture

squawk: venv ## would a statement of the migration block a live database? squawk reads the scripts of both ways
	$(BIN)/pytest -q tests/test_squawk.py -k 'generated_sql or exclusion'

types: venv ## mypy --strict
	$(BIN)/mypy

drift: venv ## do the models, the revisions, the frozen SQL and the generated pages agree?
	$(BIN)/pytest -q tests/migrate/test_models_match.py tests/migrate/test_frozen.py tests/migrate/test_alembic_checks.py tests/docs/test_pages.py \
		tests/test_docs_rules.py tests/test_docs_views.py tests/docs/test_reference.py --deselect tests/test_docs_views.py::test_the_database_is_as_the_pages_show_it

transcripts: venv ## the transcripts of README.md, docs/deploy.md and docs/operations.md, from real runs
	$(BIN)/python docs/transcripts.py
	$(BIN)/python -m docs.runbook
	$(BIN)/python -m docs.operations

docs-views: venv ## docs/views: a page for each table and view of the analytics, with types and an example from a migrated database
	$(BIN)/python -m docs.views

docs-dashboards: venv ## docs/dashboards.md; its pictures are those of make test-superset
	$(BIN)/python -m docs.dashboards

docs-reference: venv ## docs/reference: tables, functions, commands and settings, from the code
	$(BIN)/python -m docs.reference

docs-rules: venv ## docs/rules and docs/on-call.md: a page for each rule, and what to do when an alert is raised, from the headers
	$(BIN)/python -m docs.rules

docs: venv ## the documentation as a site, in site/; fetches two scripts from npm, once
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build $(ARGS)

docs-serve: venv ## the documentation on http://127.0.0.1:8000, built again as pages change
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve $(ARGS)

new-view: venv ## the files of a new view: make new-view NAME=v_loans_by_region AREA=portfolio
	$(BIN)/rently-db new view '$(NAME)' --area '$(AREA)'

new-rule: venv ## the files of a new rule: make new-rule NAME=names_without_blanks TYPE=data_quality
	$(BIN)/rently-db new rule '$(NAME)' --type '$(TYPE)'

new-revision: venv ## a revision for what models and SQL have and no revision has: make new-revision NAME=v1_region MESSAGE='Region of a loan'
	$(BIN)/rently-db new revision '$(NAME)' --message '$(or $(MESSAGE),$(NAME))'

demo: venv ## the whole way on synthetic data, on the embedded PostgreSQL or on URL=postgresql://...
	@$(if $(URL),RENTLY_DATABASE_URL='$(URL)') $(BIN)/rently-db demo

superset: venv ## the dashboards in Apache Superset on this machine, on the demo database or on URL=postgresql://...; prints logins
	@$(if $(URL),RENTLY_DATABASE_URL='$(URL)') $(BIN)/python -m rently_db.dashboards.superset

docs-licences: venv ## docs/licences.md: the licences of the dependencies
	$(BIN)/python -m docs.licences

# In an environment of its own, made from its lock and kept in uv's cache.
AUDIT := $(BIN)/uv run -q --no-project --isolated --python $(BIN)/python --with-requirements requirements/audit.lock

audit: venv ## is a locked version known to be vulnerable? asks PyPI; needs its JSON API, which mirrors of it often lack
	$(AUDIT) pip-audit --strict --no-deps --disable-pip -r requirements/dev.lock -r requirements/deploy.lock -r requirements/audit.lock $(ARGS)

sbom: venv ## .rently/sbom.json: what a production machine installs, as CycloneDX
	$(call environment,deploy,$(BIN)/python,requirements/deploy.lock)
	$(AUDIT) cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o .rently/sbom.json .rently/deploy

bench-live: venv ## a live migration beside an offline one, kept in docs/benchmarks.md: make bench-live ARGS='--loans 50000'
	$(BIN)/python -m benchmarks.live_migration --keep $(ARGS)

bench-analytics: venv ## views, refreshes, queue and write path, kept in docs/benchmarks.md: make bench-analytics ARGS='--loans 50000'
	$(BIN)/python -m benchmarks.analytics --keep $(ARGS)

bench-analytics-million: venv ## the same at 1,000,000 loans; needs some 120 GB of disk and a night
	$(BIN)/python -m benchmarks.analytics --keep --loans 1000000 $(ARGS)

bench-audit: venv ## what the audit costs who writes, kept in docs/benchmarks.md: make bench-audit ARGS='--loans 5000'
	$(BIN)/python -m benchmarks.audit --keep $(ARGS)

bench-dashboards: venv ## what a reader of each dashboard waits for, alone and among 50: make bench-dashboards ARGS='--url postgresql://...'
	$(BIN)/python -m benchmarks.dashboards --keep $(ARGS)

clean: ## remove .venv, .rently with its data, and caches
	@if [ -L .rently/pg18 ]; then rm -rf "$$(readlink -f .rently/pg18)"; fi
	rm -rf .venv .rently site .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
