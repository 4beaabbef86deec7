# The two commands are `make demo` and `make test`. GNU make 3.81 is enough; see CONTRIBUTING.md.
PYTHON ?= python3
RUN := .venv/bin/
PYTEST := $(RUN)python -P -m pytest
EVENTS ?= 20000

.PHONY: demo test test-all test-clients soak lint bench screenshots clean

demo: .venv/.ready
	$(RUN)isthmus demo --events $(EVENTS)

test: lint
	$(PYTEST) -n 2 -m "not slow and not clients and not soak"

test-all: .venv/.ready
	$(PYTEST) -n 2 -m slow

test-clients: .venv/.ready
	@sh packaging/clients.sh
	$(PYTEST) -m clients

soak: .venv/.ready
	$(PYTEST) -m soak --timeout 0

lint: .venv/.ready
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)lint-imports

screenshots: .venv/.ready
	$(RUN)python -P tests/screens/make_screenshots.py docs/images

bench: .venv/.ready
	$(RUN)python -P tests/bench/throughput.py

.venv/.ready: pyproject.toml uv.lock packaging/environment.sh
	@sh packaging/environment.sh "$(PYTHON)"

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
