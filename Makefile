# Two commands on a fresh machine with Python 3.11, git and make: 'make demo' and 'make test'.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
EXTRAS := .venv/.extras
DATA ?=
OUT ?= out

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench docs lock clean

help: ## show these lines
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(READY): requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Vostro needs Python 3.11 or newer; this is {v[0]}.{v[1]}. Try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

$(EXTRAS): $(READY) requirements/spark.txt requirements/embeddings.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/embeddings.txt
	@touch $(EXTRAS)

setup: $(READY) ## make the virtual environment with the locked packages

demo: $(READY) ## a generated bank: a campaign decided, answered and measured
	$(BIN)/vostro demo --folder $(OUT)/demo

test: $(EXTRAS) ## every test; says what it skipped and why
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(PYTEST)

lint: $(EXTRAS) ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## every benchmark, one JSON object each; DATA=folder adds those on real data
	$(BIN)/vostro bench load
	$(BIN)/vostro bench rules
	$(BIN)/vostro bench audience
	$(BIN)/vostro bench audience-portrait
	$(BIN)/vostro bench tags
	$(BIN)/vostro bench as-of
	$(BIN)/vostro bench events
	$(if $(DATA),$(BIN)/vostro run examples/term_deposit --data $(DATA) --json)
	$(if $(DATA),$(BIN)/vostro bench waves --data $(DATA))
	$(if $(DATA),$(BIN)/vostro bench link --data $(DATA))
	$(if $(DATA),$(BIN)/vostro bench insight --data $(DATA))

docs: $(READY) ## write the generated tables of docs/ anew
	$(BIN)/python -c "from pathlib import Path; from vostro.cli import app; from vostro.console import write_pages; write_pages(Path('docs'), app)"
	$(BIN)/python tests/docs/error_page.py

lock: $(READY) ## write requirements/lock.txt anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --generate-hashes \
	  --python-version 3.11 --extra test --extra rivals --extra recommend --extra wealth --extra embeddings pyproject.toml requirements/build.in -o requirements/lock.txt
	grep -o '"pyspark==.*"' pyproject.toml | tr -d '"' | $(BIN)/uv pip compile --quiet --no-header --no-annotate \
	  --no-emit-index-url --generate-hashes --python-version 3.11 - -o requirements/spark.txt

clean: ## remove the virtual environment, caches and output
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache $(OUT)
