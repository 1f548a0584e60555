"""Whether the files of a standard are sound: all that is wrong with them, each with file and line.

The files that come with Placemaker pass this in the test suite. Those of another folder pass the part of it that keeps
data safe (:func:`table_faults`) each time they are read, and all of it when somebody asks, who proposes a change.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.standard.codes import codelist_problems
from placemaker.standard.descriptors import rule_problems, table_problems
from placemaker.standard.examples import broken_by, example_rows, sample_row
from placemaker.standard.expressions import identifier, literal, query_sql, row_sql
from placemaker.standard.schema import (
    FOLDER,
    Rule,
    Table,
    bare_table,
    build_rule,
    codelist,
    codelist_names,
    content,
    descriptor,
    files,
    find,
    nearest,
    reading_from,
    unvouched_table,
)
from placemaker.standard.values import typed
from placemaker.standard.yaml_lines import at, shown

Tell = Callable[[str], Any]

_NOT_THERE = re.compile(r'column (?:named )?"([^"]+)"')


def faults(folder: str | Path | None = None, *, alone: bool = False, tell: Tell | None = None) -> list[Refusal]:
    """Everything that is wrong with the standard in ``folder``, read before the shipped one (or ``alone``).

    Each has what is wrong, where (file and line) and what to do. Without a folder, the shipped standard is looked at.
    The tables that the folder touches are looked at whole: descriptors, code lists, rules, their SQL, both examples.
    ``tell`` is told in a few words what is being done. Raises Refusal where the folder is none.
    """
    tell = tell or (lambda _: None)
    own = FOLDER if folder is None else Path(folder).resolve()
    with ExitStack() as reading:
        if own != FOLDER:
            reading.enter_context(reading_from(own, alone=alone))
        tell("Reading the files, and the SQL of their rules")
        touched = _touched(own)
        with connect() as con:
            found = [*_codelist_faults(own), *_table_faults(con, own), *_rule_faults(con, own, touched)]
            found += _pack_faults(con, own)
            for name in touched if not found else ():
                tell(f"Trying the examples of {name}")
                found += _example_faults(con, unvouched_table(name))
    return _each_once(found)


def table_faults(table: Table, paths: Iterable[Path]) -> Iterator[Refusal]:
    """What is wrong with the patterns and the SQL of a table that is read from ``paths``: anything but computing.

    An expression must pass the allow-list, divide by nothing that may be zero, name fields that are there, and be such
    that DuckDB can run it.
    """
    paths = list(paths)
    rules = find("rules", f"{table.name}.yaml")
    with connect() as con:
        if any(path.parent.name == "tables" for path in paths):
            yield from _pattern_faults(con, table)
        if rules is None or not paths:
            return
        places = {entry["id"]: place for place, entry in enumerate(content(rules) or [])}
        for rule in table.rules:
            yield from _sql_faults(con, rule, table, rules, places[rule.id])


def _sql_faults(con: duckdb.DuckDBPyConnection, rule: Rule, table: Table, path: Path, place: int) -> Iterator[Refusal]:
    kind = "expect" if rule.expect else "breaks"

    def where() -> str:
        return at(path, place, kind)

    try:
        if rule.expect:
            sql = f"select ({row_sql(rule.expect, [*table.names, 'today'], '')}) as holds from {identifier(table.name)}"
            used = [table]
        else:
            used = [bare_table(name) for name in _tables() if _names(name, rule.breaks)]
            sql = query_sql(rule.breaks, _tables(), "", [field for one in used for field in one.names])
        gives = _bind(con, sql, used)
    except Refusal as refusal:
        yield Refusal(refusal.what, where(), refusal.next)
        return
    if rule.expect and gives["holds"] not in ("BOOLEAN", '"NULL"', "NULL"):
        yield Refusal(f"The condition is {gives['holds']}, neither true nor false", where(), "Compare it with a value.")
    if rule.breaks and "_row" not in {name.casefold() for name in gives}:
        yield Refusal("The query does not give `_row`", where(), f"Select `_row` of {table.name}.")


def _bind(con: duckdb.DuckDBPyConnection, sql: str, used: Iterable[Table]) -> dict[str, str]:
    """The columns of a query and their types, asked of DuckDB over tables without rows; a Refusal where it is none."""
    used = list(used)
    for one in used:
        columns = ", ".join(f"{identifier(field.name)} {field.sql_type}" for field in one.fields)
        con.execute(f"create or replace temp table {identifier(one.name)} (_row bigint, {columns})")
    # `today` is a value of the check; here any day does.
    sql = re.sub(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|\btoday\b", lambda m: m[1] or "date '2026-04-01'", sql, flags=2)
    try:
        return {name: kind for name, kind, *_ in con.execute(f"describe {sql}").fetchall()}
    except duckdb.Error as error:
        column = _NOT_THERE.search(str(error))
        if column:
            fields = [field for one in used for field in one.names]
            raise Refusal(f"It names {column[1]!r}, which is no field", "", nearest(column[1], fields)) from None
        next = "See that it compares like with like: days with days, numbers with numbers."
        raise Refusal("The values in it do not fit together", "", next) from None
    finally:
        for one in used:
            con.execute(f"drop table temp.{identifier(one.name)}")


def _pattern_faults(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Refusal]:
    path = find("tables", f"{table.name}.yaml")
    for place, field in enumerate(table.fields):
        if field.pattern:
            try:
                con.execute(f"select regexp_full_match('', {literal(field.pattern)})")
            except duckdb.Error:
                where = at(path, "schema", "fields", place, "constraints", "pattern")
                yield Refusal("The pattern is none that RE2 knows", where, "Leave out (?=...), \\1 and the like.")


# --- everything that is wrong in a folder -----------------------------------------------------------------------------


def _codelist_faults(own: Path) -> Iterator[Refusal]:
    for path in sorted((own / "codelists").glob("*.csv")):
        yield from codelist_problems(path)
    used = {field.get("codelist") for name in _tables() for field in _fields(name)}
    for path in sorted((own / "codelists").glob("*.csv")):
        if path.stem not in used:
            yield Refusal("No field uses the code list", shown(path), "Name it as `codelist` of a field.")


def _table_faults(con: duckdb.DuckDBPyConnection, own: Path) -> Iterator[Refusal]:
    for path in sorted((own / "tables").glob("*.yaml")):
        try:
            told = content(path)
        except Refusal as refusal:
            yield refusal
            continue
        wrong = list(table_problems(told, lambda *steps, path=path: at(path, *steps), codelist_names()))
        yield from wrong
        if wrong:
            continue
        if told["name"] != path.stem:
            yield Refusal(
                f"The table is {told['name']!r}, and its file {path.name}", at(path, "name"), "Name both alike."
            )
        if not told["schema"].get("primaryKey"):
            yield Refusal("The table has no key", at(path, "schema"), "Add `primaryKey: [name]`.")
        for place, field in enumerate(told["schema"]["fields"]):
            if not str(field.get("title", "")) or not str(field.get("description", "")).endswith("."):
                where = at(path, "schema", "fields", place)
                yield Refusal(f"{field['name']} has no title, or no sentence that describes it", where, "Add both.")
        try:
            yield from _pattern_faults(con, bare_table(path.stem))
        except Refusal as refusal:
            yield refusal


def _rule_faults(con: duckdb.DuckDBPyConnection, own: Path, touched: Iterable[str]) -> Iterator[Refusal]:
    first: dict[str, str] = {}
    for name, path in files("rules", "*.yaml").items():
        entries = []
        try:
            entries = content(path) or []
            if not isinstance(entries, list):
                raise Refusal("The file is not a list of rules", at(path), "Begin each rule with `- id:`.")
            if not find("tables", f"{name}.yaml"):
                near = nearest(name, files("tables", "*.yaml"))
                raise Refusal(f"The standard has no table {name!r} for these rules", shown(path), near)
        except Refusal as refusal:
            yield refusal
        looked_at = path.is_relative_to(own) or name in touched
        table = _table_or_none(name) if looked_at else None
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            told = entry.get("id") if isinstance(entry, dict) else None
            if told in first and path.is_relative_to(own):
                yield Refusal(f"The rule {told} is there twice, first in {first[told]}", at(path, place), "Rename one.")
            first.setdefault(told, shown(path))
            where = functools.partial(at, path, place)
            if path.is_relative_to(own):
                yield from _entry_faults(name, entry, where, table)
            if table and name in touched and not any(rule_problems(name, entry, where, table)):
                yield from _sql_faults(con, build_rule(name, entry, where, table), table, path, place)


def _pack_faults(con: duckdb.DuckDBPyConnection, own: Path) -> Iterator[Refusal]:
    """What is wrong with the packs of the folder; a pack is read until its first fault."""
    from placemaker.standard.packexamples import verdict
    from placemaker.standard.packheads import heads
    from placemaker.standard.packs import read_pack

    try:
        found = heads(own / "packs")
    except Refusal as refusal:
        yield refusal
        return
    for head in found.values():
        try:
            pack = read_pack(head, own / "packs", ours=False)
        except Refusal as refusal:
            yield refusal
            continue
        own_rules = [
            rule for rule in pack.rules.values() if rule.expect and pack.places[rule.id].path.is_relative_to(own)
        ]
        for rule in own_rules:
            for which, wanted in (("passes", True), ("fails", False)):
                where = pack.places[rule.id].at(which)
                row = getattr(rule, which)
                try:
                    held = verdict(con, pack, rule, row if isinstance(row, dict) else {})
                except (duckdb.Error, ValueError):
                    yield Refusal(f"The row that {which} cannot be tried", where, "See that its values have types.")
                    break
                if (held is not False) != wanted:
                    yield Refusal(f"The row that {which} does not", where, "Mend the row or the rule.")


def _entry_faults(name: str, entry: Any, where: Callable[..., str], table: Table | None) -> Iterator[Refusal]:
    """What is wrong with one entry of a rules file, and what it should say besides."""
    wrong = list(rule_problems(name, entry, where, table))
    yield from wrong
    if not wrong and not entry.get("source"):
        yield Refusal("The rule does not say where the duty is written", where(), "Add `source:`.")
    for which in ("passes", "fails"):
        if not wrong and not entry.get(which):
            yield Refusal(f"The rule has no row that {which}", where(), f"Add `{which}:` and a row.")


def _example_faults(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Refusal]:
    path = find("tables", f"{table.name}.yaml")
    for place, field in enumerate(table.fields):
        told = sample_row(table.name).get(field.name)
        if told is None:
            if field.required:
                where = at(path, "schema", "fields", place)
                yield Refusal(f"{field.name} is required and has no example", where, "Add `example:`.")
            continue
        (value,) = con.execute(f"select {typed('t', field)} from (select ? as t)", [str(told)]).fetchone()
        if value is None or (field.codelist and str(told) not in codelist(field.codelist).values):
            where = at(path, "schema", "fields", place, "example")
            yield Refusal(f"The example {told!r} cannot be read as {field.name}", where, "Give one that can.")
            return
    if any(field.required and field.name not in sample_row(table.name) for field in table.fields):
        return
    rules = find("rules", f"{table.name}.yaml")
    places = {entry["id"]: place for place, entry in enumerate(content(rules) or [])} if rules else {}
    for rule in table.rules:
        yield from _tried(con, rule, lambda *steps, rule=rule: at(rules, places[rule.id], *steps))


def _tried(con: duckdb.DuckDBPyConnection, rule: Rule, where: Callable[..., str]) -> Iterator[Refusal]:
    """What the two examples of a rule show that they should not."""
    for which in ("passes", "fails"):
        try:
            rows = example_rows(rule, which)
            for name, some in rows.items():
                known = unvouched_table(name).names
                if unknown := [key for row in some for key in row if key not in known]:
                    raise Refusal(f"{name} has no field {unknown[0]!r}", "", nearest(unknown[0], known))
            broken = {name for of, name in broken_by(con, rows) if of == rule.table}
        except Refusal as refusal:
            yield Refusal(f"The row that {which} cannot be tried: {refusal.what}", where(which), refusal.next)
            continue
        except (KeyError, TypeError, AttributeError, ValueError):
            yield Refusal(f"The row that {which} is no row of fields", where(which), "Write {field: value}.")
            continue
        wanted = set() if which == "passes" else {rule.id}
        if broken != wanted:
            what = f"The row that {which} breaks {_listed(broken)}"
            yield Refusal(what, where(which), f"It should break {_listed(wanted)}.")


def _touched(own: Path) -> list[str]:
    """The tables that the folder's files say something of, or whose code lists or rules' other tables it changes."""
    if own == FOLDER:
        return list(_tables())
    named = {path.stem for kind in ("tables", "rules") for path in (own / kind).glob("*.yaml")}
    lists = {path.stem for path in (own / "codelists").glob("*.csv")}
    changed = {path.stem for path in (own / "tables").glob("*.yaml")} & set(_tables())
    for name in _tables():
        if {field.get("codelist") for field in _fields(name)} & lists:
            named.add(name)
        table = _table_or_none(name)
        if table and any(link.parent in changed for link in table.foreign_keys):
            named.add(name)
        rules = find("rules", f"{name}.yaml")
        if rules and any(_names(other, rules.read_text(encoding="utf-8", errors="replace")) for other in changed):
            named.add(name)
    return sorted(named & set(_tables()))


def _table_or_none(name: str) -> Table | None:
    """The table without its rules, where nothing is wrong with it."""
    try:
        return bare_table(name)
    except Refusal:
        return None


def _tables() -> list[str]:
    return list(files("tables", "*.yaml"))


def _fields(name: str) -> list[dict[str, Any]]:
    """The fields of a table as its file has them, whatever else may be wrong with it."""
    try:
        told = descriptor(name)
    except Refusal:
        return []
    schema = told.get("schema") if isinstance(told, dict) else None
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return [field for field in fields or () if isinstance(field, dict)] if isinstance(fields, list) else []


def _names(table: str, sql: str) -> bool:
    return bool(re.search(rf"\b{table}\b", sql))


def _listed(rules: set[str]) -> str:
    return " and ".join(sorted(rules)) or "no rule"


def _each_once(found: Iterable[Refusal]) -> list[Refusal]:
    return list({str(one): one for one in found}.values())
