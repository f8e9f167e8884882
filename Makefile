# Every target makes its own environment: nothing has to be installed or activated first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= out/demo
SERVE ?= out/serve
# A BLAS thread that waits for a busy core spins; two test processes on two cores would stall.
TEST_ENV := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

.PHONY: help setup demo serve audit test lint format bench clean

help: ## List the targets.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/' | awk -F: '{printf "  make %-8s%s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with dohyo installed, for work on dohyo itself.

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dohyo needs Python 3.11 or newer; say make PYTHON=python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing dohyo into $(VENV) (once, a few minutes)"
	@# An old pip takes a minute longer to choose versions.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[demo,serve,lancedb,test,lint]"
	@touch $@

demo: setup ## Draw, embed, measure, align, verify, report; prints where the report is.
	@$(BIN)/dohyo demo --out $(OUT) --overwrite

serve: setup ## Serve the demo on http://127.0.0.1:8765/.
	@$(BIN)/dohyo serve --demo $(SERVE)

audit: setup ## Ask which dependencies have known holes; says so where nobody can be asked.
	@test -x $(BIN)/pip-audit || timeout 90 $(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit 2>/dev/null || true
	@$(BIN)/python .ci/audit

test: setup ## Run every test.
	@$(TEST_ENV) $(BIN)/python -m pytest -n 2 --durations=15

lint: setup ## Check style, types and the directions of the imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Format the code.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## Run the benchmarks and print the tables of docs/benchmarks.md.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bench]"
	@$(BIN)/python benchmarks/main_job.py
	@$(BIN)/python benchmarks/measures.py
	@$(BIN)/python benchmarks/corrections.py
	@$(BIN)/python benchmarks/efficacy.py
	@$(BIN)/python benchmarks/fit_scale.py clumped 200000
	@$(BIN)/python benchmarks/apply.py
	@$(BIN)/python benchmarks/parquet_apply.py
	@$(BIN)/python benchmarks/measure_scale.py

clean: ## Remove the environment and everything made.
	@rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis
