"""From what a file says to a table or a rule: every entry is looked at first, and refused with its line if it is wrong.

What is asked here costs next to nothing and is asked each time a file is read. Whether the SQL of a rule is allowed and
can be run is asked by :mod:`placemaker.standard.sound`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.model import (
    DIMENSIONS,
    SEVERITIES,
    SQL_TYPES,
    Field,
    ForeignKey,
    Retention,
    Rule,
    Table,
    nearest,
)

#: Where an entry is written, for the steps that lead to it: see :func:`placemaker.standard.yaml_lines.at`.
At = Callable[..., str]

NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
RULE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
PERSONAL = ("none", "personal", "special", "criminal")
TIDIED = ("postcode", "uprn")
NATIONS = ("England", "Scotland", "Wales", "Northern Ireland")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CONSTRAINTS = ("required", "unique", "pattern", "minimum", "maximum")
_LIMITS = {"integer": (int,), "number": (int, float), "date": (date,), "datetime": (datetime,)}
#: What a field or table may say besides what its class holds.
_FIELD_KEYS = {*Field.__dataclass_fields__, "constraints"} - {"required", "unique", "pattern", "minimum", "maximum"}
_TABLE_KEYS = ("name", "title", "description", "version", "licence", "sources", "schema")
_SCHEMA_KEYS = ("fieldsMatch", "fields", "primaryKey", "foreignKeys", "missingValues")


def build_table(
    descriptor: Mapping[str, Any],
    rules: tuple[Rule, ...] = (),
    at: At | None = None,
    codelists: Iterable[str] | None = None,
) -> Table:
    """A :class:`Table` from a Data Package v2 resource (a dict, as its YAML holds it).

    Raises Refusal, with the line that ``at`` gives for the steps to it, where the descriptor is none. ``codelists`` are
    the lists that are known; without, none is looked for.
    """
    for problem in table_problems(descriptor, at, codelists):
        raise problem
    schema = descriptor["schema"]
    (key,) = _listed(schema.get("primaryKey") or ("",))
    parents = tuple(
        ForeignKey(
            _listed(link["fields"])[0],
            link["reference"].get("resource") or descriptor["name"],
            _listed(link["reference"]["fields"])[0],
        )
        for link in schema.get("foreignKeys") or ()
    )
    own = {name: descriptor[name] for name in _own_keys(Table) if name in descriptor}
    return Table(
        **{
            **own,
            "name": descriptor["name"],
            "title": descriptor.get("title", descriptor["name"]),
            "description": descriptor.get("description", ""),
            "fields": tuple(_build_field(field) for field in schema["fields"]),
            "key": key,
            "retention": Retention(**descriptor["retention"]) if descriptor.get("retention") else None,
            "foreign_keys": parents,
            "rules": rules,
        }
    )


def build_rule(table_name: str, entry: Mapping[str, Any], at: At | None = None, table: Table | None = None) -> Rule:
    """A :class:`Rule` from an entry of ``rules/<table>.yaml``; a Refusal, with its line, where the entry is no rule.

    With a ``table`` the names that the rule gives outside its SQL must be fields of it.
    """
    for problem in rule_problems(table_name, entry, at, table):
        raise problem
    listed = {name: tuple(_listed(entry.get(name) or ())) for name in ("nations", "optional", "fields")}
    return Rule(**{**entry, "table": table_name, **listed})


def table_problems(descriptor: Any, at: At | None = None, codelists: Iterable[str] | None = None) -> Iterator[Refusal]:
    """Everything that is wrong with a table's descriptor, in the order of its file."""
    name = descriptor.get("name") if isinstance(descriptor, Mapping) else None
    at = at or (lambda *steps: ", ".join([f"tables/{name}.yaml", *map(str, steps)]))
    if not isinstance(descriptor, Mapping) or not isinstance(name, str) or not NAME.fullmatch(name):
        yield Refusal("The table has no name in small letters, digits and _", at("name"), "Write `name: tenancy`.")
        return
    yield from _unknown_keys("A table", descriptor, {*_TABLE_KEYS, *_own_keys(Table)}, at)
    schema = descriptor.get("schema")
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    if not isinstance(fields, list) or not fields:
        yield Refusal("The table has no fields", at("schema", "fields"), "Add `schema:` and `fields:`.")
        return
    yield from _unknown_keys("A schema", schema, _SCHEMA_KEYS, at, "schema")
    names: dict[str, int] = {}
    for place, field in enumerate(fields):
        yield from _field_problems(field, lambda *steps, place=place: at("schema", "fields", place, *steps), codelists)
        called = field.get("name") if isinstance(field, Mapping) else None
        if called in names:
            yield Refusal(f"The field {called!r} is there twice", at("schema", "fields", place), "Keep one of the two.")
        names[called] = place
    key = _listed(schema.get("primaryKey") or ())
    if schema.get("primaryKey") is not None and len(key) != 1:
        yield Refusal("The key is not one field", at("schema", "primaryKey"), "Write `primaryKey: [name]`.")
    elif key and key[0] not in names:
        yield Refusal(f"The key {key[0]!r} is no field of the table", at("schema", "primaryKey"), _near(key[0], names))
    yield from _retention_problems(descriptor.get("retention"), names, at)
    links = schema.get("foreignKeys") or []
    for place, link in enumerate(links if isinstance(links, list) else [links]):
        yield from _link_problems(link, names, lambda *steps, place=place: at("schema", "foreignKeys", place, *steps))


