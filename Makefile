# make without a target lists the targets.
PYTHON ?= python3
BIN := .venv/bin
URL ?=
ARGS ?=
PG ?= 12
# Processes that share the tests, each with a server of its own (or databases of its own on the server of URL).
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help venv test test-pg lint squawk types drift transcripts demo bench-live clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

venv: .venv/stamp ## the development environment in .venv, with the locked versions

.venv/stamp: pyproject.toml requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "rently-db needs Python 3.11 or newer; name one: make venv PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c requirements/dev.lock -e '.[dev]'
	@touch $@

test: venv ## all tests; URL=postgresql://... tests on that server, ARGS='tests/cli -x' goes to pytest
	@$(if $(URL),RENTLY_TEST_URL='$(URL)') $(BIN)/pytest -n $(JOBS) $(ARGS)

test-pg: venv ## tests on another PostgreSQL, fetched once: make test-pg PG=12 (12 to 18)
	RENTLY_TEST_PG='$(PG)' $(BIN)/pytest -n $(JOBS) $(ARGS)

lint: venv squawk ## ruff, sqlfluff and squawk
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint rently_db/sql

squawk: venv ## would a statement of the migration block a live database? squawk reads the scripts of both ways
	$(BIN)/pytest -q tests/test_squawk.py -k 'generated_sql or exclusion'

types: venv ## mypy --strict
	$(BIN)/mypy

drift: venv ## do the models, the revisions, the frozen SQL and the generated pages agree?
	$(BIN)/pytest -q tests/migrate/test_models_match.py tests/migrate/test_frozen.py tests/migrate/test_alembic_checks.py tests/test_docs.py

transcripts: venv ## the transcripts of README.md and docs/deploy.md, from real runs
	$(BIN)/python docs/transcripts.py
	$(BIN)/python -m docs.runbook

demo: venv ## the whole way on synthetic data, on the embedded PostgreSQL or on URL=postgresql://...
	@$(if $(URL),RENTLY_DATABASE_URL='$(URL)') $(BIN)/rently-db demo

bench-live: venv ## a live migration beside an offline one, kept in docs/benchmarks.md: make bench-live ARGS='--loans 50000'
	$(BIN)/python -m benchmarks.live_migration --keep $(ARGS)

clean: ## remove .venv, .rently with its data, and caches
	@if [ -L .rently/pg18 ]; then rm -rf "$$(readlink -f .rently/pg18)"; fi
	rm -rf .venv .rently .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
