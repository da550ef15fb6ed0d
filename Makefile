# One command at home and in CI. `make help` lists them.

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
VENV    := .venv
BIN     := $(VENV)/bin
WORKERS ?= 3
ARGS    ?=
SOURCES  = $(wildcard archiver migrations tests benchmarks hatch_build.py)
PIP      = -m pip --disable-pip-version-check install --quiet
DEV_ENV := .cache/atproto
# Archives sync each capture to disk, which takes much of the time of tests; in memory, where there is room for them, it takes none.
SHM     := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 {print $$4}')" -gt 8000000 ] && echo /dev/shm)
IN_RAM   = $(if $(SHM),TMPDIR=$(SHM))

# A machine that keeps Python from keeping what it compiled has it compile the archiver anew at each start; tests start it often.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

# ---- what a person asks for

.PHONY: demo
demo: $(VENV)/.stamp ## Run the whole story on a simulated city, in a folder of its own
	$(BIN)/archiver demo $(ARGS)

.PHONY: all
all: check test ## Everything before a commit: check and test

.PHONY: check
check: format-check lint types imports ## Format, lint, types and import contract; seconds, no tests

.PHONY: test
test: $(VENV)/.stamp tools ## The tests, warnings as errors (ARGS="tests/store -k fts": some of them)
	$(IN_RAM) $(BIN)/python -m pytest $(if $(strip $(ARGS)),$(ARGS),-n $(WORKERS) --dist loadgroup)

# Counting branches takes thrice the time. The acceptance tests start whole commands by the hundred, and the contract
# suite does to each platform what its own tests do to it: their branches are not counted.
UNCOUNTED = tests/acceptance tests/platforms/contract

.PHONY: coverage
coverage: $(VENV)/.stamp tools ## The tests with branch coverage and its floor
	$(IN_RAM) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term $(UNCOUNTED:%=--ignore=%)

.PHONY: test-postgres
test-postgres: $(VENV)/.stamp ## The store's tests on this machine's own PostgreSQL instead of the embedded one
	ARCHIVER_TEST_POSTGRES=system $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -k "not sqlite" tests/store $(ARGS)

.PHONY: test-real
test-real: $(VENV)/.stamp $(DEV_ENV)/.stamp ## Archive a real Bluesky network on loopback (needs Node 20 and npm)
	ATPROTO_DEV_ENV=$(CURDIR)/$(DEV_ENV) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m real --timeout 900 tests/real $(ARGS)

.PHONY: bench
bench: $(VENV)/.stamp ## Measure against the floor
	$(BIN)/python -m benchmarks $(ARGS)

# ---- the parts of `make check`, and what repairs them

.PHONY: format-check
format-check: $(VENV)/.stamp
	$(BIN)/ruff format --check $(SOURCES)

.PHONY: lint
lint: $(VENV)/.stamp
	$(BIN)/ruff check $(SOURCES)

.PHONY: types
types: $(VENV)/.stamp
	$(BIN)/mypy $(SOURCES)

.PHONY: imports
imports: $(VENV)/.stamp
	$(BIN)/lint-imports

.PHONY: fix
fix: $(VENV)/.stamp ## Format, and repair what the linter can
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# ---- environments

.PHONY: venv
venv: $(VENV)/.stamp ## The development environment (.venv)

$(VENV)/.stamp: requirements/dev.txt pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=/path/to/python3")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) --require-hashes -r requirements/dev.txt
	$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: tools
tools: .venv-pywb/.stamp .venv-datasette/.stamp ## Other people's readers of our files, each in its own environment

.venv-%/.stamp: requirements/%.txt
	test -x .venv-$*/bin/python || $(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python $(PIP) --require-hashes -r $<
	@touch $@

# better-sqlite3 is compiled, which takes minutes when the compiler is to make it fast; the headers beside node spare a download.
NODE_HEADERS = $(shell node -e 'const d = path.dirname(path.dirname(process.execPath)); \
	fs.existsSync(d + "/include/node/node.h") && console.log(d)' 2>/dev/null)

$(DEV_ENV)/.stamp: tests/real/package.json tests/real/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null \
		|| { echo "Node 18.7 or newer, with npm, runs the Bluesky servers: install nodejs and npm (Node 20 is tested)." >&2; exit 1; }
	mkdir -p $(DEV_ENV)
	cp $^ $(DEV_ENV)/
	cd $(DEV_ENV) && CFLAGS=-O0 CXXFLAGS=-O0 npm_config_nodedir=$(NODE_HEADERS) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

UV_COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

.PHONY: requirements
requirements: $(VENV)/.stamp ## Resolve requirements/*.txt anew (hashes, no index named)
	$(UV_COMPILE) pyproject.toml --extra postgres -o requirements/runtime.txt
	$(UV_COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(UV_COMPILE) requirements/pywb.in -o requirements/pywb.txt
	$(UV_COMPILE) requirements/datasette.in -o requirements/datasette.txt

.PHONY: clean
clean: ## Remove everything that these commands made
	rm -rf .venv .venv-* .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		.coverage .coverage.* build dist htmlcov
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