def rule_problems(table_name: str, entry: Any, at: At | None = None, table: Table | None = None) -> Iterator[Refusal]:
    """Everything that is wrong with an entry of a rules file but its SQL."""
    name = entry.get("id", "(no id)") if isinstance(entry, Mapping) else "(no id)"
    at = at or (lambda *_: f"rules/{table_name}.yaml, rule {name}")
    if not isinstance(entry, Mapping):
        yield Refusal("The entry is no rule", at(), "Begin it with `- id:`.")
        return
    missing = [key for key in ("id", "severity", "message", "dimension") if not entry.get(key)]
    if missing:
        yield Refusal(f"The rule has no {' and no '.join(missing)}", at(), "Add it.")
    yield from _unknown_keys("A rule", entry, set(Rule.__dataclass_fields__) - {"table", "vouched"}, at)
    if bool(entry.get("expect")) == bool(entry.get("breaks")):
        yield Refusal("The rule needs either `expect` or `breaks`", at("expect"), "Give one of the two.")
    if "id" not in missing and not (isinstance(name, str) and RULE_ID.fullmatch(name)):
        yield Refusal(f"The name {name!r} is not small letters, digits and -", at("id"), "Write it like end-in-order.")
    for key, known in (("severity", SEVERITIES), ("dimension", DIMENSIONS)):
        if key not in missing and entry[key] not in known:
            yield Refusal(f"{entry[key]!r} is no {key}", at(key), _near(entry[key], known))
    for key in ("message", "source", "title", "expect", "breaks", "field", "group"):
        if entry.get(key) and not isinstance(entry[key], str):
            yield Refusal(f"The {key} of the rule is no text", at(key), "Put it in quotes.")
    for key in ("nations", "optional", "fields"):
        told = entry.get(key)
        if told is not None and not (isinstance(told, str) or (isinstance(told, list) and all(map(_is_text, told)))):
            yield Refusal(f"The {key} of the rule are no list of names", at(key), "Write them as [one, two].")
    for nation in _listed(entry.get("nations") or ()):
        if nation not in NATIONS:
            yield Refusal(f"{nation!r} is no nation", at("nations"), _near(nation, NATIONS))
    yield from _days_problems(entry, at)
    stage = entry.get("stage", 1)
    if not isinstance(stage, int) or stage < 1:
        yield Refusal("The stage is no whole number from 1", at("stage"), "Write `stage: 1`.")
    if table is not None:
        yield from _name_problems(entry, table, at)


def _field_problems(field: Any, at: At, codelists: Iterable[str] | None) -> Iterator[Refusal]:
    name = field.get("name") if isinstance(field, Mapping) else None
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield Refusal("The field has no name in small letters, digits and _", at("name"), "Write `name: start_date`.")
        return
    yield from _unknown_keys("A field", field, _FIELD_KEYS, at)
    kind = field.get("type")
    if kind not in SQL_TYPES:
        yield Refusal(f"{kind!r} is no type of a field", at("type"), _near(kind, SQL_TYPES))
    for key in ("title", "description", "unit", "codelist", "personal", "tidied"):
        if not isinstance(field.get(key, ""), str):
            yield Refusal(f"The {key} of {name} is no text", at(key), "Put it in quotes.")
    for key, known in (("personal", PERSONAL), ("tidied", TIDIED)):
        if field.get(key) and field[key] not in known:
            yield Refusal(f"{field[key]!r} is not known as `{key}`", at(key), _near(field[key], known))
    told = field.get("codelist")
    if told and codelists is not None and told not in (known := list(codelists)):
        yield Refusal(f"The standard has no code list {told!r}", at("codelist"), _near(told, known))
    if told and kind != "string" and not (kind == "integer" and field.get("number")):  # a form's codes are numbers
        yield Refusal(f"{name} has a code list, and is no string", at("type"), "Codes are text: write `type: string`.")
    yield from _constraint_problems(field, kind, at)


