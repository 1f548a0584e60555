"""The rules that follow from a field, in words and with rows that pass and fail: what :mod:`explain` shows of them.

The test suite runs every one of these rows, so that no explanation says what the check does not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from placemaker.standard.schema import CodeList, Dimension, Field, Severity, Table
from placemaker.standard.schema import table as table_of
from placemaker.standard.values import EARLIEST, NOTHING, written

Rows = dict[str, list[dict[str, Any]]]

_SAMPLES = {
    "string": ("A1", "?"),
    "integer": ("3", "12.7"),
    "number": ("96.40", "about 90"),
    "boolean": ("yes", "perhaps"),
    "date": ("2026-01-31", "2026-02-30"),
    "datetime": ("2026-01-31 14:30", "2026-01-31 25:00"),
}


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One rule that follows from a field; ``passes`` and ``fails`` are rows of text by table. See Explanation."""

    title: str
    severity: Severity
    dimension: Dimension
    to_do: str
    passes: Rows
    fails: Rows
    happens: str = ""


def kinds_of(owner: Table, field: Field) -> tuple[str, ...]:
    """The kinds of rules that follow from a field, in the order in which a cell meets them."""
    if owner.verdict == "rules":  # its verdict rests on its written rules alone
        return ()
    found = ["column"]
    if field.name == owner.key or field.required:
        found.append("required")
    if field.name == owner.key:
        found.append("word")
    if field.codelist:
        found.append("code")
    elif field.type != "string":
        found.append("type")
    elif field.pattern:
        found.append("pattern")
    if field.type in ("date", "datetime") and field.minimum is None:
        found.append("year")
    if field.minimum is not None or field.maximum is not None:
        found.append("range")
    if field.unique or field.name == owner.key:
        found.append("unique")
    if any(link.field == field.name for link in owner.foreign_keys):
        found.append("parent")
    return tuple(found)


def built_in(owner: Table, field: Field, kind: str, codes: CodeList | None = None) -> BuiltIn:
    """The rule of that kind that follows from ``field``; ``codes`` is its code list, if it has one."""
    return _KINDS[kind](owner, field, codes)


def _row(owner: Table, field: Field, text: str, key: str = "") -> dict[str, Any]:
    if not owner.key or field.name == owner.key:
        return {field.name: text}
    return {owner.key: key or owner.names[owner.key].example or "A1", field.name: text}


def _good(field: Field, codes: CodeList | None = None) -> str:
    if codes:
        return codes.values[0]
    return field.example or _SAMPLES[field.type][0]


