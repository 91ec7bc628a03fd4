# make book | serve | test | execute | portable | notebooks | bench | clean
# The first of them installs into .venv; the next find it there.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
BUILD := $(BIN)/jupyter-book build . --all -W -n --keep-going --quiet

.PHONY: book serve test execute portable notebooks bench clean

book: .venv/installed
	@$(BUILD)
	@echo "Open _build/html/index.html, or run 'make serve'."

serve: book
	@echo "The book is at http://127.0.0.1:$(PORT)/ (Ctrl-C ends it)."
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: .venv/installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BUILD)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile; units=$$?; \
		$(BIN)/python tools/validate.py && exit $$units

execute: .venv/installed
	@$(BIN)/python tools/execute.py

portable: .venv/installed
	@$(BIN)/python tools/portable.py

notebooks: .venv/installed
	@$(BIN)/jupyter lab chapters

bench: .venv-bench/installed
	@.venv-bench/bin/python -m benchmarks.run

clean:
	rm -rf .venv .venv-bench _build

.venv/installed: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
		{ echo "There is no '$(PYTHON)' here: install Python 3.11 to 3.13, or name one: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' || \
		{ echo "AlgoLLM needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V): name another with make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: python3-venv)"; exit 1; }
	@echo "Installing into .venv, once (about 800 MB) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip check
	@touch $@

# PyTorch, JAX and Numba, for the benchmarks alone; a CPU build of PyTorch will do.
.venv-bench/installed: benchmarks/requirements.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	@.venv-bench/bin/python -m pip install --quiet --no-deps -e .
	@touch $@