def _constraint_problems(field: Mapping[str, Any], kind: Any, at: At) -> Iterator[Refusal]:
    limits = field.get("constraints") or {}
    if not isinstance(limits, Mapping):
        yield Refusal("The constraints are no pairs", at("constraints"), "Write {required: true}.")
        return
    yield from _unknown_keys("The constraints of a field", limits, _CONSTRAINTS, at, "constraints")
    for key in ("required", "unique"):
        if not isinstance(limits.get(key, False), bool):
            yield Refusal(f"`{key}` is neither true nor false", at("constraints", key), "Write true or leave it out.")
    for key in ("minimum", "maximum"):
        limit = limits.get(key)
        fits = isinstance(limit, _LIMITS.get(kind, ())) and not isinstance(limit, bool)
        if limit is not None and (not fits or (kind == "date" and isinstance(limit, datetime))):
            yield Refusal(f"The {key} {limit!r} is no {kind}", at("constraints", key), "Write it as its type is.")
            return
    low, high = limits.get("minimum"), limits.get("maximum")
    if low is not None and high is not None and low > high:
        yield Refusal(f"The minimum {low} is above the maximum {high}", at("constraints", "minimum"), "Swap them.")
    pattern = limits.get("pattern")
    if pattern is None:
        return
    try:
        if kind != "string" or not isinstance(pattern, str) or not re.compile(pattern):
            raise ValueError
    except (ValueError, re.error, RecursionError, OverflowError):
        yield Refusal("The pattern is none that a text could have", at("constraints", "pattern"), "Check its brackets.")


def _link_problems(link: Any, names: Iterable[str], at: At) -> Iterator[Refusal]:
    reference = link.get("reference") if isinstance(link, Mapping) else None
    if not isinstance(reference, Mapping) or not link.get("fields") or not reference.get("fields"):
        yield Refusal("The foreign key has no fields and reference", at(), "See another table for how it is written.")
        return
    own, theirs = _listed(link["fields"]), _listed(reference["fields"])
    if len(own) != 1 or len(theirs) != 1:
        yield Refusal("The foreign key is not one field to one field", at("fields"), "Key a table by one reference.")
    elif own[0] not in names:
        yield Refusal(f"The foreign key {own[0]!r} is no field of the table", at("fields"), _near(own[0], names))


def _retention_problems(told: Any, names: Iterable[str], at: At) -> Iterator[Refusal]:
    if told is None:
        return
    if not isinstance(told, Mapping) or set(told) != set(Retention.__dataclass_fields__):
        yield Refusal(
            "The retention is not years, after and why", at("retention"), "Write {years: 6, after: end_date}."
        )
    elif not isinstance(told["years"], int) or isinstance(told["years"], bool) or told["years"] < 0:
        yield Refusal("The years of the retention are no whole number", at("retention", "years"), "Write `years: 6`.")
    elif not isinstance(told["after"], str) or ("." not in told["after"] and told["after"] not in names):
        where = at("retention", "after")
        yield Refusal(f"The retention runs from {told['after']!r}, no field of the table", where, _near("", names))


def _name_problems(entry: Mapping[str, Any], table: Table, at: At) -> Iterator[Refusal]:
    """Names outside the SQL that no field has."""
    named = {key: _listed(entry.get(key) or ()) for key in ("fields", "optional")}
    named["field"] = [entry["field"]] if entry.get("field") else []
    if entry.get("expect"):
        # The message of a set rule may quote any column of its query.
        named["message"] = [name for name in _PLACEHOLDER.findall(str(entry.get("message"))) if name != "today"]
    else:
        named["optional"] = []
    for key, names in named.items():
        for name in names:
            if name not in table.names:
                yield Refusal(f"The table {table.name} has no field {name!r}", at(key), _near(name, table.names))


def _days_problems(entry: Mapping[str, Any], at: At) -> Iterator[Refusal]:
    days = {key: entry.get(key) for key in ("start", "end")}
    for key, day in days.items():
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            yield Refusal(f"The {key} is no day", at(key), "Write it as 2026-04-01.")
            return
    if days["start"] and days["end"] and days["end"] < days["start"]:
        yield Refusal(f"The rule ends on {days['end']}, before its start", at("end"), "Check both days.")


def _unknown_keys(what: str, told: Mapping[str, Any], known: Iterable[str], at: At, *steps: str) -> Iterator[Refusal]:
    for key in told:
        if key not in known:
            yield Refusal(f"{what} has no {str(key)!r}", at(*steps, key), _near(key, known))


def _own_keys(kind: type) -> set[str]:
    """What a table says of itself that its class holds by the same name."""
    built = {"fields", "key", "foreign_keys", "rules", "shown_key", "codelists", "names"}
    return set(kind.__dataclass_fields__) - built


def _build_field(entry: Mapping[str, Any]) -> Field:
    limits = entry.get("constraints") or {}
    own = {name: entry[name] for name in _FIELD_KEYS - {"constraints"} if entry.get(name) is not None}
    texts = {name: str(own[name]) for name in ("number", "example") if name in own}
    return Field(
        **{
            "title": entry["name"],
            "description": "",
            **own,
            **texts,
            "required": bool(limits.get("required")),
            "unique": bool(limits.get("unique")),
            "pattern": limits.get("pattern") or "",
            "minimum": limits.get("minimum"),
            "maximum": limits.get("maximum"),
        }
    )


def _near(name: Any, known: Iterable[str]) -> str:
    return nearest(str(name), sorted(map(str, known)) if isinstance(known, set) else [str(one) for one in known])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