def _column(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    severity: Severity = "error" if field.required or field.name == owner.key else "note"
    return BuiltIn(
        f"The file has no column for {field.title}, so it is empty in every row.",
        severity,
        "completeness",
        f"Export the column {field.name} too, or say in a mapping which column it is.",
        {},
        {},
        f"{severity}, or error where a mapping names a column that the file does not have. The rows are loaded "
        "without it; rules that need it are left out."
        + (
            " Without the key's column nothing can be loaded, and the file is refused."
            if field.name == owner.key
            else ""
        ),
    )


def _required(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    key = field.name == owner.key
    good = _good(field, codes)
    return BuiltIn(
        f"{field.title} is empty, and every row must have it.",
        "reject" if key else "error",
        "completeness",
        "Fill it in the system the row comes from. Where the system writes another word for nothing, name it under "
        "`empty:` in the mapping.",
        {owner.name: [_row(owner, field, good)]},
        {owner.name: [_row(owner, field, "")]},
    )


def _code(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    return BuiltIn(
        f"{field.title} is not a code of the list {field.codelist}.",
        "error",
        "validity",
        f"See the codes with: placemaker explain codelist/{field.codelist}. Where the system has codes of its own, say "
        "under `codes:` in the mapping what each stands for.",
        {owner.name: [_row(owner, field, _good(field, codes))]},
        {owner.name: [_row(owner, field, "no such code")]},
        "error. The row is loaded, with the cell empty; its text is kept in the finding.",
    )


def _type(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    how = {
        "date": " Where the file writes the day first, put `dates: day-first` in its mapping.",
        "datetime": " Where the file writes the day first, put `dates: day-first` in its mapping.",
        "number": " Where it writes 123.40CR or (123.40), put `number: trailing-sign` or `number: brackets` there.",
    }
    what = "a date, written 2026-01-31" if field.type == "date" else written(field).split(" (")[0]
    return BuiltIn(
        f"{field.title} is not {what}.",
        "error",
        "validity",
        "Write it as the standard does; nothing is guessed." + how.get(field.type, ""),
        {owner.name: [_row(owner, field, _in_range(field))]},
        {owner.name: [_row(owner, field, _SAMPLES[field.type][1])]},
        "error. The row is loaded, with the cell empty; its text is kept in the finding.",
    )


def _pattern(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    return BuiltIn(
        f"{field.title} is not written as it should be" + (f", such as {field.example}." if field.example else "."),
        "error",
        "validity",
        "Put it right in the system it comes from."
        + (" Spaces and small letters do no harm." if field.tidied == "postcode" else "")
        + (" Leading zeros do no harm." if field.tidied == "uprn" else ""),
        {owner.name: [_row(owner, field, field.example)]} if field.example else {},
        {owner.name: [_row(owner, field, "?" + field.example)]},
        "error. The row is loaded, with the cell empty; its text is kept in the finding.",
    )


def _word(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    return BuiltIn(
        f"{field.title} looks like a word for no value, such as {NOTHING[0].upper()} or NULL.",
        "query",
        "validity",
        "Where it is one, name it under `empty:` in the mapping: rows without a key are held back then.",
        {owner.name: [_row(owner, field, _good(field, codes))]},
        {owner.name: [_row(owner, field, "N/A")]},
    )


def _year(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    early = "0024-04-01" if field.type == "date" else "0024-04-01 09:30"
    return BuiltIn(
        f"{field.title} is before {EARLIEST.year}.",
        "query",
        "accuracy",
        "Look for a year of two figures, or a slip of the keys.",
        {owner.name: [_row(owner, field, _good(field))]},
        {owner.name: [_row(owner, field, early)]},
    )


def _range(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    low, high = field.minimum, field.maximum
    words = (
        f"not between {low} and {high}"
        if low is not None and high is not None
        else f"less than {low}"
        if low is not None
        else f"more than {high}"
    )
    limit, step = (low, -1) if low is not None else (high, 1)
    beyond = limit + timedelta(step) if isinstance(limit, date) else limit + step
    return BuiltIn(
        f"{field.title} is {words}.",
        "error",
        "validity",
        "Look for a slip of the keys, or another unit than " + (field.unit or "the standard's") + ".",
        {owner.name: [_row(owner, field, _in_range(field))]},
        {owner.name: [_row(owner, field, str(beyond))]},
    )


def _in_range(field: Field) -> str:
    limit = field.minimum if field.minimum is not None else field.maximum
    return field.example or (str(limit) if limit is not None else _SAMPLES[field.type][0])


def _unique(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    good, key = _good(field, codes), field.name == owner.key
    one, two = (_row(owner, field, good, "A1"), _row(owner, field, good, "A2"))
    other = _row(owner, field, good[:-1] + ("8" if good[-1:] != "8" else "7"), "A2")
    return BuiltIn(
        f"{field.title} is on an earlier row already.",
        "reject" if key else "error",
        "uniqueness",
        "Find which of the rows is right. Where a file has several rows for one key on purpose, say `one_row_per:` in "
        "its mapping."
        if key
        else "Find which of the rows is right, and put the other right.",
        {owner.name: [one, other]},
        {owner.name: [one, two]},
        "reject. The first row is loaded; the second and later ones are held back." if key else "",
    )


def _parent(owner: Table, field: Field, codes: CodeList | None) -> BuiltIn:
    link = next(link for link in owner.foreign_keys if link.field == field.name)
    parent = table_of(link.parent)
    good = _good(field)
    return BuiltIn(
        f"{field.title} names what is not among the {parent.title.lower()}.",
        "error",
        "consistency",
        f"Load the {parent.title.lower()} first; then look for the reference in both systems.",
        {link.parent: [{link.parent_field: good}], owner.name: [_row(owner, field, good)]},
        {link.parent: [{link.parent_field: good}], owner.name: [_row(owner, field, "no such reference")]},
        "error, one finding for each reference that is not there, with the number of its rows and the first of them. "
        "The rows are loaded. A note where nothing is loaded yet that it could name.",
    )


_KINDS = {
    "column": _column,
    "required": _required,
    "code": _code,
    "type": _type,
    "pattern": _pattern,
    "word": _word,
    "year": _year,
    "range": _range,
    "unique": _unique,
    "parent": _parent,
}
