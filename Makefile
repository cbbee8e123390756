# make serve: the page, with the demo documents, on 127.0.0.1:7860.   make test: every test.   make check: lint, format, types.
# make quick: the tests without the browser and the slow ones (TESTS="tests/test_when.py -x": some of them, other options).
# make bench: budgets, speeds, ranking, answers (PART=budgets, PART=formats, PART="search --sizes 1000", PART=answers: a part of it).
# make bench-langchain: an environment for LangChain, which make bench then measures too (2 GB, some minutes).
# make bench-page: the page with 50 users (PART=burst: with 200 at once; PART=ingest: beside an ingest of 1,000 documents).
# Each makes .venv first where it is missing or older than what it is made from. Only Python, pip and make are needed.

PYTHON ?= python3
VENV ?= .venv
STORE ?= store
PORT ?= 7860
TESTS ?=
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

bin := $(VENV)/bin
pip := $(bin)/python -m pip
torch := $(shell grep '^torch==' constraints.txt)
pytest := $(bin)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

.PHONY: setup serve test quick check bench bench-langchain bench-page torch

setup: $(VENV)/ready

serve: setup
	$(bin)/duban ingest eval/suites/demo/documents --store $(STORE)
	$(bin)/duban serve --store $(STORE) --host 127.0.0.1 --port $(PORT)

# As many processes as cores, four at the most: each makes the stores that its tests share.
test: setup
	$(pytest)

# Properties are tried on a quarter of the examples.
quick: setup
	$(pytest) -m 'not slow and not browser' --hypothesis-profile quick $(TESTS)

check: setup
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy

bench: setup
	$(pip) install --quiet -c constraints.txt --no-build-isolation -e '.[bench]'
	$(bin)/python -m eval.bench $(PART)

bench-langchain:
	$(PYTHON) -m venv .bench/langchain
	@$(MAKE) --no-print-directory torch VENV=.bench/langchain
	grep -v '^huggingface_hub==' constraints.txt > .bench/constraints.txt
	.bench/langchain/bin/python -m pip install -c .bench/constraints.txt -r eval/bench/langchain.txt

bench-page: setup
	$(bin)/python -m tests.load --part $(or $(PART),page)

# The build backend is installed first and used without isolation, so that its versions too are those of constraints.txt.
$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Duban needs Python 3.11 or newer: make setup PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@$(MAKE) --no-print-directory torch
	$(pip) install -c constraints.txt hatchling editables
	$(pip) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

# A CPU build of torch is 0.2 GB; the build that PyPI has for Linux brings several GB of CUDA packages. So, in turn: what is
# installed already or lies where pip is told to look for files; a CPU build in pip's own indexes; one in TORCH_INDEX, which
# may be out of reach (then this costs seconds); the plain build.
torch:
	@trap 'exit 130' INT; \
	$(pip) install --no-deps --no-index '$(torch)' 2>/dev/null \
	|| $(pip) install --no-deps '$(torch)+cpu' 2>/dev/null \
	|| { echo 'torch: no CPU build at hand; asking $(TORCH_INDEX)'; \
	     $(pip) install --no-deps --index-url '$(TORCH_INDEX)' --timeout 10 --retries 0 '$(torch)+cpu' 2>/dev/null; } \
	|| { echo 'torch: no CPU build there either, or it is out of reach; taking the plain build,'; \
	     echo '       which on Linux brings GPU packages of several GB (make setup TORCH_INDEX=URL names another index)'; \
	     $(pip) install -c constraints.txt '$(torch)'; }
