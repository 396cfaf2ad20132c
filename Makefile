# Everything goes through this file; CI runs the same targets. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:

# relative on purpose: the path of the checkout may hold spaces
PYTHON := .venv/bin/python

.PHONY: setup demo check test acceptance drill drills bench contracts docs pictures sbom advisories lock help

setup: ## prepare everything: Python and its packages, PostgreSQL, Kafka, Chromium, the web application
	@bash deploy/setup.sh

demo: setup ## a district on this machine; LIVE=1 with a school day in it, DISTRICT=grandbend the published one
	@DISTRICT="$(DISTRICT)" LIVE="$(LIVE)" SPEED="$(SPEED)" $(PYTHON) -m deploy.demo

check: setup ## the quick checks (under a minute): format, lint, types, layers, generated files
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo .importlinter
	$(PYTHON) -m shared.contracts --check
	$(PYTHON) -m docs.generate --check
	$(PYTHON) -m pytest -q -x services/grades/tests/test_domain.py services/attendance/tests/test_domain.py tests/contracts -p no:cacheprovider

test: setup ## every test; pytest's closing line comes last. JOBS=2: two at a time, a third sooner
	@$(PYTHON) -m pytest $(if $(JOBS),-n $(JOBS))

test-%: setup ## the tests of one service, e.g. make test-grades
	@$(PYTHON) -m pytest services/$*

acceptance: setup ## the promises of docs/requirements.md, one by one, against the running whole
	@$(PYTHON) -m pytest tests/acceptance

# 10# because 08 and 09 are no octal numbers
drill: setup ## break things on purpose and look at what is left: N=04 one drill, SEED=94732 the same again
	@DRILL_SEED=$(SEED) DRILL_BREAK=$(BREAK) DRILL_AWAY=$(AWAY) $(PYTHON) -m pytest -s -m drill tests/drills \
		$(if $(N),-k "fd_$$(printf %02d $$((10#$(N))))")

drills: setup ## every drill, then a soak of mixed faults: MINUTES=20, or SEED=94732 the same again
	@DRILL_BREAK=$(BREAK) $(PYTHON) -m pytest -s -m drill tests/drills
	@DRILL_SEED=$(SEED) DRILL_BREAK=$(BREAK) SOAK_MINUTES=$(MINUTES) $(PYTHON) -m pytest -s -m soak tests/drills

bench: setup ## measure
	@$(PYTHON) -m pytest -m bench tests/bench

contracts: setup ## write the schemas of the events anew from the code
	@$(PYTHON) -m shared.contracts

docs: contracts ## write the generated documents anew
	@$(PYTHON) -m docs.generate

pictures: setup ## take the pictures of the documents in a real browser
	@$(PYTHON) -m docs.take_pictures

sbom: setup ## what the product is made of, as CycloneDX: build/sbom.json
	@$(PYTHON) -m deploy.sbom

advisories: setup ## known weaknesses of what it is made of, asked of PyPI and npm (needs the network)
	@.venv/bin/pip-audit --requirement requirements.lock --no-deps --disable-pip --progress-spinner off
	@$(PYTHON) -m deploy.embedded.node services/portal/web audit --omit=dev

lock: setup ## pin the newest versions that pyproject.toml allows
	.venv/bin/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
		--extra dev pyproject.toml --output-file requirements.lock

help: ## this list
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14
