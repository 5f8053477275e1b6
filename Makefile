# The recipes that people, pre-commit and CI share. Each sets up what it needs.

PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
READY := .venv/.ready
ASSESSMENTS := $(notdir $(patsubst %/,%,$(wildcard solutions/[ax]*/)))
DEMO := a01_digits a02_convnet

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check lint assignments bench hostile faults image container-check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install everything into it

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"{sys.executable} is Python {sys.version.split()[0]}; 3.11 or later is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { echo "No virtual environment could be made; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing Keras, CPU TensorFlow and the rest into .venv (2.5 GB; some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY) ## build and verify the sample course, grade a small class of it
	$(BIN)/autograder assign $(DEMO)
	$(BIN)/autograder verify $(DEMO)
	@set -e; for id in $(DEMO); do \
		$(BIN)/python docs/examples/make_class.py $$id "build/$$id/class"; \
		$(BIN)/autograder grade $$id "build/$$id/class" --output "$(CURDIR)/results/demo/$$id"; \
	done

test: $(READY) ## run the tests, but for the slow ones
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "not slow"

test-all: $(READY) ## run every test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

lint: $(READY) ## format, lint, types and import contracts; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test-all ## all that CI holds: lint and every test

assignments: $(READY) ## build the student release of every assessment
	$(BIN)/autograder assign $(ASSESSMENTS)

bench: $(READY) ## run one benchmark: make bench NAME=overhead
	@test -n "$(NAME)" || { echo "Which one? make bench NAME=<name>; there are: $(filter-out cells figures,$(notdir $(basename $(wildcard benchmarks/[a-z]*))))" >&2; exit 2; }
	@if [ -f benchmarks/$(NAME).py ]; then $(BIN)/python benchmarks/$(NAME).py; \
	elif [ -f benchmarks/$(NAME)/__main__.py ]; then $(BIN)/python benchmarks/$(NAME); \
	else echo "There is no benchmark $(NAME); there are: $(filter-out cells figures,$(notdir $(basename $(wildcard benchmarks/[a-z]*))))" >&2; exit 2; fi

hostile: $(READY) ## attack the grader with everything in tests/hostile, and print what came of it
	$(BIN)/python -m tests.hostile

KILLS ?= 1000
faults: $(READY) ## kill everything there is to kill while classes are graded, and count the harm
	$(BIN)/python -m tests.faults --kills $(KILLS)

BASE ?= python:3.11-slim
image: $(READY) ## make the container image (make image BASE=debian where no registry is reachable)
	$(BIN)/autograder image build --base $(BASE)

container-check: $(READY) ## make the image from Debian packages and grade a submission in it
	.ci/containers
