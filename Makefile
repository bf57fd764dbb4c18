# Loyalty Commons: `make demo` runs it, `make test` tests it, `make check` says whether a change is ready.
# Every target makes its own environment in .venv with plain Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
# What Python has compiled is kept, whatever the environment says: the tests begin dozens of processes.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO ?= data/demo
PORT ?= 8000

.PHONY: demo semantic test quick check format faults bench bench-profile bench-import bench-figures bench-search relevance quality pictures package first-answer lock chromium clean

demo: .venv/runtime
	$(BIN)/loyalty --data $(DEMO) demo --port $(PORT)

semantic: .venv/runtime
	$(PIP) install --require-hashes -r requirements-semantic.lock

test: .venv/development chromium
	$(PYTEST)

quick: .venv/development
	$(PYTEST) -q -m "not postgres and not browser and not slow" --ignore tests/faults

check: .venv/development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/loyalty schema check
	$(PYTEST) -q -m "not browser and not slow"

format: .venv/development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: .venv/development
	LOYALTY_TEST_ROUNDS=long $(BIN)/python -m pytest -q tests/faults tests/schema/test_authorization.py tests/schema/plans tests/knowledge/test_life_cycle.py tests/knowledge/test_ladder_machine.py tests/knowledge/transfer/test_vault.py tests/server/test_never_wrong.py

quality: .venv/development chromium
	LOYALTY_TEST_QUALITY=write $(BIN)/python -m pytest -q tests/browser/test_accessibility.py -k every_look

bench: .venv/development
	$(BIN)/python -m tests.bench.measure $(ONLY) $(if $(BENCH_FOLDER),--folder $(BENCH_FOLDER)) $(BENCH)

bench-profile: .venv/development
	$(BIN)/python -m tests.bench.profile $(CASE) $(if $(BENCH_FOLDER),--folder $(BENCH_FOLDER))

bench-import: .venv/development
	$(BIN)/python -m tests.bench.bulk $(FEEDBACK)

bench-figures: .venv/development
	$(BIN)/python -m tests.bench.figures $(FEEDBACK) $(ANSWERS)

bench-search: .venv/development
	$(BIN)/python -m tests.bench.search $(ENTRIES)

relevance: .venv/development
	$(BIN)/python -m tests.bench.relevance $(COLLECTION) $(if $(SEMANTIC),--semantic) $(if $(CORPUS_LANGUAGE),--language $(CORPUS_LANGUAGE))

pictures: .venv/development chromium
	$(BIN)/python -m tests.browser.pictures
package: .venv/bin/python
	$(BIN)/python -m tests.bench.package

first-answer:
	$(PYTHON) tests/bench/first_answer.py

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	{ command -v apt-get >/dev/null && test "$$(id -u)" = 0 && echo "Installing Chromium for the browser tests." && \
	  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; } || \
	{ echo "The browser tests need Chromium: install the package chromium (as root: apt-get install chromium), or put google-chrome on the path."; exit 1; }

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra postgres --extra metrics pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra postgres --extra metrics --extra semantic pyproject.toml -o requirements-semantic.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra postgres --extra metrics --extra semantic --group dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv dist data frontend/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Loyalty Commons needs Python 3.11 or newer; set PYTHON to one." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.lock pyproject.toml build_hook.py
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

.venv/development: .venv/bin/python requirements-dev.lock pyproject.toml build_hook.py
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --editable .
	@touch $@ .venv/runtime
