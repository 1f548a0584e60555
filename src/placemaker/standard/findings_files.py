"""Query results out to a file: CSV and Parquet by DuckDB itself, Excel row by row; never all in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.standard.expressions import identifier, literal

#: What Excel holds on a sheet, in rows and in characters of a cell.
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767

_OPTIONS = {".csv": "format csv, header true", ".parquet": "format parquet"}
#: A spreadsheet takes a cell that begins so for a formula; a number with its sign is none.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,£]+$)")
_FORMULA_SQL = (
    "(regexp_matches({0}, '^[=@\\t\\r]') or (regexp_matches({0}, '^[+-]') "
    "and not regexp_matches({0}, '^[+-][0-9.,£]+$')))"
)
#: What such a cell begins with, or one that Excel writes for an error (#N/A).
_ODD_STARTS = frozenset("=@\t\r+-#")
#: Signs that XML cannot hold.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_query(
    con: duckdb.DuckDBPyConnection, query: str, path: Path, title: str = "Findings", for_people: bool = False
) -> Path:
    """Write what a query gives to a .csv (UTF-8, with headers), .parquet or .xlsx file; a Refusal for another name.

    In a CSV ``for_people`` no cell can be taken for a formula; otherwise its cells are as they are, for programs.
    """
    ending = path.suffix.lower()
    if ending not in (*_OPTIONS, ".xlsx"):
        raise Refusal(
            "The name of the file does not say how to write it.", str(path), "End it in .csv, .parquet or .xlsx."
        )
    try:
        if ending == ".xlsx":
            with Workbook(path) as book:
                book.sheet_of(title, con, query)
        else:
            query = harmless(con, query) if for_people and ending == ".csv" else query
            con.execute(f"copy ({query}) to {literal(str(path))} ({_OPTIONS[ending]})")
    except (duckdb.IOException, OSError):
        raise Refusal("The file cannot be written.", str(path), "Check the folder and the room on the disk.") from None
    return path


def harmless(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """The query with an apostrophe before each text that a spreadsheet would take for a formula."""
    columns = con.execute(f"describe {query}").fetchall()
    picked = []
    for name, kind, *_ in columns:
        cell = identifier(name)
        safe = f"case when {_FORMULA_SQL.format(cell)} then '''' || {cell} else {cell} end as {cell}"
        picked.append(safe if kind == "VARCHAR" else cell)
    return f"select {', '.join(picked)} from ({query})"


def plain_cell(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula, in a CSV."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


class Workbook:
    """An Excel workbook written row by row (openpyxl's write-only way); whole or not at all.

    Headers are bold, stay in sight and have filters. No cell is a formula, whatever it begins with.
    """

    def __init__(self, path: Path) -> None:
        import openpyxl
        from openpyxl.cell import WriteOnlyCell

        if not path.parent.is_dir():
            raise FileNotFoundError(path.parent)
        self.path, self._new = path, WriteOnlyCell
        self._book = openpyxl.Workbook(write_only=True)

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is not None:
            self._let_go()
            return
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            self._book.save(part)
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def _let_go(self) -> None:
        """Close the sheets and take away the files that openpyxl keeps their rows in until they are saved."""
        for sheet in self._book.worksheets:
            with suppress(Exception):
                sheet.close()
            if sheet._writer is not None:
                with suppress(OSError, ValueError):
                    sheet._writer.cleanup()

    def sheet(
        self,
        title: str,
        head: Sequence[str],
        rows: Iterable[Sequence[Any]],
        widths: Sequence[int] = (),
        above: Sequence[str] = (),
        formats: Mapping[int, str] | None = None,
    ) -> int:
        """Add a sheet and give how many rows are on it; ``above`` are lines of text over the headers.

        ``widths`` are of its columns in characters, ``formats`` are Excel's for the numbers of a column by its place
        from 0. Rows beyond Excel's :data:`MOST_ROWS` go on in further sheets, ``Findings 2`` and so on.
        """
        rows, written, name = iter(rows), 0, _sheet_name(title)
        most = MOST_ROWS - len(above) - 1
        for number in count(1):
            numbered = name if number == 1 else f"{name[:27]} {number}"
            here = self._one_sheet(numbered, head, islice(rows, most), widths, above, formats or {})
            written += here
            left = next(rows, None) if here == most else None
            if left is None:
                return written
            rows = chain([left], rows)
        raise AssertionError("never comes here")

    def _one_sheet(
        self,
        name: str,
        head: Sequence[str],
        rows: Iterable[Sequence[Any]],
        widths: Sequence[int],
        above: Sequence[str],
        formats: Mapping[int, str],
    ) -> int:
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        sheet = self._book.create_sheet(name)
        for at, _ in enumerate(head, 1):
            wide = widths[at - 1] if at <= len(widths) else max(12, min(40, len(head[at - 1]) + 4))
            sheet.column_dimensions[get_column_letter(at)].width = wide
        top = len(above) + 1
        sheet.freeze_panes = f"A{top + 1}"
        for line in above:
            sheet.append([self._cell(sheet, line)])
        sheet.append([self._cell(sheet, text, Font(bold=True)) for text in head])
        written = 0
        for row in rows:
            cells = [self._cell(sheet, cell) if isinstance(cell, str) else cell for cell in row]
            for at, form in formats.items():
                cells[at] = self._number(sheet, row[at], form)
            sheet.append(cells)
            written += 1
        if written:
            sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(head))}{top + written}"
        return written

    def sheet_of(
        self,
        title: str,
        con: duckdb.DuckDBPyConnection,
        query: str,
        widths: Sequence[int] = (),
        above: Sequence[str] = (),
        head: Sequence[str] = (),
    ) -> int:
        """Add a sheet of what a query gives, with the headers ``head`` or its own; see :meth:`sheet`."""
        head = head or [name for name, *_ in con.execute(f"describe {query}").fetchall()]
        return self.sheet(title, head, stream(con, query), widths, above)

    def _number(self, sheet: Any, value: float | None, form: str) -> Any:
        cell = self._new(sheet, value=value)
        cell.number_format = form
        return cell

    def _cell(self, sheet: Any, text: str, font: Any = None) -> Any:
        """The text, or a cell that Excel takes for text where it would take it for something else."""
        if _NO_XML.search(text):
            text = _NO_XML.sub("\ufffd", text)
        if len(text) > LONGEST_CELL:
            text = text[: LONGEST_CELL - 8] + "… (cut)"
        odd = text[:1] in _ODD_STARTS
        if font is None and not odd:
            return text
        cell = self._new(sheet)
        cell.value, cell.data_type = text, "s"
        if font is not None:
            cell.font = font
        if odd and _FORMULA.match(text):
            cell.quotePrefix = True
        return cell


def stream(con: duckdb.DuckDBPyConnection, query: str, page: int = 10_000) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a page of them as Python objects at a time; ask nothing else of ``con`` until the end."""
    con.execute(query)
    while rows := con.fetchmany(page):
        yield from rows


def _sheet_name(title: str) -> str:
    """A name that Excel allows: 31 characters, without the marks it keeps for itself."""
    return re.sub(r"[\\/*?:\[\]]", " ", title)[:31]
