# The commands of this repository. `make demo` to see it work, `make test` before every push.

PYTHON ?= python3
CARGO ?= cargo
VENV := .venv
# Touched when the virtual environment is complete: a broken half of one is made again.
VENV_READY := $(VENV)/ready
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo test lives bench schedules kills proofs docs fmt lint build release clean tools

help: ## This list
	@while IFS= read -r line; do case $$line in \
		[a-z.]*:*'##'*) printf '  make %-9s %s\n' "$${line%%:*}" "$${line#*## }" ;; \
	esac; done < Makefile

demo: ## Make, change and destroy the quickstart's service on the simulated AWS (KEEP=1: keep it, to look at)
	@$(SHELL) scripts/require.sh cargo cc terraform
	@bash scripts/demo.sh

test: tools $(VENV_READY) ## Everything that must hold: format, tests (with the real terraform), lints
	@$(SHELL) scripts/require.sh rustfmt clippy browser
	$(CARGO) fmt --check
	INSTA_UPDATE=no $(CARGO) test --locked
	$(CARGO) clippy --locked --all-targets -- -D warnings
	@echo "make test: format, tests and lints are all in order."

# These three in a profile of their own (Cargo.toml): optimised, or they would take days.
LONG := $(CARGO) test --locked --profile lives --test aws

lives: ## Ten thousand lives of a service on the simulated AWS in bad weather, each from a seed (make test: 500)
	@$(SHELL) scripts/require.sh cargo cc
	FARGATE_LIVES=$${FARGATE_LIVES:-10000} $(LONG) lives:: -- --nocapture

bench: ## Every crash, fault, failure, lost state, meeting and stranger at every call, counted by class (make test: a part)
	@$(SHELL) scripts/require.sh cargo cc
	FARGATE_BENCH=all $(LONG) bench:: -- --nocapture --skip schedules::

schedules: ## A hundred thousand random schedules of works and disturbances, each from a seed (make test: 500)
	@$(SHELL) scripts/require.sh cargo cc
	FARGATE_SCHEDULES=$${FARGATE_SCHEDULES:-100000} $(LONG) schedules:: -- --nocapture

kills: ## kill -9 of provider or terraform at two hundred sampled moments (make test: ten)
	@$(SHELL) scripts/require.sh cargo cc terraform
	FARGATE_KILLS=$${FARGATE_KILLS:-200} $(CARGO) test --locked --test aws killed:: -- --nocapture

proofs: lives bench schedules kills ## These four, one after the other: more than two hours on two cores

docs: ## Write docs/ anew from the schema, the examples and what the tests of the attributes find
	@$(SHELL) scripts/require.sh cargo cc
	FARGATE_UPDATE_DOCS=1 $(CARGO) test --locked --test protocol -- docs:: permissions::
	FARGATE_UPDATE_DOCS=1 $(CARGO) test --locked --test aws surface::

fmt: ## Format the source
	$(CARGO) fmt

lint: ## Format check and lints only
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

build: ## Build the provider for development
	@$(SHELL) scripts/require.sh cargo cc
	$(CARGO) build --locked

release: ## Build the provider as it is released
	@$(SHELL) scripts/require.sh cargo cc
	$(CARGO) build --locked --release

clean: ## Remove everything that was built
	rm -rf target $(VENV)

# Named before anything is built, all that is missing at once.
tools:
	@$(SHELL) scripts/require.sh cargo cc terraform python

$(VENV): $(VENV_READY) ## The emulator's virtual environment (tests and demo make it themselves)
.PHONY: $(VENV)

$(VENV_READY): tests/emulator/requirements.txt
	@$(SHELL) scripts/require.sh python
	@echo "Python's virtual environment for the emulator ($(VENV))"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
