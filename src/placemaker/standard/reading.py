"""From an export to rows of text: one ordered temporary table that holds every cell as it was written, trimmed.

A regular file goes straight through DuckDB. Whatever DuckDB's strict reading refuses goes the slower, exact way of
:mod:`placemaker.standard.ragged`, which knows the line and says it in plain English; DuckDB's own message quotes rows
and is never shown.
"""

from __future__ import annotations

import codecs
import csv
import mmap
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.lake.scratch import scratch_folder
from placemaker.standard.encodings import as_utf8, wrong_encoding
from placemaker.standard.expressions import identifier, literal

#: No record of a housing system is longer, in characters: what is has a quote mark left open or a file in a cell.
LONGEST_RECORD = 1_000_000
DELIMITERS = ",;\t|"

_EXCEL, _OLD_EXCEL, _PARQUET, _GZIP, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b", b"%PDF"

#: What is trimmed from the ends of a cell. DuckDB's ``trim`` is slow, so it is called only where an end is a blank, and
#: only spaces are looked for where the file has no other.
_BLANKS = " \t\r\n\u00a0\ufeff"

Progress = Callable[[str], None]
Derive = Callable[[tuple[str, ...], bool, str], str]


@dataclass(frozen=True, slots=True)
class Read:
    """How an export is written. ``header_row`` counts the file's lines (the sheet's rows) from 1.

    A file without headers has ``columns``, their names, instead.
    """

    format: Literal["", "csv", "excel", "parquet"] = ""
    encoding: str = "utf-8"
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1
    dates: Literal["iso", "day-first", "month-first"] = "iso"
    colour_column: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staged:
    """An export as a table of text: ``relation`` has a row for each record, in order: its number is rowid + 1.

    ``columns`` are its headers. Where ``marked`` is true there are two more columns: ``_wrong``, which says why a
    record cannot be read (all its cells are null then) or is ``blank`` for an empty row of a sheet, which is no record;
    and ``_text``, such a record's cells as JSON. ``rows`` counts the records.
    """

    file: Path
    relation: str
    columns: tuple[str, ...]
    rows: int
    marked: bool = False


def stage(
    con: duckdb.DuckDBPyConnection, file: str | Path, read: Read, relation: str, derive: Derive | None = None
) -> Staged:
    """Read ``file`` into the temporary table ``relation`` of ``con``. Raises Refusal where it cannot be read.

    ``derive``, given the columns, whether they are marked and a query for them, gives the query to keep in their place;
    for a regular file both are one pass. What DuckDB raises over that query alone is left to the caller.
    """
    file = Path(file)
    form = find_format(file, read)
    if form == "csv":
        staged = _stage_csv(con, file, read, relation, derive)
    elif form == "parquet":
        staged = _derived(con, _stage_parquet(con, file, relation), derive)
    else:
        from placemaker.standard.excel import sheet_to_csv

        with scratch_folder() as folder:
            columns = sheet_to_csv(file, read, Path(folder) / "sheet.csv")
            staged = _stage_marked(con, file, Path(folder) / "sheet.csv", columns, relation)
        staged = _derived(con, staged, derive)
    if not staged.rows:
        con.execute(f"drop table {relation}")
        raise Refusal("The file holds headers and no rows.", str(file), "Export it again, with its rows.")
    return staged


def _derived(con: duckdb.DuckDBPyConnection, staged: Staged, derive: Derive | None) -> Staged:
    """The staged text with what is derived from it, in a second pass."""
    if derive and staged.rows:
        query = derive(staged.columns, staged.marked, f"from {staged.relation}")
        con.execute(f"create or replace temp table {staged.relation} as {query}")
    return staged


def find_format(file: Path, read: Read) -> str:
    """csv, excel or parquet, by what the file begins with; a Refusal where its name says something else."""
    if not file.is_file():
        raise Refusal("There is no such file.", str(file), "Check its name and folder.")
    try:
        with file.open("rb") as opened:
            start = opened.read(8)
    except OSError as error:
        raise Refusal(f"The file cannot be opened: {error.strerror}.", str(file)) from None
    name, where = file.suffix.lower(), str(file)
    if not start:
        raise Refusal("The file is empty.", where, "Export it again.")
    if start.startswith(_EXCEL):
        if name in (".xlsx", ".xlsm") or read.format == "excel":
            return "excel"
        raise Refusal(
            f"The file is an Excel workbook, though its name ends in {name or 'nothing'}.",
            where,
            "Open it in Excel and save it as CSV UTF-8, or give it a name that ends in .xlsx.",
        )
    if start.startswith(_OLD_EXCEL):
        raise Refusal(
            "The file is a workbook of an old Excel, or one with a password.", where, "Save it in Excel as .xlsx."
        )
    if start.startswith(_PARQUET):
        return "parquet"
    if start.startswith((_GZIP, _PDF)):
        kind = "compressed" if start.startswith(_GZIP) else "a PDF"
        raise Refusal(f"The file is {kind}.", where, "Give the CSV, Excel or Parquet file itself.")
    if name in (".xlsx", ".xlsm", ".xls", ".parquet") or read.format in ("excel", "parquet"):
        kind = "a Parquet file" if "parquet" in (name[1:], read.format) else "an Excel workbook"
        raise Refusal(f"The file is not {kind}.", where, "If it is text, give it a name that ends in .csv.")
    return "csv"


