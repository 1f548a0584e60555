"""The house plan: a room uses the floors below it, and only the lake opens an engine."""

import ast
import subprocess
import sys
from pathlib import Path

import placemaker

SOURCE = Path(placemaker.__file__).parent
REPOSITORY = Path(__file__).parents[2]


def test_no_room_uses_a_room_above_or_beside_it():
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def calls(tree: ast.AST) -> set[str]:
    """What is called in a module, as written: ``duckdb.connect``."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_only_the_lake_opens_an_engine():
    openers = {
        file.relative_to(SOURCE).parts[0]
        for file in SOURCE.rglob("*.py")
        if calls(ast.parse(file.read_text("utf-8"))) & {"duckdb.connect", "duckdb.sql", "duckdb.query"}
    }
    assert openers == {"lake"}


def test_no_file_names_a_registry_host():
    kept = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True).stdout.split("\n")
    hosts = ("pythonhosted" + ".org", "pypi" + ".org", "registry.npmjs" + ".org")
    locks = [REPOSITORY / name for name in kept if name.startswith(("locks/", "Makefile", "scripts/", ".ci/"))]
    assert len(locks) >= 4
    for file in locks:
        assert not any(host in file.read_text("utf-8") for host in hosts), file
