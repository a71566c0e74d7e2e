# What a newcomer, a developer and CI call; the environment is the project's own, in .venv.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help reproduce test test-slow test-least test-newest test-referees check format lint types browser \
	bench bench-smoke pictures reference data clean

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

reproduce: .venv/user  ## set up and run the whole experiment: python -m mdsbench
	$(BIN)/python -m mdsbench

test: .venv/developer browser  ## set up what the tests need and run them
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n auto

test-slow: .venv/developer browser  ## the tests that take long, or need torch, which is large
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[autodiff]'
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow -n auto --durations 12 --ignore tests/test_commands.py

test-least:  ## what uses libraries, with the least versions that pyproject.toml allows, on the oldest Python here
	@test -x .venv-least/bin/python || $$(.ci/python oldest) -m venv .venv-least
	@.venv-least/bin/python .ci/least.py > .venv-least/constraints.txt
	@.venv-least/bin/python -m pip install -q -c .venv-least/constraints.txt -e '.[test]'
	@$(call with_libraries_of,.venv-least)

test-newest:  ## the same with the newest versions that can be had, on the newest Python here
	@test -x .venv-newest/bin/python || $$(.ci/python newest) -m venv .venv-newest
	@.venv-newest/bin/python -m pip install -q --upgrade --upgrade-strategy eager -e '.[test]'
	@$(call with_libraries_of,.venv-newest)

# The developer's packages and, in a folder of their own, the referees as they stand in their list, without dependencies.
test-referees: .venv-referees  ## our statistics against those of cocopp, OptiProfiler and lifelines
	@PYTHONPATH=$(CURDIR)/.venv-referees:$(CURDIR)/src OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
	$(BIN)/python -m pytest -W ignore --disable-warnings tests/referees

.venv-referees: tests/referees/constraints.txt | .venv/developer
	@rm -rf $@
	@$(BIN)/python -m pip install -q --no-deps --no-compile --target $@ -r $<
	@touch $@

# Warnings of a library about another one are not ours. Kernels are compiled by each version of Numba into its own cache.
USE_LIBRARIES := tests/store tests/solvers/test_libraries.py tests/problems/test_user_data.py \
	tests/report/figures/test_labels.py tests/report/figures/test_geography.py tests/mds/test_stress.py tests/test_api.py
with_libraries_of = export NUMBA_CACHE_DIR=$(CURDIR)/$(1)/numba OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1; \
	$(1)/bin/python -m pytest -W default tests/test_commands.py && \
	$(1)/bin/python -m pytest -W default -m "not slow" $(USE_LIBRARIES)

check: format lint types  ## everything that is checked without running

format: .venv/developer  ## is everything formatted? (ruff format mends it)
	$(BIN)/ruff format --check .

lint: .venv/developer  ## lint, and imports only point down
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/developer  ## strict types
	$(BIN)/mypy

bench-smoke: .venv/developer  ## every benchmark once, against the checkout
	cd benchmarks && ../$(BIN)/asv machine --yes >/dev/null && ../$(BIN)/asv run --quick --show-stderr --python=same --launch-method forkserver

bench: .venv/developer  ## the benchmarks, measured, and their pages: benchmarks/.asv/html/index.html
	cd benchmarks && ../$(BIN)/asv machine --yes >/dev/null && \
	../$(BIN)/asv run --show-stderr --launch-method forkserver --environment existing --set-commit-hash $$(git rev-parse HEAD) && \
	../$(BIN)/asv publish

pictures: reproduce  ## the README's pictures, from a fresh report
	cp reports/reproduction/animations/cities-34.gif reports/reproduction/figures/scaling.png docs/images/

reference: .venv/developer  ## run the campaign scaling, half an hour on one core, and write reports/reference/ from it
	$(BIN)/mdsbench run scaling --jobs 1 --store reports/scaling.sqlite
	$(BIN)/python benchmarks/reference.py reports/scaling.sqlite --readme README.md

data: .venv/developer  ## make the files in data/ anew
	$(BIN)/pip install -q -c constraints.txt -e '.[data]'
	for name in cities places best_known best_known_variants best_known_places coastline; do $(BIN)/python data/make_$$name.py || exit 1; done

clean:  ## remove what was made
	rm -rf .venv* reports/reproduction benchmarks/.asv

.venv/user: pyproject.toml constraints.txt
	@echo "setting up .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

.venv/developer: .venv/user
	@echo "adding what the tests and checks need ..."
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[test,check,bench]'
	@touch $@

# The page is tested in a real browser; where none is installed and we may, Debian's is.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "installing Chromium ..." && \
	  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; } || \
	echo "there is no Chromium: the tests that open the page in one are skipped; install it with your package manager"
