"""A suggested mapping: which column of an export is which field, by the column's name and by what its cells look like.

A suggestion is for a person to read and correct. Each field carries how sure it is and why; what is not clear, such as
whether 03/04/2026 is in March or in April, is left open and said, never guessed.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.standard.columns import SHAPES, Column, look_at
from placemaker.standard.header_rows import likely_read
from placemaker.standard.reading import Read, stage
from placemaker.standard.schema import Field, Table
from placemaker.standard.schema import table as table_of
from placemaker.standard.synonyms import match_codes, name_likeness
from placemaker.standard.values import NOTHING

#: Below this a column is not taken for a field; it is offered in a comment down to ``MAYBE``.
SURE, MAYBE = 0.55, 0.35

#: Fields whose values are like nothing else, so that the column's name does not matter.
_TELLING = ("postcode", "national_insurance_number")


@dataclass(frozen=True, slots=True)
class Guess:
    """One field and the column it may come from. ``confidence`` runs from 0 to 1; ``open`` says what is left unclear.

    ``entry`` is the field's part of the mapping: a column, or a dict with how it is written. ``unknown_codes`` are
    values of a coded column that no code was found for.
    """

    field: str
    column: str
    confidence: float
    reason: str
    entry: str | dict[str, Any]
    open: str = ""
    unknown_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What :func:`suggest_mapping` makes of an export: fields it is sure of, others it only offers, and the rest."""

    file: Path
    table: Table
    read: dict[str, Any]
    fields: dict[str, Guess]
    offers: tuple[Guess, ...] = ()
    unmatched: tuple[str, ...] = ()
    one_row_per: str = ""
    notes: tuple[str, ...] = dataclass_field(default=())

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping as a plain dict, without what is left open."""
        filled = {name: guess.entry for name, guess in self.fields.items() if not guess.open}
        entry: dict[str, Any] = {"fields": filled}
        if self.one_row_per:
            entry = {"one_row_per": [self.one_row_per], **entry}
        name = re.sub(r"[^a-z0-9]+", "_", self.file.stem.lower()).strip("_") or self.table.name
        mapping: dict[str, Any] = {"source": name, "title": self.file.stem}
        if self.read:
            mapping["read"] = self.read
        return mapping | {"tables": {self.table.name: entry}}

    def to_yaml(self) -> str:
        """The mapping as YAML with, beside each field, how sure it is and why."""
        from placemaker.standard.suggest_yaml import write

        return write(self)


def suggest(file: str | Path, table: str) -> dict[str, Any]:
    """A suggested mapping of ``file`` to ``table``, as a mapping's YAML holds it. See :func:`suggest_mapping`."""
    return suggest_mapping(file, table).mapping


def suggest_mapping(file: str | Path, table: str) -> Suggestion:
    """Suggest which column of ``file`` is which field of ``table``. Raises Refusal where the file cannot be read."""
    file, wanted = Path(file), table_of(table)
    with connect() as con:
        read, staged = _stage(con, file)
        columns = look_at(con, staged)
        found = _choose(wanted, columns)
        key = found.get(wanted.key)
        repeats = 0
        if key:
            from placemaker.standard.expressions import identifier

            name = identifier(key.column)
            (repeats,) = con.execute(f"select count({name}) - count(distinct {name}) from {staged.relation}").fetchone()
    sure = {field.name: found[field.name] for field in wanted.fields if field.name in found}
    offers = tuple(guess for guess in sure.values() if guess.confidence < SURE)
    sure = {name: guess for name, guess in sure.items() if guess.confidence >= SURE}
    used = {guess.column for guess in sure.values()}
    notes = [f"{key.column} repeats in {repeats:,} rows; the first row of each is taken." if key and repeats else ""]
    return Suggestion(
        file,
        wanted,
        read,
        sure,
        tuple(guess for guess in offers if guess.column not in used),
        tuple(column.name for column in columns if column.name not in used),
        key.column if key and repeats else "",
        tuple(filter(None, notes)),
    )


def _stage(con: Any, file: Path) -> tuple[dict[str, Any], Any]:
    """The export, staged in the first way that it can be read, and the ``read`` entry of the mapping that says so."""
    refused: Refusal | None = None
    for entry in _ways(file):
        try:
            return entry, stage(con, file, Read(**entry), "_suggest")
        except Refusal as refusal:
            refused = refused or refusal
    raise refused or Refusal("The file cannot be read.", str(file), "Save it as CSV UTF-8.")


def _ways(file: Path) -> list[dict[str, Any]]:
    sheet = file.suffix.lower() in (".xlsx", ".xlsm")
    ways: list[dict[str, Any]] = [{}] if sheet else [{}, {"encoding": "utf-16"}, {"encoding": "windows-1252"}]
    return [way | _headers(file, way) for way in ways]


