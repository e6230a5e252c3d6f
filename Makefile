# Everything runs in .venv; nothing else of the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: demo test coverage check setup hooks lock tables map reference pictures troubles clean

demo: $(READY)
	$(BIN)/emag demo $(ARGS)

# What audits the pages is fetched once, where there is npm; without it those tests are skipped.
test: $(READY)
	@$(BIN)/python tests/axe.py
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

# What the tests run through, for all of emag or with ROOMS for some of its rooms. Measuring makes the
# tests half as long again.
ROOMS ?=
coverage: $(READY)
	$(BIN)/pytest -n auto --dist worksteal --cov-report=term:skip-covered \
		$(if $(ROOMS),$(foreach room,$(ROOMS),--cov=emag.$(room) tests/emag/$(room)),--cov=emag --cov=subscribers)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(READY)

# Runs "make check" before each commit.
hooks: $(READY)
	git config core.hooksPath .githooks

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "emag needs Python 3.11 or newer; say which: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once; about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Two locks: requirements.lock for developers, requirements.operator.lock without test tools. Both hold
# names, versions and hashes for every platform. Needs uv (pip install uv).
# pip wants the extras in the lock where it checks hashes.
COMPILE := uv pip compile --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --quiet pyproject.toml
lock:
	$(COMPILE) --upgrade --group dev --extra postgres --extra shots --extra sso -o requirements.lock
	$(COMPILE) --extra postgres --extra sso --constraint requirements.lock -o requirements.operator.lock

# Each tables.py from emag/rows, and the first revision anew: only before 0.2.0 is released.
tables: $(READY)
	$(BIN)/python emag/migrations/revise.py --first
	$(BIN)/ruff format --quiet emag/migrations

# What is made from the code: the map of docs/architecture.md, docs/rules.md, docs/reference and the
# manual page.
map: $(READY)
	$(PYTHON) docs/draw_map.py
	$(PYTHON) docs/draw_rules.py
	@test ! -x $(BIN)/emag || $(BIN)/python docs/draw_reference.py

reference: $(READY)
	$(BIN)/python docs/draw_reference.py

# The pictures of docs/images, taken of the demo; needs Chromium.
pictures: $(READY)
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/contact_sheets.py
	EMAG_FILM=docs/images $(BIN)/pytest -q tests/emag/web/desk/test_week.py -k passkey

# docs/troubles.md: what emag says in a week of troubles. Takes some minutes.
troubles: $(READY)
	PYTHONPATH=. $(BIN)/python docs/draw_troubles.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
