"""The standard as a package: what it offers is typed and described, and no file of it is too long to read."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import placemaker
from placemaker import standard

FOLDER = Path(standard.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
OFFERED = sorted(standard.__all__)


def test_the_package_says_that_it_is_typed():
    assert (Path(placemaker.__file__).parent / "py.typed").is_file()


def test_what_is_imported_is_offered_and_what_is_offered_is_there():
    tree = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("placemaker")
        for name in node.names
    }
    assert set(OFFERED) == imported and len(OFFERED) == len(standard.__all__)


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_is_described_and_typed(name):
    thing = getattr(standard, name)
    assert inspect.getdoc(thing), "it has a docstring"
    public = (
        [one for key, one in vars(thing).items() if not key.startswith("_") and callable(one)]
        if inspect.isclass(thing)
        else [thing]
    )
    for one in public:
        one = inspect.unwrap(one)
        assert inspect.getdoc(one), f"{one.__qualname__} has a docstring"
        hints = one.__annotations__
        assert "return" in hints or inspect.isclass(one), f"{one.__qualname__} says what it gives"
        missing = [key for key in inspect.signature(one).parameters if key not in ("self", "cls") and key not in hints]
        assert not missing, f"{one.__qualname__}: {missing}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_module_is_too_long_and_each_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "take it apart by what it is about"
    assert ast.get_docstring(ast.parse(text)), "it says in a sentence what it is about"


def test_a_check_loads_nothing_that_it_does_not_need():
    """``import placemaker.standard`` and a check of ten rows are to be over before a person has let go of the key."""
    code = (
        "import sys; from placemaker.standard import check; "
        "print([name for name in "
        "('sqlglot', 'openpyxl', 'pyspark', 'holidays', 'jinja2', 'pandas', 'pyarrow', 'polars', 'scipy', 'shapely') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_module_of_a_functions_name_does_not_take_its_place():
    code = (
        "import placemaker.standard.load, placemaker.standard.clocks, placemaker.standard.publish; "
        "import placemaker.standard.packs; from placemaker import standard; "
        "from placemaker.standard import load, packs; "
        "print(all(callable(one) for one in (standard.load, standard.clocks, standard.publish, load, packs, "
        "standard.packs, standard.check, standard.suggest)), hasattr(standard, 'nothing'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"
