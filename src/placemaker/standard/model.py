"""What the standard is made of: tables, fields, keys, rules and code lists, as they are once they are read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Any, Literal

from placemaker.lake.errors import Refusal

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

    The table of a form may have no key: a finding shows ``shown_key`` then, if there is one. Its ``verdict`` may rest
    on its ``rules`` alone, and not on what its fields say of types and codes. A pack's own code lists come before the
    standard's. ``theme`` is the part of a landlord's work that it belongs to.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: str
    foreign_keys: tuple[ForeignKey, ...] = ()
    rules: tuple[Rule, ...] = ()
    theme: str = ""
    shown_key: str = ""
    retention: Retention | None = None
    verdict: str = ""
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
        from placemaker.standard.schema import codelist

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
