"""The standard as data: tables, fields, code lists and rules, read from their files once and kept.

``tables/*.yaml`` are Data Package v2 resources with a Table Schema, ``codelists/*.csv`` are code lists and
``rules/<table>.yaml`` the rules of a table. Nothing here runs a rule; see :mod:`placemaker.standard.compile`.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from placemaker.lake.errors import Refusal

FOLDER = Path(__file__).parent

Severity = Literal["reject", "error", "query", "note"]
Dimension = Literal["completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy"]

#: Worst first. A row with a *reject* is held back; every other row is loaded.
SEVERITIES: tuple[Severity, ...] = ("reject", "error", "query", "note")
DIMENSIONS: tuple[Dimension, ...] = (
    "completeness",
    "uniqueness",
    "consistency",
    "timeliness",
    "validity",
    "accuracy",
)

#: The Table Schema types the standard uses, and what each is in DuckDB.
SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(18,4)",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table. ``personal`` is none, personal, special (UK GDPR article 9) or criminal (article 10).

    ``tidied`` names the one way in which the same value is written, ``postcode`` or ``uprn``: a cell is put so before
    it meets its pattern. ``number`` is the field's own in a form of a pack; findings name it by that.
    """

    name: str
    type: str
    title: str
    description: str
    number: str = ""
    unit: str = ""
    codelist: str = ""
    personal: str = "none"
    required: bool = False
    unique: bool = False
    pattern: str = ""
    tidied: str = ""
    example: str = ""
    minimum: float | date | None = None
    maximum: float | date | None = None

    @property
    def sql_type(self) -> str:
        """The field's type in DuckDB."""
        return SQL_TYPES[self.type]

    @property
    def label(self) -> str:
        """What a finding calls the field: its number in a form, or else its name."""
        return self.number or self.name


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """``field`` holds a value of ``parent_field`` in the table ``parent``."""

    field: str
    parent: str
    parent_field: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold. A row rule has ``expect``, a condition that breaks only when it is false, not when unknown.

    A set rule has ``breaks`` instead, a query that gives the column ``_row`` of the rows that break it. ``passes`` and
    ``fails`` are one row each (a set rule: rows by table) that the test suite runs and the reference page shows. A rule
    is left out of an export that does not fill a field it names, unless the field is ``optional``: then it reads as
    empty.

    The rules of a pack may name several ``fields``, each of which gets a finding, and a ``stage``: what an earlier
    stage found on a field of a row leaves out what a later one finds there. ``vouched`` says that the SQL has been
    through the allow-list: ours in the test suite, that of others when it is read.
    """

    id: str
    table: str
    severity: Severity
    message: str
    dimension: Dimension
    source: str = ""
    expect: str = ""
    breaks: str = ""
    field: str = ""
    title: str = ""
    passes: Any = None
    fails: Any = None
    optional: tuple[str, ...] = ()
    nations: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    fields: tuple[str, ...] = ()
    stage: int = 1
    group: str = ""
    vouched: bool = False

    def in_force(self, today: date) -> bool:
        """Whether the rule holds on that day."""
        return (self.start is None or self.start <= today) and (self.end is None or today <= self.end)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a row is kept by default: ``years`` after the day in the field ``after``, and why.

    ``after`` may name another table's field, ``tenancy.end_date``; a landlord's own schedule comes before the default.
    """

    years: int
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the standard: its fields in order, its key (one field), its parents and its rules.

    The table of a form may have no key: a finding shows ``shown_key`` then, if there is one. A pack's own code lists
    come before the standard's.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: str
    foreign_keys: tuple[ForeignKey, ...] = ()
    rules: tuple[Rule, ...] = ()
    shown_key: str = ""
    retention: Retention | None = None
    codelists: AnyMapping[str, CodeList] = dataclass_field(default_factory=dict, compare=False, repr=False)
    names: dict[str, Field] = dataclass_field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.names.update({field.name: field for field in self.fields})

    def field(self, name: str) -> Field:
        """The field of that name, or a Refusal that offers the nearest."""
        if name not in self.names:
            raise Refusal(f"The table {self.name} has no field {name!r}", next=nearest(name, self.names))
        return self.names[name]

    def codelist(self, name: str) -> CodeList:
        """The code list of that name: the pack's own, or else the standard's."""
        return self.codelists.get(name) or codelist(name)


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a code list, with the days between which it may be used."""

    code: str
    label: str
    parent: str = ""
    start: date | None = None
    end: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes a field may hold, in the order of its file."""

    name: str
    codes: tuple[Code, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The codes alone."""
        return tuple(code.code for code in self.codes)


def nearest(name: str, known: Any) -> str:
    """``Did you mean tenancy?`` or, where nothing is near, the whole list: what to do after a name nobody knows."""
    known = list(known)
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(near)}?" if near else f"It is one of: {', '.join(known)}."


@cache
def table_names() -> tuple[str, ...]:
    """The names of the tables of the standard, in alphabetical order."""
    return tuple(sorted(path.stem for path in (FOLDER / "tables").glob("*.yaml")))


@cache
def table(name: str) -> Table:
    """The table of that name with its rules; a Refusal that offers the nearest names where there is none."""
    if name not in table_names():
        raise Refusal(f"The standard has no table {name!r}", next=nearest(name, table_names()))
    return build_table(_read_yaml(FOLDER / "tables" / f"{name}.yaml"), _read_rules(name))


def tables() -> dict[str, Table]:
    """Every table of the standard by name."""
    return {name: table(name) for name in table_names()}


@cache
def codelist(name: str) -> CodeList:
    """The code list of that name; a Refusal where there is none."""
    path = FOLDER / "codelists" / f"{name}.csv"
    if not path.is_file():
        raise Refusal(f"The standard has no code list {name!r}", next=nearest(name, codelist_names()))
    return read_codelist(path)


def read_codelist(path: Path) -> CodeList:
    """The code list in a CSV file, by the name of the file."""
    with path.open(encoding="utf-8", newline="") as lines:
        codes = tuple(
            Code(
                row["code"],
                row["label"],
                row.get("parent") or "",
                _day(row.get("start")),
                _day(row.get("end")),
                row.get("source") or "",
            )
            for row in csv.DictReader(lines)
        )
    return CodeList(path.stem, codes)


@cache
def codelist_names() -> tuple[str, ...]:
    """The names of the code lists, in alphabetical order."""
    return tuple(sorted(path.stem for path in (FOLDER / "codelists").glob("*.csv")))


def build_table(descriptor: dict[str, Any], rules: tuple[Rule, ...] = ()) -> Table:
    """A :class:`Table` from a Data Package v2 resource (a dict, as its YAML holds it)."""
    schema = descriptor["schema"]
    (key,) = _listed(schema.get("primaryKey") or ("",))
    parents = tuple(
        ForeignKey(
            _listed(link["fields"])[0],
            link["reference"].get("resource") or descriptor["name"],
            _listed(link["reference"]["fields"])[0],
        )
        for link in schema.get("foreignKeys", ())
    )
    return Table(
        name=descriptor["name"],
        title=descriptor.get("title", descriptor["name"]),
        description=descriptor.get("description", ""),
        fields=tuple(_build_field(field) for field in schema["fields"]),
        key=key,
        foreign_keys=parents,
        rules=rules,
        retention=Retention(**descriptor["retention"]) if descriptor.get("retention") else None,
    )


def build_rule(table_name: str, entry: dict[str, Any]) -> Rule:
    """A :class:`Rule` from an entry of ``rules/<table>.yaml``; a Refusal where the entry is no rule."""
    known = set(Rule.__dataclass_fields__) - {"table", "vouched"}
    where = f"rules/{table_name}.yaml, rule {entry.get('id', '(no id)')}"
    missing = [name for name in ("id", "severity", "message", "dimension") if not entry.get(name)]
    if missing:
        raise Refusal(f"The rule has no {' and no '.join(missing)}", where, "Add it.")
    if unknown := sorted(set(entry) - known):
        raise Refusal(f"A rule has no {unknown[0]!r}", where, nearest(unknown[0], sorted(known)))
    if bool(entry.get("expect")) == bool(entry.get("breaks")):
        raise Refusal("The rule needs either `expect` or `breaks`", where, "Give one of the two.")
    if entry["severity"] not in SEVERITIES or entry["dimension"] not in DIMENSIONS:
        raise Refusal("The rule's severity or dimension is not one the standard knows", where, "See schema.py.")
    listed = {name: tuple(_listed(entry.get(name) or ())) for name in ("nations", "optional", "fields")}
    return Rule(**{**entry, "table": table_name, **listed})


def _build_field(entry: dict[str, Any]) -> Field:
    limits = entry.get("constraints") or {}
    return Field(
        name=entry["name"],
        type=entry["type"],
        title=entry.get("title", entry["name"]),
        description=entry.get("description", ""),
        number=str(entry.get("number", "")),
        unit=entry.get("unit", ""),
        codelist=entry.get("codelist", ""),
        personal=entry.get("personal", "none"),
        required=bool(limits.get("required")),
        unique=bool(limits.get("unique")),
        pattern=limits.get("pattern", ""),
        tidied=entry.get("tidied", ""),
        example=str(entry.get("example", "")),
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
    )


def _read_rules(name: str) -> tuple[Rule, ...]:
    path = FOLDER / "rules" / f"{name}.yaml"
    return tuple(build_rule(name, entry) for entry in _read_yaml(path) or ()) if path.is_file() else ()


def _read_yaml(path: Path) -> Any:
    with path.open(encoding="utf-8") as text:
        return yaml.load(text, Loader=yaml.CSafeLoader)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
