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

import yaml

from placemaker.lake.errors import Refusal
from placemaker.standard.encodings import ENCODINGS
from placemaker.standard.expressions import row_sql
from placemaker.standard.reading import Read
from placemaker.standard.schema import Table, nearest
from placemaker.standard.schema import table as table_of

DATES = ("iso", "day-first", "month-first")
NUMBERS = ("plain", "trailing-sign", "brackets")


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
    where = "the mapping" if isinstance(given, AnyMapping) else str(given)
    entry = given if isinstance(given, AnyMapping) else _read_yaml(Path(given))
    if not isinstance(entry, AnyMapping) or not isinstance(entry.get("tables"), AnyMapping) or not entry["tables"]:
        raise Refusal("The mapping names no tables.", where, "Make one with: placemaker map FILE --as TABLE")
    _known(entry, ("source", "title", "read", "tables", "description"), where)
    read = _read(entry.get("read") or {}, where)
    filled = tuple(_table(tables(name), one, read, f"{where}, {name}") for name, one in entry["tables"].items())
    source = str(entry.get("source") or "")
    if not source:
        raise Refusal("The mapping has no source.", where, "Add `source:` and a short name for the system.")
    return Mapping(source, str(entry.get("title") or source), read, filled, where=where)


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
    for name, field in one.fields.items():
        where = f"{mapping.where or file}, {one.table.name}.{name}"
        if field.expression:
            fields[name] = replace(field, expression=row_sql(field.expression, own, where))
        elif field.column and field.column.strip().casefold() not in own:
            missing[name] = field.column
        elif field.column:
            fields[name] = replace(field, column=own[field.column.strip().casefold()])
        else:
            fields[name] = field
    key = one.table.key
    if key and (key in missing or key not in fields):
        near = nearest(missing.get(key, key), own.values())
        raise Refusal(f"The file has no column {missing.get(key, key)!r}, the key of {one.table.name}.", file, near)
    for column in one.one_row_per:
        if column.casefold() not in own:
            raise Refusal(f"The file has no column {column!r}, which `one_row_per` names.", file)
    condition = row_sql(one.where, own, f"{mapping.where}, {one.table.name}.where") if one.where else ""
    per = tuple(own[column.casefold()] for column in one.one_row_per)
    return replace(one, fields=fields, missing=missing, where=condition, one_row_per=per)


def _read(entry: AnyMapping[str, Any], where: str) -> Read:
    _known(entry, [name for name in Read.__dataclass_fields__ if name != "columns"], f"{where}, read")
    values = {name: str(value) for name, value in entry.items() if value is not None}
    _one_of(values.get("dates", "iso"), DATES, f"{where}, read.dates")
    _one_of(values.get("format", "csv"), ("csv", "excel", "parquet"), f"{where}, read.format")
    _one_of(values.get("encoding", "utf-8").lower(), tuple(ENCODINGS), f"{where}, read.encoding")
    values["delimiter"] = {"tab": "\t", "\\t": "\t"}.get(values.get("delimiter", ""), values.get("delimiter", ""))
    if len(values["delimiter"]) > 1:
        raise Refusal("The delimiter is more than one character.", f"{where}, read", "Give one, such as ; or tab.")
    header_row = values.pop("header_row", "1")
    if not header_row.isdecimal() or int(header_row) < 1:
        raise Refusal(f"The header row is {header_row!r}.", f"{where}, read", "Give its number, 1 for the first line.")
    return Read(**values, header_row=int(header_row))


def _table(table: Table, entry: Any, read: Read, where: str) -> TableMapping:
    if not isinstance(entry, AnyMapping) or not isinstance(entry.get("fields"), AnyMapping):
        raise Refusal("The table has no fields.", where, "Add `fields:` with a column for each.")
    _known(entry, ("where", "one_row_per", "fields", "description"), where)
    fields = {
        field: _field(table.field(field).name, one, read, f"{where}.{field}")
        for field, one in entry["fields"].items()
        if one is not None and one != ""
    }
    per = entry.get("one_row_per") or ()
    return TableMapping(
        table, fields, str(entry.get("where") or ""), (per,) if isinstance(per, str) else tuple(map(str, per))
    )


def _field(name: str, entry: Any, read: Read, where: str) -> FieldMapping:
    if not isinstance(entry, AnyMapping):
        return FieldMapping(column=str(entry), dates=read.dates)
    _known(entry, FieldMapping.__dataclass_fields__, where)
    if sum(entry.get(kind) is not None for kind in ("column", "value", "expression")) != 1:
        raise Refusal(f"The field {name} needs one of column, value and expression.", where)
    empty, codes = entry.get("empty") or (), entry.get("codes")
    if codes is not None and not isinstance(codes, AnyMapping):
        raise Refusal("The codes are not pairs.", where, "Write them as {SEC: secure, INT: introductory}.")
    value, otherwise = entry.get("value"), entry.get("otherwise")
    return FieldMapping(
        column=str(entry.get("column") or ""),
        value=None if value is None else _text(value),
        expression=str(entry.get("expression") or ""),
        dates=_one_of(str(entry.get("dates") or read.dates), DATES, where),
        number=_one_of(str(entry.get("number") or "plain"), NUMBERS, where),
        empty=(_text(empty),) if isinstance(empty, str) else tuple(map(_text, empty)),
        codes=None if codes is None else {_text(old): _text(new) for old, new in codes.items()},
        otherwise=None if otherwise is None else _text(otherwise),
    )


def _text(value: Any) -> str:
    """A scalar as YAML writes it; a dict made in Python may hold true, a number or a date."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(entry: AnyMapping[str, Any], names: Iterable[str], where: str) -> None:
    names = list(names)
    for name in entry:
        if name not in names:
            raise Refusal(f"A mapping has no {name!r} here.", where, nearest(str(name), names))


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise Refusal(f"{value!r} is not known here.", where, nearest(value, allowed))
    return value


def _read_yaml(path: Path) -> Any:
    if not path.is_file():
        raise Refusal("There is no such mapping.", str(path), "Check its name and folder.")
    try:
        with path.open(encoding="utf-8-sig") as text:
            return yaml.load(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refusal("The mapping is not YAML.", f"{path}, line {line}", "Check its spaces and colons.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Refusal("The mapping is not YAML in UTF-8.", str(path), "Save it as UTF-8 text.") from None
