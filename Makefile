# Two commands: `make demo` shows the whole job on a made-up borough, `make test` runs every check.
.DEFAULT_GOAL := help
.PHONY: help demo test

help:
	@echo "make demo   a made-up borough, from messy exports to a neighbourhood profile (in build/demo)"
	@echo "make test   every check: style, the house plan, the documentation, all tests"

demo:
	@scripts/prepare base
	@.venv/bin/placemaker demo --out build/demo

test:
	@scripts/prepare test
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	.venv/bin/sphinx-build -q -W --keep-going -b html docs build/docs
	.venv/bin/pytest -n 2 --dist loadgroup -q
