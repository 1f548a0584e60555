"""Write a form's own file from the standard's tables in the lake, as ``form/<table>.yaml`` of its pack says.

``rows`` is one SELECT over the standard's tables, and ``fields`` say how each field of the form comes from its columns:
an SQL value, or a value with the form's codes for it, given as pairs (``codes``), by the ``crosswalk`` that the file
names (``crosswalk: letting.needs_type``) or by another column of a code list (``codelist: country.iso_numeric``).
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import Workspace
from placemaker.lake.errors import Refusal
from placemaker.standard.derived import constants, put_in
from placemaker.standard.expressions import identifier, literal, names_in, query_sql, row_sql
from placemaker.standard.packfiles import Entry, read_entry
from placemaker.standard.packs import Pack
from placemaker.standard.schema import Field, Table, nearest, table_names
from placemaker.standard.schema import find as find_file
from placemaker.standard.schema import table as standard_table
from placemaker.standard.yaml_lines import shown

#: The records above the data, by what the official template calls them in its first column.
_LABELS = (
    "Section",
    "Question",
    "Additional info",
    "Values",
    "Can be empty?",
    "Type of letting the question applies to",
    "Duplicate check field?",
    "Field number",
)
_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Published:
    """A form's file: how many ``rows``, and how many values of each field have no code in the form (left empty)."""

    file: Path
    rows: int
    uncoded: dict[str, int]


def publish_form(
    workspace: Workspace,
    pack: Pack,
    file: str | Path,
    *,
    table: str = "",
    given: dict[str, str] | None = None,
    as_of: int | None = None,
    today: date | None = None,
) -> Published:
    """Write the file of a form, a CSV under the header records of its template, from the lake after load ``as_of``.

    The rows are those of the pack's dates. The file appears whole or not at all, and holds personal data where the lake
    does. Raises Refusal where the pack says not how, or the lake has no row for it.
    """
    file, form = Path(file), pack.table(table)
    if file.suffix.lower() != ".csv":
        raise Refusal("A form is written as CSV.", str(file), "End its name in .csv.")
    entry = _entry(pack, form)
    values = constants(pack.given(given), today or date.today())
    values["pack_start"] = f"date '{pack.head.start}'"
    values["pack_end"] = f"date '{pack.head.end or date.max}'"
    with workspace.read(as_of) as con:
        text = put_in(str(entry.get("rows")), values)
        query = query_sql(text, table_names(), entry.at("rows"))
        _show_whole_tables(con, [name for name in names_in(text) if name in table_names()])
        _run(con, f"create temp table _form as {query}", entry, "rows")
        columns = [name for name, *_ in con.execute("describe _form").fetchall()]
        (rows,) = con.execute("select count(*) from _form").fetchone()
        if not rows:
            raise Refusal(
                f"The lake has no rows for {pack.title}: nothing is dated {pack.head.start} to {pack.head.end}.",
                str(workspace.folder),
                "Load what it is made of first; docs/packs.md says which tables.",
            )
        picked, lost = [], {}
        for field in form.fields:
            value, codes = _value(entry.data["fields"].get(field.name), field, entry, columns, values)
            picked.append(f"{_coded(value, codes, field) if codes else value} as {identifier(field.name)}")
            if codes:
                lost[field.label] = f"count(*) filter (where {value} not in ({', '.join(map(literal, codes))}))"
        counts = _run(con, f"select {', '.join(lost.values()) or '0'} from _form", entry, "fields").fetchone()
        uncoded = {label: number for label, number in zip(lost, counts, strict=False) if number}
        found = _run(con, f"select {', '.join(picked)} from _form", entry, "fields")
        _write(found, form, file)
    return Published(file, rows, uncoded)


def _entry(pack: Pack, form: Table) -> Entry:
    path = next((one for folder in pack.folders if (one := folder / "form" / f"{form.name}.yaml").is_file()), None)
    if path is None:
        raise Refusal(f"The pack {pack.name} does not say how {form.title} come from the standard's tables")
    entry = read_entry(path).know(
        "A form", ("rows", "fields", "crosswalk", "description", "source"), ("rows", "fields")
    )
    for name in entry.get("fields"):
        if name not in form.names:
            raise Refusal(f"The form has no field {name!r}", entry.at("fields", name), nearest(name, form.names))
    return entry


def _run(con: Any, query: str, entry: Entry, part: str) -> Any:
    """What a query of the form gives; a Refusal with the line of its part where the engine does not run it."""
    try:
        return con.execute(query)
    except duckdb.Error as error:
        raise Refusal(f"The {part} of the form cannot be worked out ({type(error).__name__})", entry.at(part)) from None


