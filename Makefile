# Everything runs in .venv, which tools/setup_venv.py makes and keeps.
# Targets are phony and paths relative, so that spaces in the folder's name do no harm.

.DEFAULT_GOAL := help
.PHONY: help course test test-all bench pictures clean

# Runs the setup script with any Python there is; the script finds one that is new enough, or says what to do.
SETUP = found=; for p in python3 python python3.13 python3.12 python3.11 "$(PYTHON)"; do \
	  if "$$p" -c "" >/dev/null 2>&1; then found=$$p; break; fi; done; \
	if [ -z "$$found" ]; then echo "cmelab needs Python 3.11 or newer, and found none. Install one \
	(https://www.python.org/downloads), or name one: make course PYTHON=/path/to/python3.12" >&2; exit 1; fi; \
	exec "$$found" tools/setup_venv.py --python "$(PYTHON)"

# Two processes, each file of tests in one of them; ARGS="-n 0" runs all in one, as a debugger needs.
PYTEST = -m pytest -n 2 --dist loadfile

help:
	@echo "make course     install, then open the course in JupyterLab      ARGS=\"--port 8899 --no-browser\""
	@echo "make test       install, then run the tests (under 20 minutes)    ARGS=\"tests/test_cli.py -x\""
	@echo "make test-all   every mode and the long corpora (under 1 hour)"
	@echo "make bench      measure speed and print tables                    ARGS=benchmarks/bench_NAME.py"
	@echo "make pictures   take the pictures of docs/widgets.md from the real pages"
	@echo "make clean      remove .venv and everything made by the above"
	@echo "PYTHON=/path/to/python3.12 chooses the Python that .venv is made with."

course:
	@$(SETUP) -m cmelab course $(ARGS)

test:
	@$(SETUP) --dev $(PYTEST) -m "not slow" $(ARGS)

test-all:
	@$(SETUP) --dev $(PYTEST) $(ARGS)

pictures:
	@$(SETUP) --dev tools/picture_widgets.py

bench:
	@($(SETUP) --dev) && for b in $(or $(ARGS),benchmarks/bench_*.py); do .venv/bin/python "$$b" || exit 1; done

clean:
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache build dist screenshots benchmarks/results
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
