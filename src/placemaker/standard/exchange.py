"""The standard for other people's tools: a JSON Schema for each table, and a Data Package v2 of all of them.

Both say what holds for one cell, one table and its parents: types, codes, patterns, limits, keys. The written rules say
more, and are run by Placemaker alone. Neither is written by hand, so neither can differ from what is checked.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from placemaker.standard.schema import Field, ForeignKey, Table, descriptor, tables
from placemaker.standard.schema import table as table_of
from placemaker.standard.values import FALSE_WORDS, TRUE_WORDS

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
DATA_PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"

#: The licence of the standard's own descriptions. What a landlord publishes of its data stays the landlord's to decide.
STANDARD_LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0 (the standard's tables, fields and code lists)",
}

#: A day, and a day with its time of day: seconds may be left out, as may the time.
_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MOMENT = rf"{_DAY}([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{{1,6}})?)?)?"

#: What a whole number and a decimal of the standard can hold: 64 bits, and 14 digits before the point.
_LARGEST = {"integer": 2**63 - 1, "number": 10**14}


def json_schema(table: Table | str) -> dict[str, Any]:
    """A JSON Schema (2020-12) for one row of a table as a JSON object; an empty field is null or left out.

    Values are those that a check makes of a cell: days as ``2026-01-31``, codes and identifiers as text, tidied. Keys
    and parents are not in it, for a JSON Schema sees one row. ``table`` is a table or its name; a Refusal for a name
    that no table has.
    """
    table = table_of(table) if isinstance(table, str) else table
    needed = [field.name for field in table.fields if field.required or field.name == table.key]
    return {
        "$schema": JSON_SCHEMA,
        "$id": f"urn:placemaker:standard:{standard_version()}:{table.name}",
        "title": table.title,
        "description": table.description,
        "type": "object",
        "properties": {field.name: _property(table, field, field.name in needed) for field in table.fields},
        "required": needed,
    }


def data_package(names: Iterable[str] | None = None) -> dict[str, Any]:
    """A Data Package v2 descriptor of the whole standard, or of the tables of these ``names``.

    Each table is a resource whose file is ``<table>.csv``; :func:`write_data_package` writes them, with headers alone.
    """
    chosen = [table_of(name) for name in names] if names is not None else list(tables().values())
    there = {table.name for table in chosen}
    return {
        "$schema": DATA_PACKAGE,
        "name": "placemaker-standard",
        "title": "The housing data standard of Placemaker",
        "description": "Tables, fields, codes and keys. The rules beyond them are run by Placemaker.",
        "version": standard_version(),
        "licenses": [STANDARD_LICENCE],
        "contributors": [{"title": "Placemaker", "roles": ["author"]}],
        "resources": [
            {
                "name": table.name,
                "title": table.title,
                "description": table.description,
                "path": f"{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "header": True},
                "schema": table_schema(table, [link for link in table.foreign_keys if link.parent in there]),
            }
            for table in chosen
        ],
    }


def write_data_package(folder: str | Path) -> Path:
    """Write ``datapackage.json`` and an empty CSV with the headers of each table, to be filled; returns the former."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables().values():
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerow(table.names)
    path = folder / "datapackage.json"
    path.write_text(json.dumps(data_package(), indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    return path


def table_schema(table: Table, links: Iterable[ForeignKey]) -> dict[str, Any]:
    """The Table Schema of a table with the foreign keys ``links``: what an export in the standard's own columns is.

    There is no ``fieldsMatch``, whose list the Frictionless tools (5.21) refuse, and a self-reference names its table,
    without which they fail on data.
    """
    fields = []
    for field in table.fields:
        entry, constraints = described(table, field), limits(table, field)
        if field.required or field.name == table.key:
            constraints = {"required": True, **constraints}
        if field.unique and field.name != table.key:
            constraints["unique"] = True
        for name in ("minimum", "maximum"):
            if getattr(field, name) is not None:
                limit = getattr(field, name)
                constraints[name] = limit if isinstance(limit, int | float) else limit.isoformat()
        if field.type == "boolean":
            entry |= {"trueValues": _cased(TRUE_WORDS), "falseValues": _cased(FALSE_WORDS)}
        fields.append(entry | ({"constraints": constraints} if constraints else {}))
    schema: dict[str, Any] = {"fields": fields, "primaryKey": [table.key], "missingValues": [""]}
    return schema | ({"foreignKeys": keys} if (keys := foreign_keys(links)) else {})


def described(table: Table, field: Field) -> dict[str, Any]:
    """What a Table Schema says of a field but its constraints, the codes with their labels as categories."""
    own = next((one for one in descriptor(table.name)["schema"]["fields"] if one["name"] == field.name), {})
    entry: dict[str, Any] = {"name": field.name, "type": field.type, "title": field.title}
    entry["description"] = field.description
    entry |= {name: own[name] for name in ("unit", "personal", "example", "codelist") if own.get(name)}
    if field.codelist:
        codes = table.codelist(field.codelist).codes
        entry["categories"] = [{"value": code.code, "label": code.label} for code in codes]
    return entry


def limits(table: Table, field: Field) -> dict[str, Any]:
    """The pattern and codes of a field as constraints of a Table Schema."""
    found: dict[str, Any] = {}
    if field.pattern:
        found["pattern"] = portable(field.pattern)
    if field.codelist:
        found["enum"] = list(table.codelist(field.codelist).values)
    return found


def foreign_keys(links: Iterable[ForeignKey]) -> list[dict[str, Any]]:
    """Parents as a Table Schema writes them."""
    return [{"fields": [x.field], "reference": {"resource": x.parent, "fields": [x.parent_field]}} for x in links]


def portable(pattern: str) -> str:
    r"""A pattern that other engines read as RE2 does: whole texts, and ``\d`` for the ten digits of ASCII alone."""
    inner = pattern.removeprefix("^").removesuffix("$").replace(r"\d", "[0-9]")
    return f"^(?:{inner})$" if "|" in inner else f"^{inner}$"


def standard_version() -> str:
    """The version of the standard, which is that of the package it comes in."""
    from placemaker.standard.versions import newest

    return newest() or version("placemaker")


def _property(table: Table, field: Field, needed: bool) -> dict[str, Any]:
    kind = "string" if field.type in ("date", "datetime") else field.type
    said: dict[str, Any] = {"title": field.title, "description": field.description}
    said["type"] = kind if needed else [kind, "null"]
    if kind == "string" and needed:
        said["minLength"] = 1
    if field.type == "date":
        said |= {"format": "date", "pattern": f"^{_DAY}$"}
    elif field.type == "datetime":
        said["pattern"] = f"^{_MOMENT}$"
    elif field.type in _LARGEST:
        low, high, most = field.minimum, field.maximum, _LARGEST[field.type]
        said["minimum"] = low if low is not None else -most - (field.type == "integer")
        said["maximum"] = high if high is not None else most
    if field.pattern:
        said["pattern"] = portable(field.pattern)
    if field.codelist:
        codes = table.codelist(field.codelist).codes
        said["enum"] = [code.code for code in codes] + ([] if needed else [None])
        said["x-labels"] = {code.code: code.label for code in codes}
    for name in ("unit", "personal", "codelist"):
        if getattr(field, name):
            said[f"x-{name}"] = getattr(field, name)
    if field.example:
        said["examples"] = [descriptor_example(table.name, field.name)]
    return said


def descriptor_example(table: str, field: str) -> Any:
    """The example of a field as JSON holds it."""
    own = next(one for one in descriptor(table)["schema"]["fields"] if one["name"] == field)
    value, kind = own["example"], own["type"]
    return value if kind in ("integer", "number", "boolean") else str(value)


def _cased(words: Iterable[str]) -> list[str]:
    """Words in the three cases that people write, for tools that compare them letter by letter."""
    return list(dict.fromkeys(form for word in words for form in (word, word.upper(), word.capitalize())))