def _show_whole_tables(con: Any, names: list[str]) -> None:
    """Show each table with all the fields of the standard; those that were never loaded are empty."""
    there = {
        name: set(columns)
        for name, columns in con.execute(
            "select table_name, list(column_name) from duckdb_columns() where schema_name = 'main' "
            "and database_name = current_database() group by 1"
        ).fetchall()
    }
    database = identifier(con.execute("select current_database()").fetchone()[0])
    for name in names:
        own = there.get(name, set())
        picked = ", ".join(
            identifier(field.name)
            if field.name in own
            else f"cast(null as {field.sql_type}) as {identifier(field.name)}"
            for field in standard_table(name).fields
        )
        source = f" from {database}.main.{identifier(name)}" if own else " where false"
        con.execute(f"create temp view {identifier(name)} as select {picked}{source}")


def _value(
    told: Any, field: Field, entry: Entry, columns: list[str], values: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """SQL for what the rows hold for a field as text, and the form's codes for it."""
    if told is None or told == "":
        return "cast(null as varchar)", {}
    where = f"{shown(entry.path)}, field {field.name}"
    one = Entry(told if isinstance(told, dict) else {"value": str(told)}, entry.path, ("fields", field.name))
    one.know("A field of a form", ("value", "codes", "crosswalk", "codelist"), ("value",))
    value = f"({row_sql(put_in(str(one.get('value')), values), columns, where)})"
    text = f"cast(cast({value} as {field.sql_type}) as varchar)" if field.type == "number" else ""
    text = f"rtrim(rtrim({text}, '0'), '.')" if text else f"cast({value} as varchar)"
    pairs = {
        str(code).lower() if isinstance(code, bool) else str(code): str(to) for code, to in one.get("codes", {}).items()
    }
    if one.get("crosswalk"):
        pairs = _crosswalk(str(entry.get("crosswalk")), str(one.get("crosswalk")), field, where) | pairs
    if one.get("codelist"):
        pairs = _other_codes(str(one.get("codelist")), where) | pairs
    return text, pairs


def _coded(value: str, codes: dict[str, str], field: Field) -> str:
    """SQL for the form's codes of a value; a number without zeros before it, for the service would read 010 as 8."""
    cases = " ".join(f"when {literal(code)} then nullif({literal(to)}, '')" for code, to in codes.items())
    coded = f"case {value} {cases} end"
    return f"cast(try_cast({coded} as bigint) as varchar)" if field.type == "integer" else coded


def _crosswalk(name: str, told: str, field: Field, where: str) -> dict[str, str]:
    """The form's codes for those of a field of the standard: for this field of the form, or the first that has any."""
    path, (table, _, own) = find_file("crosswalks", f"{name}.csv"), told.partition(".")
    if path is None:
        raise Refusal(f"There is no crosswalk {name!r}", where, "Name it as `crosswalk:` at the head of the file.")
    found: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if (row["table"], row["field"]) == (table, own) and row["code"] and row["their_code"]:
                found.setdefault(row["their_field"], {})[row["code"]] = row["their_code"]
    if not found:
        raise Refusal(f"The crosswalk {name} has no codes of {told!r}", where, "Write it as letting.needs_type.")
    return found.get(f"field_{field.number}") or next(iter(found.values()))


def _other_codes(told: str, where: str) -> dict[str, str]:
    """The codes in another column of a code list, such as ``country.iso_numeric``."""
    name, _, column = told.partition(".")
    path = find_file("codelists", f"{name}.csv")
    found = {}
    if path:
        with path.open(encoding="utf-8", newline="") as text:
            found = {row["code"]: row[column] for row in csv.DictReader(text) if row.get(column)}
    if not found:
        raise Refusal(f"There is no code list with a column {told!r}", where, "Write it as country.iso_numeric.")
    return found


# --- the file ---------------------------------------------------------------------------------------------------------


def _write(found: Any, form: Table, file: Path) -> None:
    making = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with making.open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.writer(opened)
            for label in _LABELS:
                writer.writerow([label, *(_header(label, field, form) for field in form.fields)])
            while page := found.fetchmany(_PAGE):
                writer.writerows(["", *row] for row in page)
        making.replace(file)
    except OSError as error:
        raise Refusal(f"The file cannot be written: {error.strerror}.", str(file), "Check its folder.") from None
    finally:
        making.unlink(missing_ok=True)


def _header(label: str, field: Field, form: Table) -> str:
    """A header cell in words of our own; the service reads none but the field numbers."""
    match label:
        case "Question":
            return field.title
        case "Values" if field.codelist:
            codes = form.codelist(field.codelist).codes
            return "; ".join(f"{one.code} {one.label}" for one in codes) if len(codes) <= 30 else "A code of its list"
        case "Values":
            return {"integer": "Whole number", "number": "Amount"}.get(field.type, "Text")
        case "Field number":
            return field.number
    return ""