def unique_headers(cells: list[str], file: Path, where: str = "") -> tuple[str, ...]:
    """Headers, trimmed; an empty one is named by its place. A Refusal where two are the same but for case."""
    headers: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells, 1):
        name = cell.strip(_BLANKS) or f"column {place}"
        if name.casefold() == "rowid":  # DuckDB's own word for the number of a record
            raise Refusal(
                f"Column {place} has the header {name!r}, which cannot be used.", where or str(file), "Rename it."
            )
        if name.casefold() in headers:
            raise Refusal(
                f"Two columns have the header {name!r}: columns {headers[name.casefold()]} and {place}.",
                where or str(file),
                "Rename one of them.",
            )
        headers[name.casefold()] = place
        names.append(name)
    return tuple(names)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _stage_csv(con: duckdb.DuckDBPyConnection, file: Path, read: Read, relation: str, derive: Derive | None) -> Staged:
    with as_utf8(file, read.encoding) as text:
        long, blanks = _look_through(text, file)
        header = replace(read_header(text, file, read), blanks=blanks)
        if header.regular and not long:
            try:
                with _records(text, header) as records:
                    query = _csv_query(records, replace(header, lines=1 if records == text and header.lines else 0))
                    query = derive(header.columns, False, query) if derive else query
                    con.execute(f"create or replace temp table {relation} as {query}")
                (rows,) = con.execute(f"select count(*) from {relation}").fetchone()
                return Staged(file, relation, header.columns, rows)
            except duckdb.OutOfMemoryException:
                raise Refusal("There is not enough memory to read the file.", str(file), "Split it.") from None
            except duckdb.Error:
                pass  # The exact way finds out what it is, and says so.
        from placemaker.standard.ragged import mend

        with scratch_folder() as folder:
            mended = Path(folder) / "mended.csv"
            mend(text, file, header, mended)
            staged = _stage_marked(con, file, mended, header.columns, relation)
        return _derived(con, staged, derive)


@dataclass(frozen=True, slots=True)
class Header:
    """The headers of a CSV: ``lines`` is how many lines of the file come before the first record.

    ``regular`` says whether DuckDB may try the file; ``blanks`` are those that may stand at the ends of its cells.
    """

    columns: tuple[str, ...]
    delimiter: str
    lines: int
    regular: bool
    blanks: str = _BLANKS


@contextmanager
def _records(text: Path, header: Header) -> Iterator[Path]:
    """The file itself where its headers are one line or none, or else a copy of what follows them.

    DuckDB counts lines where it skips, and takes those inside a quoted header for records.
    """
    if header.lines <= 1:
        yield text
        return
    with text.open("rb") as opened:
        start = len(codecs.BOM_UTF8) if opened.read(3) == codecs.BOM_UTF8 else 0
    with text.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as opened:
        start += sum(len(opened.readline().encode(errors="surrogateescape")) for _ in range(header.lines))
    with scratch_folder() as folder:
        copy = Path(folder) / "records.csv"
        with text.open("rb") as opened, copy.open("wb") as new:
            opened.seek(start)
            shutil.copyfileobj(opened, new, 1 << 20)
        yield copy


def read_header(text: Path, file: Path, read: Read) -> Header:
    """The header record of a UTF-8 CSV and the delimiter that it shows; a Refusal where it cannot be one."""
    with text.open(encoding="utf-8-sig", newline="", errors="replace") as opened:
        lines, skipped, first = short_lines(opened, file), 0, ""
        for first in lines:
            skipped += 1
            if skipped >= read.header_row and first.strip(_BLANKS):
                break
        delimiter = read.delimiter or sniff_delimiter(first)
        if read.columns:
            return Header(unique_headers(list(read.columns), file), delimiter, 0, first.endswith("\n"))

        def counted() -> Iterator[str]:
            nonlocal skipped
            yield first
            for line in lines:
                skipped += 1
                yield line

        try:
            cells = next(csv.reader(counted(), delimiter=delimiter, strict=True), [])
        except csv.Error:
            raise Refusal(
                "A quote mark in the headers is not closed.", f"{file}, line {skipped}", "Close it, or take it away."
            ) from None
    if not any(cell.strip(_BLANKS) for cell in cells):
        raise Refusal("The file holds nothing but blank lines.", str(file), "Export it again.")
    if "\ufffd" in "".join(cells):
        raise wrong_encoding(text, file)
    # DuckDB takes the first line's end for that of all.
    regular = first.endswith("\n")
    return Header(unique_headers(cells, file, f"{file}, line {skipped}"), delimiter, skipped, regular)


