# Everything this project does, by name. `make` alone lists it.
# The environment lives in .venv and is installed again only when a lock file changed.

PYTHON := .venv/bin/python
MAKEFLAGS += --no-print-directory
# Each worker and each program of the tests would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check lock messages vendor venv venv-dev

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv ## Serve Gatepass on http://localhost:8000 (PORT, HOST, DATA_DIR, DATABASE_URL)
	@GLIBC_TUNABLES=$${GLIBC_TUNABLES:-glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1} exec $(PYTHON) manage.py serve

test: venv-dev ## Run the tests on SQLite and on PostgreSQL (T=path narrows them)
	@$(PYTHON) tools/run_tests.py $(T)

check: venv-dev ## Format, lint, types, import contracts, migrations, deploy check, locks
	@$(PYTHON) tools/check.py

lock: venv-dev ## Choose versions anew and write both lock files, with hashes
	@$(PYTHON) tools/lock.py

messages: venv-dev ## Bring the German catalogue up to date with the texts, and compile it
	@$(PYTHON) tools/messages.py

vendor: venv-dev ## Fetch the browser assets named in the vendor manifest
	@$(PYTHON) tools/vendor.py

venv:
	@sh tools/venv.sh requirements.lock

venv-dev:
	@sh tools/venv.sh requirements-dev.lock
