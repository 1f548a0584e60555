"""The standard as data: tables, fields, code lists and rules, read from their files once and kept.

``tables/*.yaml`` are Data Package v2 resources with a Table Schema, ``codelists/*.csv`` are code lists and
``rules/<table>.yaml`` the rules of a table. Nothing here runs a rule; see :mod:`placemaker.standard.compile`. What is
wrong in a file is a Refusal that names its line. :func:`reading_from` reads another folder's files before the shipped
ones, whose SQL must pass the allow-list when they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from placemaker.lake.errors import Refusal
from placemaker.standard.codes import read_codelist
from placemaker.standard.descriptors import build_rule, build_table
from placemaker.standard.model import (
    DIMENSIONS,
    SEVERITIES,
    SQL_TYPES,
    Code,
    CodeList,
    Dimension,
    Field,
    ForeignKey,
    Retention,
    Rule,
    Severity,
    Table,
    nearest,
)
from placemaker.standard.yaml_lines import SHIPPED, at, read, shown

__all__ = [
    "DIMENSIONS",
    "FOLDER",
    "SEVERITIES",
    "SQL_TYPES",
    "Code",
    "CodeList",
    "Dimension",
    "Field",
    "ForeignKey",
    "Retention",
    "Rule",
    "Severity",
    "Table",
    "bare_table",
    "build_rule",
    "build_table",
    "codelist",
    "codelist_names",
    "content",
    "descriptor",
    "files",
    "find",
    "nearest",
    "read_codelist",
    "reading_from",
    "remembered",
    "table",
    "table_names",
    "tables",
    "unvouched_table",
]

#: The folder of the shipped standard.
FOLDER = SHIPPED

_Kept = TypeVar("_Kept", bound=Callable[..., Any])

#: The folders that the standard is read from: what the first has comes before the others' of the same name.
_folders: ContextVar[tuple[Path, ...]] = ContextVar("folders", default=(FOLDER,))
_forget: list[Callable[[], None]] = []


def remembered(function: _Kept) -> _Kept:
    """Keep what a function of the standard's files gives, for each set of folders that it is read from.

    As ``functools.cache``, for functions that use :func:`find`, :func:`files` or what is built on them.
    """
    kept = cache(lambda _, *arguments: function(*arguments))
    _forget.append(kept.cache_clear)

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return kept(_folders.get(), *arguments)

    call.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


@contextmanager
def reading_from(folder: str | Path, *, alone: bool = False) -> Iterator[Path]:
    """Read the standard from another folder: its files, and the shipped ones that it has none of the same name for.

    ``alone`` leaves the shipped ones out. The folder holds ``tables/``, ``codelists/`` and ``rules/``, whichever it
    needs; all are read anew. It holds for this thread and until the block ends. Raises Refusal where there is no such
    folder, or none of the three in it.
    """
    folder = Path(folder).resolve()
    if not any((folder / kind).is_dir() for kind in ("tables", "codelists", "rules", "packs")):
        raise Refusal(
            "The folder holds no part of a standard", str(folder), "It needs tables, codelists, rules or packs."
        )
    before = _folders.set((folder,) if alone else (folder, *(one for one in _folders.get() if one != folder)))
    try:
        _forget_all()
        yield folder
    finally:
        _folders.reset(before)
        _forget_all()


def find(*steps: str) -> Path | None:
    """The file of the standard at ``steps``, such as ``tables`` and ``home.yaml``, or None where there is none.

    A step is a plain name: what a file names never leads out of the standard.
    """
    if any("/" in step or "\\" in step or step.startswith(".") for step in steps):
        return None
    found = (folder.joinpath(*steps) for folder in _folders.get())
    return next((path for path in found if path.is_file()), None)


def files(kind: str, pattern: str) -> dict[str, Path]:
    """The files of one kind, such as ``tables`` and ``*.yaml``, by name without ending, in alphabetical order."""
    found = {path.stem: path for folder in reversed(_folders.get()) for path in (folder / kind).glob(pattern)}
    return dict(sorted(found.items()))


@remembered
def table_names() -> tuple[str, ...]:
    """The names of the tables of the standard, in alphabetical order."""
    names = tuple(files("tables", "*.yaml"))
    for name, path in files("rules", "*.yaml").items():
        if name not in names:
            raise Refusal(f"The standard has no table {name!r} for these rules", shown(path), nearest(name, names))
    return names


@remembered
def table(name: str) -> Table:
    """The table of that name with its rules; a Refusal that offers the nearest names where there is none.

    Files that are not the shipped ones are looked at in depth: their SQL must pass the allow-list and run.
    """
    found = unvouched_table(name)
    if foreign := [path for path in _files_of(name) if not path.is_relative_to(FOLDER)]:
        from placemaker.standard.sound import table_faults

        for problem in table_faults(found, foreign):
            raise problem
        found = replace(found, rules=tuple(replace(rule, vouched=True) for rule in found.rules))
    return found


def tables() -> dict[str, Table]:
    """Every table of the standard by name."""
    return {name: table(name) for name in table_names()}


@remembered
def codelist(name: str) -> CodeList:
    """The code list of that name; a Refusal where there is none, or it has a fault."""
    path = find("codelists", f"{name}.csv")
    if path is None:
        raise Refusal(f"The standard has no code list {name!r}", next=nearest(name, codelist_names()))
    return read_codelist(path)


@remembered
def codelist_names() -> tuple[str, ...]:
    """The names of the code lists, in alphabetical order."""
    return tuple(files("codelists", "*.csv"))


@remembered
def descriptor(name: str) -> dict[str, Any]:
    """The Data Package v2 resource of a table as its file holds it; a Refusal where there is none."""
    path = find("tables", f"{name}.yaml")
    if path is None:
        raise Refusal(f"The standard has no table {name!r}", next=nearest(name, files("tables", "*.yaml")))
    return content(path)


def content(path: Path) -> Any:
    """What a YAML file of the standard holds, not to be changed; the shipped ones are read once."""
    return _shipped(path) if path.is_relative_to(FOLDER) else read(path)


_shipped = cache(read)


@remembered
def bare_table(name: str) -> Table:
    """The table of that name without its rules."""
    told, path = descriptor(name), find("tables", f"{name}.yaml")
    found = build_table(told, (), lambda *steps: at(path, *steps), codelist_names())
    if found.name != name:
        raise Refusal(f"The table is {found.name!r}, and its file {path.name}", at(path, "name"), "Name both alike.")
    if not found.key:
        raise Refusal("The table has no key", at(path, "schema", "primaryKey"), "Add `primaryKey: [name]`.")
    for problem in link_problems(found, path):
        raise problem
    return found


@remembered
def unvouched_table(name: str) -> Table:
    """The table of that name and its rules, whose SQL nobody has looked at if the files are not the shipped ones."""
    found = bare_table(name)
    return replace(found, rules=_rules(found))


def link_problems(found: Table, path: Path) -> Iterator[Refusal]:
    """What is wrong with the tables and fields that a table's foreign keys point to."""
    for place, link in enumerate(found.foreign_keys):
        where = ("schema", "foreignKeys", place, "reference")
        if link.parent not in (known := files("tables", "*.yaml")):
            near = nearest(link.parent, known)
            yield Refusal(f"The standard has no table {link.parent!r}", at(path, *where, "resource"), near)
            continue
        schema = descriptor(link.parent).get("schema") if isinstance(descriptor(link.parent), dict) else None
        fields = schema.get("fields") if isinstance(schema, dict) else None
        names = [one.get("name") for one in fields or () if isinstance(one, dict)]
        if link.parent_field not in names:
            what = f"The table {link.parent} has no field {link.parent_field!r}"
            yield Refusal(what, at(path, *where, "fields"), nearest(link.parent_field, [str(one) for one in names]))


def _rules(of: Table) -> tuple[Rule, ...]:
    """The rules of a table; ours have been through the allow-list in the test suite."""
    path = find("rules", f"{of.name}.yaml")
    if path is None:
        return ()
    entries = content(path) or []
    if not isinstance(entries, list):
        raise Refusal("The file is not a list of rules", at(path), "Begin each rule with `- id:`.")
    rules, places = [], {}
    for place, entry in enumerate(entries):
        rule = build_rule(of.name, entry, lambda *steps, place=place: at(path, place, *steps), of)
        if rule.id in places:
            what = f"The rule {rule.id} is there twice, first on {at(path, places[rule.id])}"
            raise Refusal(what, at(path, place), "Give one of the two another id.")
        places[rule.id] = place
        rules.append(replace(rule, vouched=path.is_relative_to(FOLDER)))
    return tuple(rules)


def _files_of(name: str) -> list[Path]:
    """The files that say what a table is."""
    found = (find("tables", f"{name}.yaml"), find("rules", f"{name}.yaml"))
    return [path for path in found if path is not None]


def _forget_all() -> None:
    for forget in _forget:
        forget()
