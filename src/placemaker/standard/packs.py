"""Packs: dated sets of tables, code lists, derived values and rules for one statutory form, read from their folders.

A pack is ``packs/<form>/<edition>/`` and is named ``<form>-<edition>``. It holds ``pack.yaml`` and what differs from
the pack it ``follows``: ``tables/*.yaml``, ``codelists/*.csv``, ``lookups/*.csv``, ``derived/<table>.yaml`` (or a
folder ``derived/<table>/`` of files read in the order of their names) and ``rules/*.yaml``. docs/packs.md describes
them.

``check("file.csv", pack="core-2026", given={"provider": "PRP"})`` checks by one; ``pack("core-2026")`` reads it, and
``packexamples.verdict(con, pack, rule, row)`` says whether a rule holds for an example row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.derived import RAW, Derived, check_derived, in_layers, read_derived
from placemaker.standard.expressions import query_sql, row_sql
from placemaker.standard.packfiles import Entry, Lookup, read_entry, read_list, read_lookup
from placemaker.standard.packheads import OURS, Head, heads
from placemaker.standard.schema import (
    CodeList,
    Rule,
    Table,
    build_rule,
    build_table,
    nearest,
    read_codelist,
    table_names,
)
from placemaker.standard.schema import table as standard_table
from placemaker.standard.yaml_lines import shown


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack with what it takes over from the one it follows.

    ``tables`` are those of the form with their rules; ``rules`` are all rules by id, those on the standard's own tables
    too. ``derived`` are the derived values of a table in layers. ``folders`` are the pack's own and those it follows,
    nearest first.
    """

    head: Head
    tables: dict[str, Table]
    codelists: dict[str, CodeList]
    lookups: dict[str, Lookup]
    derived: dict[str, list[list[Derived]]]
    rules: dict[str, Rule]
    folders: tuple[Path, ...]
    places: dict[str, Entry] = dataclass_field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """``core-2026``."""
        return self.head.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.head.title

    def table(self, name: str = "") -> Table:
        """A table of the form, or one of the standard with the pack's rules besides its own; its only one by default.

        Raises Refusal where there is none of that name, or none is named and there is not exactly one.
        """
        if not name and len(self.tables) == 1:
            return next(iter(self.tables.values()))
        if not name:
            known = ", ".join(self.tables) or ", ".join(sorted({rule.table for rule in self.rules.values()}))
            raise Refusal(f"It is not said which table of {self.name} the file holds", next=f"It is one of: {known}.")
        if name in self.tables:
            return self.tables[name]
        if name not in table_names():
            raise Refusal(f"There is no table {name!r}", next=nearest(name, (*self.tables, *table_names())))
        own = standard_table(name)
        return replace(own, rules=own.rules + tuple(rule for rule in self.rules.values() if rule.table == name))

    def given(self, told: Mapping[str, str] | None) -> dict[str, str]:
        """The parameters of a check, the defaults where nothing is ``told``; a Refusal where they do not fit."""
        told = {str(name): str(value) for name, value in (told or {}).items()}
        for name in told:
            if name not in self.head.parameters:
                near = nearest(name, self.head.parameters) if self.head.parameters else "It needs to be told nothing."
                raise Refusal(f"The pack {self.name} has no parameter {name!r}", next=near)
        found = {}
        for name, one in self.head.parameters.items():
            value = told.get(name, one.default)
            allowed = f"{one.title}: one of {', '.join(one.values)}." if one.values else f"It is: {one.title}."
            if value is None:
                raise Refusal(f"The pack {self.name} has to be told {name}", next=f"Add --given {name}=... ({allowed})")
            if one.values and value not in one.values:
                raise Refusal(f"{name} cannot be {value!r} in {self.name}", next=allowed)
            found[name] = value
        return found

    def entries(self, file: str, key: str = "id") -> dict[str, Entry]:
        """The entries of a further list such as ``clocks.yaml`` by their ``key``; what the pack says comes first."""
        found: dict[str, Entry] = {}
        for folder in reversed(self.folders):
            path = folder / file
            for one in read_list(path) if path.is_file() else ():
                found[str(one.get(key))] = one
        return found


def packs(root: Path = OURS) -> dict[str, Pack]:
    """Every pack in a folder, by name."""
    return {name: pack(name) if root == OURS else read_pack(one, root) for name, one in heads(root).items()}


