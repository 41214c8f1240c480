# Every command of this repository. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Some containers forbid Python to keep what it compiled: then each of the hundred processes that the tests start compiles it all again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS   ?=

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | \
		while IFS=$$'\t' read -r name what; do printf '  make %-17s %s\n' "$$name" "$$what"; done

.PHONY: demo
demo: $(VENV)/.project ## set up, start everything with a demonstration business, print where to click (FRESH=1: begin anew)
	@exec $(BIN)/ringback demo $(if $(FRESH),--fresh) $(ARGS)

.PHONY: setup
setup: $(VENV)/.dev ## make .venv with everything in it (needs only Python 3.11 or newer)
	@echo "setup: ready; try 'make demo' or 'make test'"

$(VENV)/.created:
	@bash scripts/make_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.run: requirements/build.txt requirements/run.txt $(VENV)/.created
	@echo "setup: installing the locked packages (a minute or two the first time)"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.project: $(VENV)/.run pyproject.toml hatch_build.py FORCE
	@$(BIN)/python scripts/build_web.py
	@if [ ! -e $@ ] || [ pyproject.toml -nt $@ ] || [ hatch_build.py -nt $@ ] || [ $(VENV)/.run -nt $@ ]; then \
		echo "setup: installing ringback itself"; \
		$(PIP) install --no-deps --no-build-isolation --editable . && touch $@; fi

$(VENV)/.dev: $(VENV)/.project requirements/dev.txt
	@if [ ! -e $@ ] || [ requirements/dev.txt -nt $@ ]; then \
		echo "setup: installing the tools for tests and checks"; \
		$(PIP) install --require-hashes -r requirements/dev.txt; fi
	@touch $@

.PHONY: FORCE
FORCE:

.PHONY: web
web: $(VENV)/.run ## build the widget and the pages into the package (skipped when nothing changed)
	@$(BIN)/python scripts/build_web.py

.PHONY: test
test: $(VENV)/.dev system-packages ## run the tests: unit, property, database, journeys (ARGS="-k name" to choose)
	@bash scripts/run_tests.sh $(BIN)/python $(ARGS)

.PHONY: test-postgres15
test-postgres15: $(VENV)/.dev system-packages ## run the database tests on Debian's postgresql-15 over TCP
	@RINGBACK_TEST_POSTGRES=15 $(BIN)/python -m pytest -n 3 --dist loadgroup tests/postgres tests/workflows $(ARGS)

.PHONY: journey
journey: $(VENV)/.dev system-packages ## people meet in real browsers, from the chat to the talk
	@$(BIN)/python -m pytest -m "journey and not asterisk and not channel" $(ARGS)

.PHONY: telephony
telephony: $(VENV)/.dev system-packages ## real Asterisks, real SIP telephones: the carriers' suite, and calls between them
	@$(BIN)/python -m pytest -m asterisk $(ARGS)

$(VENV)/.channels: $(VENV)/.dev requirements/channels.txt
	@if [ ! -e $@ ] || [ requirements/channels.txt -nt $@ ]; then \
		echo "setup: installing the channels' peers (Synapse, matrix-nio, the SDKs)"; \
		$(PIP) install --require-hashes -r requirements/channels.txt; fi
	@touch $@

.PHONY: channels
channels: $(VENV)/.channels system-packages ## every channel through one suite, against an independent peer where there is one
	@$(BIN)/python -m pytest -m channel $(ARGS)

.PHONY: faults
faults: $(VENV)/.dev ## kill and stall every process at every step and count what was lost (ARGS="--rounds 50")
	@$(BIN)/python -m tests.faults $(ARGS)

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

.PHONY: bench-when
bench-when: $(VENV)/.bench ## times in customers' words, read as they are meant, beside dateparser (ARGS="--cases FILE")
	@$(BIN)/python benchmarks/bench_when.py $(ARGS)

.PHONY: conversations
conversations: $(VENV)/.dev ## 500 scripted conversations in six languages against the real workflows: what was booked is what was meant
	@RINGBACK_TEST_CONVERSATIONS=500 $(BIN)/python -m pytest tests/conversations -s $(ARGS)