def _headers(file: Path, way: dict[str, Any]) -> dict[str, Any]:
    """Where the headers seem to be, as the mapping's ``read`` says it; nothing where they are on the first row."""
    try:
        found = likely_read(file, Read(**way))
    except (Refusal, OSError, UnicodeError, csv.Error):  # Reading the file says what is wrong with it.
        return {}
    told: dict[str, Any] = {"header_row": found.header_row} if found.header_row > 1 else {}
    return told | ({"delimiter": found.delimiter} if found.delimiter else {})


def _choose(table: Table, columns: list[Column]) -> dict[str, Guess]:
    """The likeliest column of each field, each column once, the surest pairs first."""
    guesses = [guess for field in table.fields for column in columns if (guess := _guess(table, field, column))]
    chosen: dict[str, Guess] = {}
    taken: set[str] = set()
    for guess in sorted(guesses, key=lambda guess: -guess.confidence):
        if guess.field not in chosen and guess.column not in taken:
            chosen[guess.field] = guess
            taken.add(guess.column)
    return chosen


def _guess(table: Table, field: Field, column: Column) -> Guess | None:
    name, why = name_likeness(table.name, field, column.name)
    values = _value_likeness(field, column)
    if values is None:
        confidence, because = 0.9 * name, why
    else:
        fit, what = values
        # A code list of one's own is no reason to doubt a plain name; its codes are for a person to fill in.
        if fit < 0.3 and not (field.codelist and name >= 0.9 and column.is_coded):
            return None
        alone = 0.6 if field.name in _TELLING and fit > 0.9 else 0.0
        confidence = max(0.7 * name + 0.3 * fit * (name > 0), alone)
        because = f"{why}; {what}" if name else what
    if field.name == table.key and column.filled:
        repeated = column.filled / len(column.values)
        confidence *= 1.0 if column.filled >= 0.98 * column.rows and repeated < 20 else 0.5
    if confidence < MAYBE:
        return None
    return _entry(field, column, Guess(field.name, column.name, round(confidence, 2), because, column.name))


def _value_likeness(field: Field, column: Column) -> tuple[float, str] | None:
    """How well the values fit the field, from 0 to 1, and in words; None where any text would."""
    if not column.filled:
        return None
    if field.codelist:
        if not column.is_coded:
            return 0.0, "too many different values for a list of codes"
        codes = match_codes(field.codelist, column.values)
        fit = sum(column.values[text] for text in codes) / column.filled
        return fit, f"{fit:.0%} of its values are like codes of the list {field.codelist}"
    if field.name in SHAPES:
        fit = column.share(SHAPES[field.name])
        return fit, f"{fit:.0%} of its values look like a {field.title}"
    match field.type:
        case "date" | "datetime":
            fit, written = column.dates()
            return fit, f"{fit:.0%} of its values are dates" + (f", {written}" if fit and written != "unclear" else "")
        case "number":
            fit, written = column.number()
            return fit, f"{fit:.0%} of its values are numbers" + (f", {written}" if written != "plain" else "")
        case "integer":
            fit = column.whole()
            return fit, f"{fit:.0%} of its values are whole numbers"
        case "boolean":
            fit = column.yes_no()
            return fit, f"{fit:.0%} of its values are yes or no"
    return None


def _entry(field: Field, column: Column, guess: Guess) -> Guess:
    """The guess with how the column is written, or with what a person must say first."""
    entry: dict[str, Any] = {"column": column.name}
    open_question = ""
    if field.type in ("date", "datetime") and column.filled:
        _, written = column.dates()
        if written in ("day-first", "month-first"):
            entry["dates"] = written
        elif written == "unclear":
            open_question = "day or month first? No value shows it: say dates: day-first or dates: month-first"
        elif written == "mixed":
            open_question = "some values have the day first and some the month: ask the system's owner"
        if (ends := column.open_ends()) and re.search("end|to_date|due|extended", field.name):
            entry["empty"] = ends
    if field.type == "number" and column.filled:
        _, written = column.number()
        if written != "plain":
            entry["number"] = written
    if field.codelist and column.filled:
        codes = match_codes(field.codelist, column.values)
        if any(text != code for text, code in codes.items()):
            entry["codes"] = codes
        left = [text for text in column.values if text not in codes and text.casefold() not in NOTHING]
        if left:
            guess = replace(guess, unknown_codes=tuple(left))
    if "codes" not in entry and (nothing := column.words()) and "empty" not in entry:
        entry["empty"] = nothing
    return replace(guess, entry=entry if len(entry) > 1 else column.name, open=open_question)
