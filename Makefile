# The front door: one target for each stage, in the order in which data flows. Paths and names can be set from outside.
PATHWAY ?= kidney_disease
PEOPLE  ?= 20000
SEED    ?= 1
WORK    ?= work
PRACTICE ?= P83609
SOURCE  ?= $(WORK)/population
ARGS    ?=

UV      := .uv/bin/uv
UV_PIN  := uv==0.13.9
PYTHON  ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV    := .venv
RUN     := $(VENV)/bin/python
STAMP   := $(VENV)/.locked

# No library of ours or of others calls home, whatever its default.
export DO_NOT_TRACK := 1
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_DISABLE_TELEMETRY := true
export OTEL_SDK_DISABLED := true

.DEFAULT_GOAL := help
.PHONY: help setup system-packages demo population population-report features train mlflow serve list review check test bench external docs clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

system-packages:  ## Install what Python packages cannot bring (needs root, Debian or Ubuntu): libgomp1 for LightGBM
	apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1

setup: $(STAMP)  ## Install everything from the lock file into .venv

$(STAMP): uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.13 is needed"; exit 1; }
	@test -x $(UV) || { $(PYTHON) -m venv .uv && .uv/bin/python -m pip install -q --disable-pip-version-check "$(UV_PIN)"; }
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --compile-bytecode --python $(PYTHON) $(if $(CI),--quiet,)
	@touch $(STAMP)

demo: setup  ## From nothing to explained answers on port 3000 and a monitoring report (ARGS=--once ends after printing)
	@$(RUN) demo.py $(ARGS)

population: setup  ## Write a synthetic OMOP population of two regions (PEOPLE, SEED)
	$(RUN) -m synthetic --people $(PEOPLE) --seed $(SEED) --out $(SOURCE) $(ARGS)

population-report: setup  ## Hold the population in SOURCE against published figures, and draw it (written first if absent)
	@test -f $(SOURCE)/person.parquet || $(RUN) -m synthetic --people $(PEOPLE) --seed $(SEED) --out $(SOURCE)
	$(RUN) -m synthetic.report --source $(SOURCE) --out $(WORK)/population-report.html $(ARGS)

features: setup  ## Build the feature tables of PATHWAY (or all) from SOURCE
	$(RUN) -m features $(PATHWAY) --source $(SOURCE) --out $(WORK)/features $(ARGS)

train: setup  ## Train PATHWAY (or all), judge it and register it in MLflow
	$(RUN) -m training $(PATHWAY) --source $(SOURCE) $(ARGS)

mlflow: setup  ## Open MLflow's pages on http://127.0.0.1:5000
	$(VENV)/bin/mlflow ui --host 127.0.0.1 --port 5000 --backend-store-uri $(or $(RISK_TRACKING_URI),sqlite:///$(WORK)/mlflow.db)

serve: setup  ## Answer on http://127.0.0.1:3000
	$(VENV)/bin/bentoml serve serving.service:RiskService --host 127.0.0.1 --port 3000

list: setup  ## Whom PRACTICE is to see first in PATHWAY, why, and what to do (ARGS="--capacity 20 --csv FILE")
	$(RUN) -m serving list $(PATHWAY) --practice $(PRACTICE) --source $(SOURCE) $(ARGS)

review: setup  ## Review PATHWAY (or all) by region: drift, calibration, fairness
	$(RUN) -m monitoring $(PATHWAY) --source $(SOURCE) $(ARGS)

check: setup  ## Format, lint, types, import contracts, definitions, generated documents
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(RUN) docs/generate.py --check

test: setup  ## Run every test
	$(VENV)/bin/pytest -n 2 --dist loadfile $(ARGS)

bench: setup  ## Ratios against a bare scan and a bare server, in one run
	$(RUN) -m bench $(ARGS)

external: setup  ## Run on third-party data sets (RISK_SHARED, else ../shared) and write docs/external/
	$(RUN) -m external $(ARGS)

docs: setup  ## Rebuild the generated documents
	$(RUN) docs/generate.py

clean:  ## Remove what was made, not what was installed
	rm -rf $(WORK)
