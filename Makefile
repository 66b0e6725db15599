# Two commands are enough on a new machine: `make demo` and `make test`.

BIN := .venv/bin
LOCKS := requirements.lock requirements-dev.lock
COMPILE := $(BIN)/uv --no-config pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --fork-strategy fewest --no-build --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint audit licenses format shell lock screenshots permissions bench-matching bench-scheduling bench-uniform races proofs kills development

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## Build .venv with the mentorship command in it, and nothing else
	@sh tools/setup

demo: setup ## Run the demo: PORT=… changes its port, RESET=1 starts it afresh
	@exec $(BIN)/mentorship demo $(if $(PORT),--port $(PORT)) $(if $(filter 1 yes,$(RESET)),--reset)

test: development ## Run the whole suite, or what ARGS="…" names to pytest
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m pytest $(ARGS)

lint: development ## Check style, security, formatting, import contracts, types and the locks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python tools/licenses.py --check \
		|| { echo 'docs/licenses.md is not what the lock installs: "make licenses".' >&2; exit 1; }
	@! grep -nE '://|file:|^ *-(-index|-extra|-find|i|f)' $(LOCKS) /dev/null \
		|| { echo 'A lock names an address: make it with "make lock".' >&2; exit 1; }

audit: development ## Look for known holes in the code and in what the lock installs
	@$(BIN)/python tools/audit.py

licenses: development ## Write docs/licenses.md for what the lock installs
	@$(BIN)/python tools/licenses.py

format: development ## Put the code into the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

shell: setup ## Open a Python shell on the product
	@exec $(BIN)/mentorship shell

lock: development ## Write the locks anew for pyproject.toml; ARGS=--upgrade takes new releases
	@$(COMPILE) --group build $(ARGS) -o requirements.lock
	@$(COMPILE) --group build --group dev -c requirements.lock $(ARGS) -o requirements-dev.lock

screenshots: development ## Take the pictures that the documentation shows
	@$(BIN)/python -m tests.chromium
	@$(BIN)/python -m tests.screenshots

permissions: development ## Write docs/security/permissions.md anew from the table of permissions
	@$(BIN)/python -m tests.permissions_page

bench-matching: development ## Measure the matching engine against others; ARGS="--sizes 100x40"
	@$(BIN)/python -m benchmarks.matching $(ARGS)

bench-scheduling: development ## Measure free times and calendars; ARGS="--rounds 101"
	@$(BIN)/python -m benchmarks.scheduling $(ARGS)

bench-uniform: development ## Measure whether time tells of other chapters' records; ARGS="--rounds 100"
	@$(BIN)/python -m benchmarks.uniform $(ARGS)

RACING = tests/scheduling/test_collisions.py tests/scheduling/standing/test_standing_races.py \
	tests/scheduling/groups/test_group_races.py tests/scheduling/conference/test_meetup_races.py

races: development ## Run each race of the booking 200 times, or RACES=… times
	@RACES=$(or $(RACES),200) $(BIN)/python -m pytest -n 0 $(RACING) $(ARGS)

proofs: development ## Try the wall between chapters with 10,000 requests, or PROOFS=…
	@PROOFS=$(or $(PROOFS),10000) $(BIN)/python -m pytest -n 0 tests/security/test_tenancy_proof.py $(ARGS)

kills: development ## Kill a worker at 200 moments, or KILLS=… of them
	@KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -n 0 tests/jobs/test_killed.py $(ARGS)

development:
	@sh tools/setup --dev
