"""A mapping: how an export's columns become the standard's fields.

It is a YAML file that a housing person can read and write; docs/mappings describes it. Everything in it is read as
text, so that a code ``NO`` stays a code and does not become false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.encodings import ENCODINGS
from placemaker.standard.expressions import row_sql
from placemaker.standard.reading import Read
from placemaker.standard.schema import Table, nearest
from placemaker.standard.schema import table as table_of
from placemaker.standard.yaml_lines import at
from placemaker.standard.yaml_lines import read as read_yaml

DATES = ("iso", "day-first", "month-first")
NUMBERS = ("plain", "trailing-sign", "brackets")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something of a mapping is written; its line is looked up only for a Refusal."""

    file: Path | None
    steps: tuple[str | int, ...] = ()

    def of(self, *steps: str | int) -> _Place:
        """The place of something in it."""
        return _Place(self.file, (*self.steps, *steps))

    def __str__(self) -> str:
        """``tenancies.yaml, line 7, tenancy.start_date``, or without file and line where a dict was given."""
        named = ".".join(str(step) for step in self.steps if step not in ("tables", "fields"))
        parts = [at(self.file, *self.steps) if self.file else "the mapping", named]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where a field's text comes from (one of column, value, expression) and how it is written there."""

    column: str = ""
    value: str | None = None
    expression: str = ""
    dates: str = "iso"
    number: str = "plain"
    empty: tuple[str, ...] = ()
    codes: AnyMapping[str, str] | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What of an export goes into one table. ``missing`` are the fields whose column the file does not have.

    ``skip_blank`` says that a row of which all these fields are empty is no record, as in a form's file.
    """

    table: Table
    fields: dict[str, FieldMapping]
    where: str = ""
    one_row_per: tuple[str, ...] = ()
    missing: dict[str, str] | None = None
    skip_blank: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """One export: its source name, how it is written and the tables it fills.

    ``direct`` is true where there is no mapping file: the headers are the names of the fields.
    """

    source: str
    title: str
    read: Read
    tables: tuple[TableMapping, ...]
    direct: bool = False
    where: str = ""


def read_mapping(given: str | Path | AnyMapping[str, Any], tables: Callable[[str], Table] = table_of) -> Mapping:
    """The mapping in a YAML file, or in a dict as the YAML holds it, to ``tables``. Raises Refusal where it is none."""
    is_dict = isinstance(given, AnyMapping)
    place, where = _Place(None if is_dict else Path(given)), "the mapping" if is_dict else str(given)
    entry = given if is_dict else _read_file(Path(given))
    if not isinstance(entry, AnyMapping) or not isinstance(entry.get("tables"), AnyMapping) or not entry["tables"]:
        raise Refusal("The mapping names no tables.", where, "Make one with: placemaker map FILE --as TABLE")
    _known(entry, ("source", "title", "read", "tables", "description"), place)
    read = _read(entry.get("read") or {}, place.of("read"))
    filled = tuple(
        _table(_there(lambda name=name: tables(name), place.of("tables", name)), one, read, place.of("tables", name))
        for name, one in entry["tables"].items()
    )
    source = _plain(entry, "source", place)
    if not source:
        raise Refusal("The mapping has no source.", where, "Add `source:` and a short name for the system.")
    return Mapping(source, _plain(entry, "title", place) or source, read, filled, where="" if is_dict else where)


def direct_mapping(table: Table) -> Mapping:
    """The mapping of a file whose headers are the field names: what ``--as`` means."""
    fields = {field.name: FieldMapping(column=field.name) for field in table.fields}
    return Mapping(table.name, table.title, Read(), (TableMapping(table, fields),), direct=True)


def fit_columns(mapping: Mapping, columns: Iterable[str], file: str) -> Mapping:
    """The mapping for a file with these ``columns``: names get the file's own case, fields without column are missing.

    Raises Refusal where the key has no column, or an expression uses a column that is not there.
    """
    own = {column.casefold(): column for column in columns}
    return replace(mapping, tables=tuple(_fit(one, own, mapping, file) for one in mapping.tables))


def unused_columns(mapping: Mapping, columns: Iterable[str]) -> list[str]:
    """The columns of a file that no field of the (fitted) mapping comes from."""
    used = {field.column.casefold() for table in mapping.tables for field in table.fields.values() if field.column}
    return [column for column in columns if column.casefold() not in used]


def _fit(one: TableMapping, own: dict[str, str], mapping: Mapping, file: str) -> TableMapping:
    fields, missing = {}, {}
    place = _Place(Path(mapping.where) if mapping.where else None).of("tables", one.table.name)
    for name, field in one.fields.items():
        if field.expression:
            where = place.of("fields", name, "expression")
            fields[name] = replace(field, expression=_sql(field.expression, own, where))
        elif field.column and field.column.strip().casefold() not in own:
            missing[name] = field.column
        elif field.column:
            fields[name] = replace(field, column=own[field.column.strip().casefold()])
        else:
            fields[name] = field
    key = one.table.key
    if key and (key in missing or key not in fields):
        known = any(field.column for field in fields.values())
        # Where no column is known, the first row may be somebody's data and no headers: it is not repeated.
        near = nearest(missing.get(key, key), own.values()) if known else "Is its first row the headers?"
        raise Refusal(f"The file has no column {missing.get(key, key)!r}, the key of {one.table.name}.", file, near)
    for column in one.one_row_per:
        if column.casefold() not in own:
            where = str(place.of("one_row_per")) if mapping.where else file
            what = f"The file has no column {column!r}, which `one_row_per` names."
            raise Refusal(what, where, nearest(column, own.values()))
    condition = _sql(one.where, own, place.of("where")) if one.where else ""
    per = tuple(own[column.casefold()] for column in one.one_row_per)
    return replace(one, fields=fields, missing=missing, where=condition, one_row_per=per)


def _read(entry: Any, place: _Place) -> Read:
    if not isinstance(entry, AnyMapping):
        raise Refusal("`read` does not say how the file is written.", str(place), "Write {dates: day-first}.")
    _known(entry, [name for name in Read.__dataclass_fields__ if name != "columns"], place)
    values = {name: _plain(entry, name, place) for name, value in entry.items() if value is not None}
    _one_of(values.get("dates", "iso"), DATES, place.of("dates"))
    _one_of(values.get("format", "csv"), ("csv", "excel", "parquet"), place.of("format"))
    _one_of(values.get("encoding", "utf-8").lower(), tuple(ENCODINGS), place.of("encoding"))
    values["delimiter"] = {"tab": "\t", "\\t": "\t"}.get(values.get("delimiter", ""), values.get("delimiter", ""))
    if len(values["delimiter"]) > 1:
        raise Refusal("The delimiter is more than one character.", str(place.of("delimiter")), "Give one: ; or tab.")
    header_row = values.pop("header_row", "1")
    if not header_row.isdecimal() or not 1 <= int(header_row[:9]) <= 1_000_000:
        what = f"The header row is {header_row[:20]!r}."
        raise Refusal(what, str(place.of("header_row")), "Give its number, 1 for the first line.")
    return Read(**values, header_row=int(header_row))


def _table(table: Table, entry: Any, read: Read, place: _Place) -> TableMapping:
    if not isinstance(entry, AnyMapping) or not isinstance(entry.get("fields"), AnyMapping):
        raise Refusal("The table has no fields.", str(place), "Add `fields:` with a column for each.")
    _known(entry, ("where", "one_row_per", "fields", "description"), place)
    fields = {}
    for name, one in entry["fields"].items():
        here = place.of("fields", name)
        _there(lambda name=name: table.field(name), here)
        if one is not None and one != "":
            fields[name] = _field(name, one, read, here)
    per = entry.get("one_row_per") or ()
    per = (per,) if isinstance(per, str) else per
    if not isinstance(per, list | tuple) or not all(isinstance(name, str) for name in per):
        raise Refusal("`one_row_per` is no list of columns.", str(place.of("one_row_per")), "Write [Ref, Date].")
    return TableMapping(table, fields, _plain(entry, "where", place), tuple(per))


def _field(name: str, entry: Any, read: Read, place: _Place) -> FieldMapping:
    if not isinstance(entry, AnyMapping):
        return FieldMapping(column=_plain({name: entry}, name, place), dates=read.dates)
    _known(entry, FieldMapping.__dataclass_fields__, place)
    if sum(entry.get(kind) is not None for kind in ("column", "value", "expression")) != 1:
        what = f"The field {name} needs one of column, value and expression."
        raise Refusal(what, str(place), "Give one of the three.")
    empty, codes = entry.get("empty") or (), entry.get("codes")
    if codes is not None and not isinstance(codes, AnyMapping):
        what = "The codes are not pairs."
        raise Refusal(what, str(place.of("codes")), "Write them as {SEC: secure, INT: introductory}.")
    empty = (empty,) if isinstance(empty, str) else empty
    if not isinstance(empty, list | tuple) or any(isinstance(one, list | AnyMapping) for one in empty):
        raise Refusal("`empty` is no list of texts.", str(place.of("empty")), "Write [N/A, '-'].")
    return FieldMapping(
        column=_plain(entry, "column", place),
        value=_plain(entry, "value", place) if entry.get("value") is not None else None,
        expression=_plain(entry, "expression", place),
        dates=_one_of(_plain(entry, "dates", place) or read.dates, DATES, place.of("dates")),
        number=_one_of(_plain(entry, "number", place) or "plain", NUMBERS, place.of("number")),
        empty=tuple(map(_text, empty)),
        codes=None if codes is None else {_text(old): _plain(codes, old, place.of("codes")) for old in codes},
        otherwise=_plain(entry, "otherwise", place) if entry.get("otherwise") is not None else None,
    )


def _plain(entry: AnyMapping[Any, Any], name: Any, place: _Place) -> str:
    """What an entry says under a name, as text; an empty text where it says nothing."""
    value = entry.get(name)
    if isinstance(value, AnyMapping | list | tuple):
        raise Refusal(f"`{name}` is more than one value.", str(place.of(str(name))), "Give one text.")
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    """A scalar as YAML writes it; a dict made in Python may hold true, a number or a date."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(entry: AnyMapping[str, Any], names: Iterable[str], place: _Place) -> None:
    names = list(names)
    for name in entry:
        if name not in names:
            raise Refusal(f"A mapping has no {name!r} here.", str(place.of(str(name))), nearest(str(name), names))


def _one_of(value: str, allowed: tuple[str, ...], place: _Place) -> str:
    if value not in allowed:
        raise Refusal(f"{value!r} is not known here.", str(place), nearest(value, allowed))
    return value


def _sql(text: str, own: dict[str, str], place: _Place) -> str:
    return _there(lambda: row_sql(text, own, ""), place)


def _there(ask: Callable[[], Any], place: _Place) -> Any:
    """What ``ask`` gives; where it refuses, it is said where in the mapping that is written."""
    try:
        return ask()
    except Refusal as refusal:
        raise Refusal(refusal.what, str(place), refusal.next) from None


def _read_file(path: Path) -> Any:
    if not path.is_file():
        raise Refusal("There is no such mapping.", str(path), "Check its name and folder.")
    return read_yaml(path, as_text=True)