def pack(name_or_folder: str | Path) -> Pack:
    """A pack of ours by its name, or any by the path of its folder, whose SQL must pass the allow-list then."""
    named = str(name_or_folder)
    if isinstance(name_or_folder, str) and _is_name(named):
        return _named(named)
    folder = Path(name_or_folder)
    if not (folder / "pack.yaml").is_file():
        raise Refusal("There is no pack here, for a pack has a file pack.yaml", str(folder), "Check its name.")
    root = folder.resolve().parent.parent
    try:
        for head in heads(root).values():
            if head.folder == folder.resolve():
                return read_pack(head, root)
    except (TypeError, AttributeError, ValueError, KeyError):
        what = "A file of the pack holds a text where a list or names should be, or the other way round"
        raise Refusal(what, str(folder), "Compare its files with those of a pack of ours.") from None
    except OSError as error:
        raise Refusal(f"A file of the pack cannot be read: {error.strerror}.", str(folder)) from None
    raise Refusal("The pack is not in a folder packs/<form>/<edition>", str(folder), "Put it in one.")


def pack_for(form: str, day: date) -> Pack:
    """The pack of a form that is for a day; a Refusal where there is none."""
    of_form = {name: one for name, one in heads().items() if one.form == form}
    if not of_form:
        raise Refusal(f"There is no form {form!r}", next=nearest(form, sorted({one.form for one in heads().values()})))
    for name, one in of_form.items():
        if one.start <= day and (one.end is None or day <= one.end):
            return pack(name)
    raise Refusal(f"No pack of {form} is for {day}", next=f"There is: {', '.join(of_form)}.")


def _is_name(text: str) -> bool:
    return "/" not in text and "\\" not in text and not Path(text).is_dir()


@cache
def _named(name: str) -> Pack:
    known = heads()
    if name not in known:
        raise Refusal(f"There is no pack {name!r}", next=nearest(name, known) if known else "None is installed.")
    return read_pack(known[name])


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass
class _Parts:
    """What the files of a pack hold, by name, before it is put together."""

    tables: dict[str, Entry]
    codelists: dict[str, CodeList]
    lookups: dict[str, Lookup]
    derived: dict[tuple[str, str], Derived]
    rules: dict[str, Entry]


def read_pack(head: Head, root: Path = OURS, *, ours: bool | None = None) -> Pack:
    """The pack of a head in the folder ``root``, with what it follows, there or among ours.

    Its SQL passes the allow-list unless it is all ``ours``; the test suite says that it is not.
    """
    chain = [head]
    while follows := chain[-1].follows:
        before = chain[-1]
        known = {**heads(), **heads(root)}
        if follows not in known:
            raise Refusal(f"There is no pack {follows!r}", before.entry.at("follows"), nearest(follows, known))
        if known[follows].start >= before.start:
            raise Refusal(
                f"{before.name} follows {follows}, which is not earlier", before.entry.at("follows"), "Name an earlier."
            )
        chain.append(known[follows])
    parts = _Parts({}, {}, {}, {}, {})
    for one in reversed(chain):
        for kind, names in one.withdrawn.items():
            _withdraw(getattr(parts, kind), kind, names, one)
        _add(parts, one)
    return _put_together(parts, chain, all(one.ours for one in chain) if ours is None else ours)


def _withdraw(there: dict[Any, Any], kind: str, names: tuple[str, ...], head: Head) -> None:
    for name in names:
        keys = [key for key in there if name in (key, key[1] if isinstance(key, tuple) else key)]
        if not keys:
            known = [key[1] if isinstance(key, tuple) else key for key in there]
            near = nearest(name, known) if known else "It follows nothing that has any."
            raise Refusal(f"{kind} has no {name!r} to withdraw", head.entry.at("withdrawn", kind), near)
        for key in keys:
            del there[key]


def _add(parts: _Parts, head: Head) -> None:
    folder = head.folder
    for path in sorted((folder / "tables").glob("*.yaml")):
        parts.tables[path.stem] = read_entry(path)
    for path in sorted((folder / "codelists").glob("*.csv")):
        parts.codelists[path.stem] = read_codelist(path)
    for path in sorted((folder / "lookups").glob("*.csv")):
        parts.lookups[path.stem] = read_lookup(path)
    files = [(path.stem, path) for path in sorted((folder / "derived").glob("*.yaml"))]
    files += [(path.parent.name, path) for path in sorted((folder / "derived").glob("*/*.yaml"))]
    for table, path in files:
        for entry in read_list(path, as_text=True):
            one = read_derived(entry)
            before = parts.derived.get((table, one.name))
            if before and before.entry.path.is_relative_to(folder):
                raise Refusal(f"The value {one.name} is there twice", f"{before.entry.where} and {one.entry.where}")
            parts.derived[table, one.name] = one
    for path in sorted((folder / "rules").glob("*.yaml")):
        for entry in read_list(path):
            entry.know("A rule", ("table", *Rule.__dataclass_fields__), ("id",))
            name = str(entry.get("id"))
            if name in parts.rules and parts.rules[name].path.is_relative_to(folder):
                raise Refusal(f"The rule {name} is there twice", f"{parts.rules[name].where} and {entry.where}")
            parts.rules[name] = entry


