# Everything a person needs to say: make demo, make test. The rest is for those who work on it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
DR := $(VENV)/bin/dr
# Tests wait for servers and containers as often as they work, the kill and fault matrices more than that.
WORKING ?= $(shell $(PYTHON) -c 'import os; print(max(3, os.cpu_count() or 1))')
WAITING ?= 4
PY := $(VENV)/bin/python

.PHONY: help demo test serve lint format bench docs image lock screenshots clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

demo: $(VENV)/.ready ## the laptop-size world: bot, workspace, databases, S3, a storyline
	$(DR) demo

test: $(VENV)/.ready ## the whole test suite
	$(PY) -m pytest -n $(WORKING) --dist loadgroup --ignore tests/matrix $(PYTEST_ARGS)
	$(PY) -m pytest -n $(WAITING) --dist loadgroup tests/matrix $(PYTEST_ARGS)

serve: $(VENV)/.ready ## the bot alone, for real
	$(DR) serve

lint: $(VENV)/.ready ## format check, lint, types, import layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

format: $(VENV)/.ready ## format, and fix what can be fixed
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(VENV)/.ready ## the table of numbers
	$(PY) -m tests.bench

docs: $(VENV)/.ready ## the catalogue of actions, made from the actions
	$(PY) -m bot.catalogue > docs/actions.md.new && mv docs/actions.md.new docs/actions.md

image: ## the container image
	docker build -t drbot .

screenshots: $(VENV)/.ready ## the README's pictures, made from the real workspace
	$(PY) -m tests.screenshots

lock: $(VENV)/.ready ## pin and hash the dependencies anew
	$(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.txt
	$(VENV)/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements-dev.txt

clean: ## forget the virtual environment and the demo's state
	rm -rf $(VENV) var

# --no-deps: the lock file is complete; the project itself is installed without building isolation surprises.
$(VENV)/.ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "drbot needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
