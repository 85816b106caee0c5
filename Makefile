# The two commands of the README are `make demo` and `make test`; `make check` is what CI runs before the tests.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
KERNELS := $(wildcard edge/ext/*.pyx edge/ext/*.pxd)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Tools of the environment call one another by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test torture fuzz check lint kernels docs figures clean

demo: $(VENV)/.demo
	$(BIN)/edge demo

test: $(VENV)/.test
	bash .ci/test

# A night's lot of faults: kills, power cuts, full and failing disks, bad links, five gigabytes of backlog.
# What it finds is kept for the page of results.
torture: $(VENV)/.test
	$(BIN)/python -m tests.torture --full

# A million inputs for the tag decoders, for every night; CI runs a short part with the tests.
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz.tags --count 1000000 --seed $(or $(SEED),$(shell date +%Y%m%d))

check: lint test

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cython-lint edge

# Everything that is generated and committed: schemas, command and metric pages, boards.
docs: $(VENV)/.test
	$(BIN)/python -m tests.generate

# Every figure of docs/results.md, measured again on this machine (a quarter of an hour).
figures: $(VENV)/.test
	$(BIN)/python -m tests.bench.results

$(VENV)/.demo: pyproject.toml setup.py $(KERNELS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

$(VENV)/.test: pyproject.toml setup.py $(KERNELS)
	$(PYTHON) -m venv $(VENV)
	EDGE_REQUIRE_EXT=1 $(BIN)/pip install --quiet --editable '.[demo,test]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info artifacts
	find edge -name '*.so' -delete