def _put_together(parts: _Parts, chain: list[Head], ours: bool) -> Pack:
    head = chain[0]
    parameters = {name: one for before in reversed(chain) for name, one in before.parameters.items()}
    older = {count: title for before in reversed(chain) for count, title in before.older.items()}
    shown_key = next((one.shown_key for one in chain if one.shown_key), "")
    head = replace(head, parameters=parameters, older=older, shown_key=shown_key)
    tables = {name: _table(entry, parts, head) for name, entry in parts.tables.items()}
    if shown_key and not any(shown_key in table.names for table in tables.values()):
        named = next(one for one in chain if one.shown_key)
        raise Refusal(f"`shown_key` is {shown_key!r}, which is no field of the form", named.entry.at("shown_key"))
    derived = {}
    for name in sorted({table for table, _ in parts.derived}):
        table = tables.get(name) or (standard_table(name) if name in table_names() else None)
        made = [one for (of, _), one in parts.derived.items() if of == name]
        if table is None:
            near = nearest(name, (*tables, *table_names()))
            raise Refusal(f"There is no table {name!r} to derive values for", shown(made[0].entry.path), near)
        derived[name] = in_layers(made, table, parameters)
        for one in made:
            check_derived(one, table, _names(table, made, parameters), parts.lookups, ours)
    pack = Pack(head, tables, parts.codelists, parts.lookups, derived, {}, tuple(one.folder for one in chain))
    for name, entry in parts.rules.items():
        pack.rules[name] = _rule(entry, pack, ours)
        pack.places[name] = entry
    for name, table in tables.items():
        tables[name] = replace(table, rules=tuple(rule for rule in pack.rules.values() if rule.table == name))
    return pack


def _table(entry: Entry, parts: _Parts, head: Head) -> Table:
    table = build_table(entry.data, at=entry.at)
    if table.verdict not in ("", "rules"):
        raise Refusal(f"A verdict of {table.verdict!r} is not known", entry.at("verdict"), "Write rules, or leave it.")
    if table.name != entry.path.stem:
        raise Refusal(f"The table is {table.name!r}, and its file {entry.path.name}", entry.at("name"))
    numbers: dict[str, str] = {}
    for place, field in enumerate(table.fields):
        where = ("schema", "fields", place)
        if field.number and field.number in numbers:
            other = numbers[field.number]
            raise Refusal(f"{field.name} and {other} have the number {field.number}", entry.at(*where))
        numbers[field.number] = field.name
        if field.name in head.parameters:
            raise Refusal(f"{field.name} is a parameter of the pack too", entry.at(*where), "Rename one of them.")
        if field.codelist and field.codelist not in parts.codelists:
            try:
                table.codelist(field.codelist)
            except Refusal as error:
                raise Refusal(error.what, entry.at(*where, "codelist"), error.next) from None
    key = table.key or (head.shown_key if head.shown_key in table.names else "")
    return replace(table, shown_key=key, codelists=parts.codelists)


def _names(table: Table, derived: Iterable[Derived], parameters: Iterable[str]) -> list[str]:
    """The names that SQL over a row of a table may use."""
    raw = [f"{RAW}{name}" for name in table.names]
    return [*table.names, *raw, *(name for one in derived for name in one.gives), *parameters, "today"]


def _rule(entry: Entry, pack: Pack, ours: bool) -> Rule:
    told = {"group": entry.path.stem, **entry.data}
    name = str(told.pop("table", "") or "")
    try:
        table = pack.table(name)
    except Refusal as error:
        raise Refusal(error.what, entry.where, error.next) from None
    rule = build_rule(table.name, told, at=entry.at)
    layers = pack.derived.get(table.name, [])
    names = _names(table, (one for layer in layers for one in layer), pack.head.parameters)
    for field in (*rule.fields, *([rule.field] if rule.field else ())):
        if field not in table.names:
            where = entry.at("fields" if rule.fields else "field")
            raise Refusal(f"The table {table.name} has no field {field!r}", where, nearest(field, table.names))
    for used in re.findall(r"\{(\w+)\}", rule.message):
        if used not in names and rule.expect:
            raise Refusal(f"The message quotes {used!r}, which is no field or value", entry.at("message"))
    if not ours and rule.expect:
        row_sql(rule.expect, names, entry.at("expect"))
    elif not ours:
        query_sql(rule.breaks, (*table_names(), *pack.tables), entry.at("breaks"))
    return replace(rule, vouched=True)
