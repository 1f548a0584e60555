"""Values that a form derives from its fields: letting type, weekly charge, the rent limits of a reference table.

Each may use fields, other derived values, the pack's parameters and ``today``. They are layered by what they need, a
SELECT over a SELECT, so that nothing is written into anything else twice: the engine streams through all layers at
once, and keeps none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from placemaker.lake.errors import Refusal
from placemaker.standard.expressions import identifier, literal, names_in, row_sql
from placemaker.standard.packfiles import Entry, Lookup, check_lookup
from placemaker.standard.schema import SQL_TYPES, Table, nearest

_WORD = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|\b([a-z_]\w*)\b(?!\s*\()", re.IGNORECASE)

#: What stands before the name of a field for its cell's trimmed text, as it was written.
RAW = "raw_"


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived value (``value``), or several that one row of a reference table gives (``lookup`` and ``on``).

    ``gives`` are the names of the values and their types, ``columns`` those of the reference table they come from, and
    ``on`` says which SQL value each of its columns must equal, as text.
    """

    gives: Mapping[str, str]
    title: str
    source: str
    entry: Entry
    value: str = ""
    lookup: str = ""
    on: Mapping[str, str] | None = None
    columns: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """The name of the value; of the first, where a reference table gives several."""
        return next(iter(self.gives))

    def expressions(self) -> list[str]:
        """The SQL it is made of."""
        return [self.value] if self.value else list((self.on or {}).values())

    def needs(self) -> set[str]:
        """The names that its SQL uses."""
        return {name for text in self.expressions() for name in names_in(text)}


def read_derived(entry: Entry) -> Derived:
    """A derived value from an entry of ``derived/<table>.yaml``; a Refusal where it is none."""
    if entry.get("lookup"):
        entry.know("A lookup", ("lookup", "on", "gives", "title", "source", "description"), ("on", "gives"))
        on, gives = entry.get("on"), entry.get("gives")
        if not isinstance(on, dict) or not isinstance(gives, dict):
            raise Refusal("`on` and `gives` are pairs", entry.where, "Write {column: value} and {column: type}.")
        types, columns = {}, {}
        for name, told in gives.items():
            told = told if isinstance(told, dict) else {"type": told}
            types[str(name)], columns[str(name)] = str(told.get("type")), str(told.get("column") or name)
        found = Derived(
            types,
            str(entry.get("title", "")),
            str(entry.get("source", "")),
            entry,
            lookup=str(entry.get("lookup")),
            on={str(column): str(value) for column, value in on.items()},
            columns=columns,
        )
    else:
        entry.know("A derived value", ("name", "type", "title", "value", "source", "description"), ("name", "value"))
        gives = {str(entry.get("name")): str(entry.get("type", "string"))}
        title, source = str(entry.get("title", "")), str(entry.get("source", ""))
        found = Derived(gives, title, source, entry, value=str(entry.get("value")))
    for name, kind in found.gives.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise Refusal(f"{name!r} is no name of a value", entry.where, "Use small letters, digits and _.")
        if kind not in SQL_TYPES:
            raise Refusal(f"The value {name} has the type {kind!r}", entry.where, nearest(kind, SQL_TYPES))
    return found


def in_layers(found: Iterable[Derived], table: Table, others: Iterable[str] = ()) -> list[list[Derived]]:
    """The derived values of a table in layers, each of which needs only fields, ``others`` and the layers before it.

    Raises Refusal for a name that is there twice or is a field's, and for values that need each other.
    """
    found = list(found)
    maker: dict[str, Derived] = {}
    given = {*others, "today", *table.names, *(f"{RAW}{name}" for name in table.names)}
    for one in found:
        for name in one.gives:
            if name in maker or name in given:
                raise Refusal(f"The name {name} is there already", one.entry.where, "Give the value another name.")
            maker[name] = one
    layers: list[list[Derived]] = []
    there: set[str] = set()
    left = found
    while left:
        layer = [one for one in left if one.needs() & maker.keys() <= there]
        if not layer:
            names = " and ".join(one.name for one in left[:5])
            raise Refusal("Some derived values need each other, in a circle", left[0].entry.where, f"See {names}.")
        layers.append(layer)
        there |= {name for one in layer for name in one.gives}
        left = [one for one in left if one not in layer]
    return layers


def check_derived(one: Derived, table: Table, names: Iterable[str], lookups: Mapping[str, Lookup], ours: bool) -> None:
    """Raise Refusal if a lookup does not fit its reference table or, unless it is ``ours``, SQL is not allowed."""
    if one.lookup:
        if one.lookup not in lookups:
            near = nearest(one.lookup, lookups) if lookups else "The pack has none."
            raise Refusal(f"There is no reference table {one.lookup!r}", one.entry.where, near)
        known = lookups[one.lookup]
        for column in (*(one.on or {}), *(one.columns or {}).values()):
            if column not in known.columns:
                near = nearest(column, known.columns)
                raise Refusal(f"The reference table {known.name} has no column {column!r}", one.entry.where, near)
        if not ours:
            check_lookup(known, one.on or {})
    if not ours:
        for text in one.expressions():
            row_sql(text, names, one.entry.where)


def put_in(text: str, values: Mapping[str, str]) -> str:
    """SQL with names replaced by the SQL ``values``; what is quoted stays as it is."""
    return _WORD.sub(lambda found: found[1] or values.get(found[2].casefold(), found[2]), text)


def constants(given: Mapping[str, str], today: date) -> dict[str, str]:
    """SQL for ``today`` and the parameters of a check."""
    return {name: literal(value) for name, value in given.items()} | {"today": f"date '{today}'"}


def layered(
    base: str, layers: Iterable[Iterable[Derived]], values: Mapping[str, str], tables: Mapping[str, str]
) -> str:
    """The query for the rows of the query ``base`` with all derived values beside them.

    ``values`` are the :func:`constants`, ``tables`` the relations that hold the reference tables, by name. A value that
    cannot be computed for a row, or does not fit its type, is null there.
    """
    query = base
    for layer in layers:
        made, joins = ["r.*"], []
        for one in layer:
            if one.lookup:
                on, keys, same = one.on or {}, [], []
                for place, (column, text) in enumerate(on.items()):
                    key = f"_on{len(joins)}_{place}"  # a name that no expression has
                    keys.append(f"{identifier(column)} as {key}")
                    same.append(f"{key} = cast({put_in(text, values)} as varchar)")
                keys += [
                    f"try_cast({identifier((one.columns or {})[name])} as {SQL_TYPES[kind]}) as {identifier(name)}"
                    for name, kind in one.gives.items()
                ]
                other = f"l{len(joins)}"
                source = f"(select {', '.join(keys)} from {tables[one.lookup]})"
                joins.append(f" left join {source} {other} on {' and '.join(same)}")
                made += [f"{other}.{identifier(name)}" for name in one.gives]
            else:
                kind = SQL_TYPES[one.gives[one.name]]
                text = put_in(one.value, values)
                made.append(f"try_cast(try({text}) as {kind}) as {identifier(one.name)}")
        query = f"select {', '.join(made)} from ({query}) r{''.join(joins)}"
    return query