.PHONY: bench
bench: $(VENV)/.bench ## run the benchmarks; each prints a table
	@for benchmark in benchmarks/bench_*.py; do echo "== $$benchmark"; $(BIN)/python "$$benchmark" $(ARGS); done

.PHONY: bench-booking
bench-booking: $(VENV)/.dev ## places of slots beside a plain counter, and offers in a large business (ARGS="--rounds 3")
	@$(BIN)/python benchmarks/bench_booking.py $(ARGS)

.PHONY: bench-accept
bench-accept: $(VENV)/.bench ## requests accepted, by 1 and by 64 callers, beside pgqueuer's bare enqueue and pgbench; then kill -9
	@$(BIN)/python benchmarks/bench_accept.py $(ARGS)

.PHONY: bench-telephony
bench-telephony: $(VENV)/.dev system-packages ## callbacks through a real Asterisk beside a bare loop on the same far ends (ARGS="--soak 600 --rate 10")
	@$(BIN)/python benchmarks/bench_telephony.py $(ARGS)

.PHONY: bench-due
bench-due: $(VENV)/.bench ## 5,000 and 20,000 timers due at one instant: the greatest lateness, beside pgqueuer
	@$(BIN)/python benchmarks/bench_due.py $(ARGS)

.PHONY: bench-idle
bench-idle: $(VENV)/.bench ## one timer due on an idle system, beside a bare NOTIFY wake-up
	@$(BIN)/python benchmarks/bench_idle.py $(ARGS)

.PHONY: bench-offers
bench-offers: $(VENV)/.bench ## offers for one queue among 1,000, with 10,000 and with 1,000,000 callbacks
	@$(BIN)/python benchmarks/bench_offers.py $(ARGS)

.PHONY: bench-scale
bench-scale: $(VENV)/.bench ## accept, offers and dispatch with 10 thousand, 100 thousand and 1 million open callbacks (ARGS="--sizes 10000 100000")
	@$(BIN)/python benchmarks/bench_scale.py $(ARGS)

.PHONY: bench-crash
bench-crash: $(VENV)/.bench ## a process with leased timers is killed: when another has done its work
	@$(BIN)/python benchmarks/bench_crash.py $(ARGS)

.PHONY: bench-http
bench-http: $(VENV)/.dev ## callbacks booked over HTTP by 64 connections, beside a bare Litestar server that keeps each request
	@$(BIN)/python benchmarks/bench_http.py $(ARGS)

.PHONY: bench-start
bench-start: $(VENV)/.bench ## ringback serve until it is healthy, and what memory it holds
	@$(BIN)/python benchmarks/bench_start.py $(ARGS)

.PHONY: bench-promise
bench-promise: $(VENV)/.dev ## the estimate beside simple rules and QLA with true rates, on logs made from real arrivals (ARGS="--case 30")
	@$(BIN)/python -m benchmarks.bench_promise $(ARGS)

.PHONY: bench-days
bench-days: $(VENV)/.dev ## twenty open days of real arrivals through the rules: promises kept, announced, broken (ARGS="--html DIR")
	@$(BIN)/python benchmarks/bench_days.py $(ARGS)

.PHONY: check
check: $(VENV)/.dev ## what CI checks before tests: format, lint, import contracts, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --cache-dir .cache/import-linter
	@$(BIN)/mypy
	@$(BIN)/python scripts/build_web.py npm run --silent check

.PHONY: format
format: $(VENV)/.dev ## put the code in its one format and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lock
lock: ## compile requirements/*.txt again, versions and hashes only (UPGRADE=1: to the newest releases)
	@bash scripts/lock.sh "$(PYTHON)" $(if $(UPGRADE),--upgrade)

.PHONY: system-packages
system-packages: ## on Debian as root: install the browser and PostgreSQL that tests use; elsewhere say what is missing
	@bash scripts/system_packages.sh
