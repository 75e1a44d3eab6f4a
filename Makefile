# Vigil. `make` lists the targets.

CORES ?= 2
PYTHON := .venv/bin/python
SNAKEMAKE := $(PYTHON) -m snakemake
DEMO_RIG := --animals 5 --labelled 3 --minutes 8 --channels 8 --seed 2026

# one thread per job: jobs run side by side, and BLAS on small matrices is slower with more
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help install demo test test-fast lint format graph bench bench-page docs schemas lock pose-model clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/.done .venv-pose/.done ## make both environments from their pins (6 GB)

# uv of this machine where there is one, else one of our own
UV := $(or $(shell command -v uv),.uv/bin/uv)

.uv/bin/uv:
	@python3.11 -c "import ensurepip, venv" 2>/dev/null || \
	  { echo "Python 3.11 with its venv module is needed: apt-get install python3.11-venv"; exit 1; }
	@python3.11 -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

.venv/.done: envs/vigil.txt pyproject.toml | $(UV)
	@echo "Installing the environment of the workflow (.venv) ..."
	@$(UV) venv --quiet --clear --python 3.11 .venv
	@$(UV) pip install --quiet --compile-bytecode --python .venv --require-hashes -r envs/vigil.txt
	@$(UV) pip install --quiet --python .venv --no-deps -e .
	@touch $@

.venv-pose/.done: envs/pose.txt | $(UV)
	@echo "Installing the environment of DeepLabCut (.venv-pose); PyTorch makes this a few GB ..."
	@$(UV) venv --quiet --clear --python 3.11 .venv-pose
	@$(UV) pip install --quiet --compile-bytecode --python .venv-pose --require-hashes -r envs/pose.txt
	@touch $@

.venv-bench/.done: envs/bench.txt | $(UV)
	@echo "Installing the environment of the benchmarks' peers (.venv-bench) ..."
	@$(UV) venv --quiet --clear --python 3.11 .venv-bench
	@$(UV) pip install --quiet --compile-bytecode --python .venv-bench --require-hashes -r envs/bench.txt
	@touch $@

demo/rig/recordings.tsv: | install
	@echo "Simulating a rig ..."
	@rm -rf demo/rig && $(PYTHON) -m vigil.cli simulate demo/rig $(DEMO_RIG)

demo: install demo/rig/recordings.tsv ## simulate a small rig, run the whole workflow over it, say where the report is
	@$(SNAKEMAKE) --directory demo --cores $(CORES) --quiet reason host --config recordings=rig/recordings.tsv
	@$(PYTHON) -m vigil.cli agreement demo/rig demo/results --out demo/agreement.tsv
	@echo "The report of all recordings: $(CURDIR)/demo/results/cohort/index.html"

test: install ## run all tests, in as many processes as CORES says
	@$(PYTHON) -m pytest -n $(CORES)

test-fast: install ## run the tests that need no workflow
	@$(PYTHON) -m pytest -n $(CORES) -m "not workflow and not real"

lint: install ## ruff, snakefmt, mypy, codespell, snakemake --lint
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m snakefmt --check Snakefile rules
	@$(PYTHON) -m mypy
	@$(PYTHON) -m codespell_lib --ignore-words-list trough,zar --skip '*.min.js,*/pose/model/*' README.md CHANGELOG.md docs vigil rules scripts tests
	@$(SNAKEMAKE) --lint --directory tests/workflow/lint --config recordings=recordings.tsv

format: install ## format the code
	@$(PYTHON) -m ruff check --fix-only .
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m snakefmt Snakefile rules

graph: demo/rig/recordings.tsv ## draw the graph of rules: build/graph.png and .svg
	@mkdir -p build
	@$(SNAKEMAKE) --directory demo --config recordings=rig/recordings.tsv --rulegraph dot 2>/dev/null > build/graph.dot
	@for kind in png svg; do $(PYTHON) docs/draw_graph.py build/graph.$$kind < build/graph.dot; done
	@echo "build/graph.png build/graph.svg"

bench: bench-transfer bench-downsample bench-spectra bench-pose bench-kinematics bench-sleep bench-seizures bench-cohort_early bench-workflow ## run all benchmarks; bench-<stage> runs one, BENCH="--quick" makes it short

bench-downsample: .venv-bench/.done

bench-%: .venv/.done
	@$(PYTHON) benchmarks/$*.py $(BENCH)

bench-page: ## bring the results of the benchmarks into docs/performance.md
	@$(PYTHON) benchmarks/page.py

docs: schemas graph ## write what is generated in the manual: config.yaml, schemas, the graph, the features
	@$(PYTHON) -m vigil.spectra.feature_page
	@cp build/graph.png docs/images/graph.png

schemas: .venv/.done ## write config.yaml and schemas/ from the models
	@$(PYTHON) -m vigil.schemas

pose-model: .venv-pose/.done ## train the pose model that ships, on simulated video alone
	@PYTHONPATH=. .venv-pose/bin/python -m vigil.pose.train --out vigil/pose/model

# what Vigil's kernel and its peers share is of one version in both environments
MEASURED_TOGETHER := ^(llvmlite|mne|neo|numba|numpy|scipy)==

lock: $(UV) ## resolve the environments anew: envs/*.txt and envs/*.yaml
	@mkdir -p build
	@for group in vigil pose bench; do \
	  if [ $$group = vigil ]; then what="pyproject.toml --group workflow --group dev"; else what="--group pyproject.toml:$$group"; fi; \
	  if [ $$group = bench ]; then \
	    grep -E '$(MEASURED_TOGETHER)' envs/vigil.txt | sed 's/ *\\$$//' > build/same.txt; what="$$what -c build/same.txt"; fi; \
	  $(UV) pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header \
	    --no-emit-index-url --no-annotate $$what -o envs/$$group.txt; done
	@python3 envs/conda.py

clean: ## remove what make made, but not the environments
	rm -rf demo build .pytest_cache .mypy_cache .ruff_cache
