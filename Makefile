# make book | serve | test | quick | weigh | run-in-page | execute | portable | oldest
#      twice | kills | vary | after | notebooks | bench | doctor | hooks | lock | clean
# Each installs its part of requirements.txt into .venv; the next finds it there.

PYTHON ?= python3
PORT ?= 8000
# `make LOCK= …` installs the newest versions instead of the locked ones.
LOCK ?= -c constraints.txt
BIN := .venv/bin
OLDEST := .venv-oldest/bin
PIP := $(BIN)/python -m pip
# pip repeats setuptools' warning that `-e .` is an editable installation. It is.
INSTALL = PYTHONWARNINGS="ignore:Editable installation" \
	$(PIP) install --quiet --disable-pip-version-check $(LOCK)
# Two workers, each with one thread of BLAS: with two, they wait for each other.
TEST = OPENBLAS_NUM_THREADS=1 $(1)/python -m pytest -q -n 2 --dist loadfile
BUILD := $(BIN)/jupyter-book build . --all -W -n --keep-going --quiet

.NOTPARALLEL: # one pip at a time
.PHONY: book serve test quick weigh run-in-page execute portable oldest twice kills \
	vary after notebooks bench doctor hooks lock clean

book: .venv/book
	@$(BUILD)
	@echo "Open _build/html/index.html, or run 'make serve'."

serve: book
	@$(BIN)/python tools/serve.py $(PORT)

test: .venv/test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BUILD)
	@$(call TEST,$(BIN)); units=$$?; \
		$(BIN)/python tools/compare.py && exit $$units

quick: .venv/test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(call TEST,$(BIN)) -m "not slow"

# What each page costs its reader; the time of its scripts, on an idle computer only.
weigh: .venv/test book
	@$(BIN)/python tools/weigh.py

# Every cell on its page, in Chromium; or some: make run-in-page NOTEBOOKS=chapters/loss.ipynb
run-in-page: .venv/test
	@REQUIRE_RUNNER=1 $(BUILD)
	@$(BIN)/python tools/run_in_page.py $(NOTEBOOKS)

execute: .venv/execute
	@$(BIN)/python tools/execute.py

portable: .venv/execute
	@$(BIN)/python tools/portable.py

# The helpers' tests, and all that notebooks print, on the oldest versions admitted.
oldest: .venv-oldest/installed
	@$(call TEST,$(OLDEST)) -m "not slow" tests/test_*.py \
		tests/book tests/engine tests/gpt tests/parallel tests/program algollm_helpers
	@$(OLDEST)/python tools/words.py

twice: .venv/execute
	@$(BIN)/python tools/twice.py

# Does each claim's cell notice when what it rests on is broken? An hour.
kills: .venv/execute
	@$(BIN)/python tools/kills.py --jobs 2

# What becomes of each claim with other seeds, steps and rates? Half an hour.
vary: .venv/execute
	@$(BIN)/python tools/vary.py --jobs 2

# The long runs of the lab of later ideas, anew; or make after AFTER=--check
after: .venv/execute
	@$(BIN)/python tools/after.py $(AFTER)

notebooks: .venv/notebooks
	@$(BIN)/python tools/notebooks.py

bench: .venv-bench/installed
	@.venv-bench/bin/python -m benchmarks.run

HAS_PYTHON = command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here:" \
	"install Python 3.11 to 3.14, or name another: make PYTHON=…"; exit 1; }

doctor:
	@$(HAS_PYTHON)
	@$(PYTHON) tools/doctor.py

# Checks before each commit, and differences of notebooks that can be read.
hooks: .venv/test .venv/tools
	@$(BIN)/pre-commit install
	@git config diff.notebook.textconv "python3 tools/notebook_text.py"

# All pins anew, for Linux and macOS and every Python from 3.11 on.
lock: .venv/tools
	@grep -v '^-c' requirements.txt | $(BIN)/uv pip compile --quiet --upgrade - \
		tools/requirements.txt --universal --python-version 3.11 \
		--no-emit-package algollm-helpers --annotation-style line \
		--custom-compile-command "make lock" -o constraints.txt
	@git diff --stat constraints.txt

clean:
	rm -rf .venv .venv-bench .venv-oldest _build build

# The part of requirements.txt that is named like the target. --no-build-isolation:
# this package, too, is built by what is locked.
.venv/%: requirements.txt pyproject.toml .venv/pip
	@echo "Installing into .venv what 'make $*' needs …"
	@sed -n '/^# $*:/,/^$$/p' requirements.txt | grep . >$@.txt
	@$(INSTALL) --no-build-isolation -r $@.txt
	@$(PIP) check
	@mv $@.txt $@

.venv/execute: .venv/book
.venv/notebooks: .venv/execute
.venv/test: .venv/notebooks

.venv/pip: constraints.txt
	@$(HAS_PYTHON)
	@report=$$($(PYTHON) tools/doctor.py) || { echo "$$report"; exit 1; }
	@$(PYTHON) -m venv .venv
	@sed -n '/^# pip:/,/^$$/p' requirements.txt | grep . >$@.txt
	@$(INSTALL) --upgrade -r $@.txt
	@mv $@.txt $@

.venv/tools: tools/requirements.txt .venv/pip
	@$(INSTALL) -r tools/requirements.txt
	@touch $@

# What tools/oldest.txt names comes from there, the rest as locked. No NumPy is built.
.venv-oldest/installed: tools/oldest.txt constraints.txt requirements.txt pyproject.toml
	@$(HAS_PYTHON)
	@$(PYTHON) -c 'import sys; own = "%d.%d" % sys.version_info[:2]; sys.exit( \
		own not in ("3.11", "3.12") and "NumPy 2.0 runs on Python 3.11 and 3.12, " \
		"not on " + own + ": make oldest PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear .venv-oldest
	@names=$$(sed -n 's/==.*//p' tools/oldest.txt | paste -sd'|' -); \
		grep -vE "^($$names)==" constraints.txt | cat tools/oldest.txt - >$@.constraints
	@$(OLDEST)/python -m pip install --quiet --disable-pip-version-check \
		-c $@.constraints --upgrade pip setuptools
	@sed -n '/^# book:/,/^# notebooks:/p' requirements.txt | grep -v '^#' >$@.txt
	@PYTHONWARNINGS="ignore:Editable installation" $(OLDEST)/python -m pip install \
		--quiet --only-binary numpy,matplotlib --no-build-isolation \
		-c $@.constraints -r $@.txt
	@mv $@.txt $@

# PyTorch, JAX and Numba, for the benchmarks alone; a CPU build of PyTorch will do.
.venv-bench/installed: benchmarks/requirements.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	@.venv-bench/bin/python -m pip install --quiet --no-deps -e .
	@touch $@