def sniff_delimiter(line: str) -> str:
    """The delimiter that the header line shows most often outside quote marks: comma, semicolon, tab or bar."""
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def short_lines(opened, file: Path) -> Iterator[str]:
    """Lines with their ends, none longer than the longest record; a Refusal that names the line that is."""
    number = 0
    while line := opened.readline(LONGEST_RECORD + 1):
        number += 1
        if len(line) > LONGEST_RECORD:
            raise too_long(file, number)
        yield line


def too_long(file: Path, line: int) -> Refusal:
    """The Refusal for a record that no housing system writes."""
    return Refusal(
        f"The record is longer than {LONGEST_RECORD:,} characters.",
        f"{file}, line {line}",
        "Look there for a quote mark that is not closed, or a document pasted into a cell.",
    )


def _csv_query(text: Path, header: Header, options: str = "") -> str:
    names = [f"c{place}" for place in range(len(header.columns))]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    picked = ", ".join(
        f"{trimmed(name, header.blanks)} as {identifier(column)}"
        for name, column in zip(names, header.columns, strict=True)
    )
    return (
        f"select {picked} from read_csv({literal(str(text))}, "
        f"auto_detect=false, header=false, skip={header.lines}, delim={literal(header.delimiter)}, quote='\"', "
        f"escape='\"', columns={{{types}}}, strict_mode=true, null_padding=false, ignore_errors=false, "
        f"allow_quoted_nulls=true, nullstr='', compression='none', "
        f"{options or f'max_line_size={LONGEST_RECORD}'})"
    )


def trimmed(name: str, blanks: str = _BLANKS) -> str:
    """SQL for the text of a column without blanks at its ends, null where nothing is left.

    ``blanks`` are those that may be there, if any; a cell that begins with one below ``!`` is found without being asked
    for.
    """
    if not blanks:
        return name
    ends = [f"suffix({name}, {literal(blank)})" for blank in blanks]
    starts = [f"prefix({name}, {literal(blank)})" for blank in blanks if blank > "!"]
    return (
        f"case when {name} <= '!' or {' or '.join(ends + starts)} "
        f"then nullif(trim({name}, {literal(_BLANKS)}), '') else {name} end"
    )


def _stage_marked(
    con: duckdb.DuckDBPyConnection, file: Path, mended: Path, columns: tuple[str, ...], relation: str
) -> Staged:
    """Stage a CSV of our own making, which has ``_wrong`` and ``_text`` after the export's columns."""
    # Its lines end in one way, whatever its cells hold, and are longer in bytes and JSON than the record was.
    options = f"new_line='\\n', max_line_size={10 * LONGEST_RECORD}, buffer_size={32 * LONGEST_RECORD}"
    try:
        query = _csv_query(mended, Header((*columns, "_wrong", "_text"), ",", 0, True), options)
        con.execute(f"create or replace temp table {relation} as {query}")
    except duckdb.Error as error:
        reason = f"The file cannot be read ({type(error).__name__})."
        raise Refusal(
            reason, str(file), "Save it anew as CSV UTF-8; if that fails too, report this as a bug."
        ) from None
    (rows,) = con.execute(f"select count(*) from {relation} where _wrong is distinct from 'blank'").fetchone()
    return Staged(file, relation, columns, rows, marked=True)


def _look_through(text: Path, file: Path) -> tuple[bool, str]:
    """Whether a line is longer than the longest record, and which blanks the file may have; a Refusal for a NUL byte.

    DuckDB leaves a line out in silence if it is longer than its buffer and the last, so it must not see one.
    """
    with text.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        place = whole.find(b"\0")
        if place >= 0:
            line = whole[:place].count(b"\n") + 1
            raise Refusal(
                "The file holds a NUL byte, so it is damaged or is no text.", f"{file}, line {line}", "Export it again."
            )
        # A cell that ends in a line's end is quoted; the byte 0xA0 or 0xBF ends a no-break space or a BOM.
        plain = all(whole.find(sign) < 0 for sign in (b"\t", b"\xa0", b"\xbf"))
        plain = plain and (whole.find(b'"') < 0 or (whole.find(b'\n"') < 0 and whole.find(b'\r"') < 0))
        start, long = 0, False
        while start + LONGEST_RECORD < len(whole) and not long:
            end = whole.rfind(b"\n", start, start + LONGEST_RECORD)
            start, long = end + 1, end < 0
        blank = whole.find(b" ") >= 0
    return long, _BLANKS if not plain else " " if blank else ""


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _stage_parquet(con: duckdb.DuckDBPyConnection, file: Path, relation: str) -> Staged:
    source = f"read_parquet({literal(str(file))})"
    try:
        columns = [name for name, *_ in con.execute(f"describe from {source}").fetchall()]
        headers = unique_headers(columns, file)
        texts = [f"cast({identifier(name)} as varchar)" for name in columns]
        picked = ", ".join(f"{trimmed(text)} as {identifier(name)}" for text, name in zip(texts, headers, strict=True))
        con.execute(f"create or replace temp table {relation} as select {picked} from {source}")
    except duckdb.Error:
        raise Refusal("The Parquet file is damaged.", str(file), "Export it again.") from None
    (rows,) = con.execute(f"select count(*) from {relation}").fetchone()
    return Staged(file, relation, headers, rows)
