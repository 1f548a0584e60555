"""Where the headers of an export seem to be: a title above them, or Excel's ``sep=;``, is met often and never guessed.

The row is only named, in the words of a refusal or in a suggested mapping; a person says that it is so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.encodings import ENCODINGS
from placemaker.standard.mapping import Mapping
from placemaker.standard.reading import Read, find_format, sniff_delimiter

#: How far down headers are looked for.
TOP = 30

_SEP = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


def pointed(refusal: Refusal, file: Path, mapping: Mapping) -> Refusal:
    """The refusal of an export, with the row its headers seem to be on where another holds more of what is wanted."""
    wanted = {
        field.column.strip().casefold() for table in mapping.tables for field in table.fields.values() if field.column
    }
    try:
        rows = top_rows(file, mapping.read)
    except (Refusal, OSError, UnicodeError, LookupError, csv.Error):
        return refusal
    told = mapping.read.header_row
    known = [len(wanted.intersection(cell.strip().casefold() for cell in cells)) for cells in rows]
    best = max(range(len(known)), key=lambda place: (known[place], -place), default=-1)
    now = known[told - 1] if told <= len(known) else 0
    if best < 0 or best == told - 1 or known[best] <= max(now, 1):
        return refusal
    row = best + 1
    said = f"write `header_row: {row}` under `read:` in its mapping"
    if row > 1 and (separator := _separator(rows[row - 2])):
        said = f"write `header_row: {row}` and `delimiter: '{separator}'` under `read:` in its mapping"
    begin = (
        f" (begin one with: placemaker map {file.name} --as {mapping.tables[0].table.name})" if mapping.direct else ""
    )
    return Refusal(refusal.what, refusal.where, f"The headers seem to be on row {row}: {said}{begin}.")


def likely_read(file: Path, read: Read) -> Read:
    """``read`` with the row that the headers seem to be on: the first that is about as wide as the widest near the top.

    Raises what reading the file raises.
    """
    rows = top_rows(file, read)[:10]
    widths = [sum(bool(cell.strip()) and not _is_number(cell) for cell in cells) for cells in rows]
    row = next((at for at, width in enumerate(widths, 1) if width and width >= 0.8 * max(widths)), 1)
    separator = _separator(rows[row - 2]) if row > 1 else ""
    return replace(read, header_row=row, delimiter=separator or read.delimiter)


def top_rows(file: Path, read: Read) -> list[list[str]]:
    """The cells of the first lines of a CSV, or of the first rows of a sheet, at most :data:`TOP` of them."""
    form = find_format(file, read)
    if form == "excel":
        return _sheet_rows(file, read)
    if form != "csv":
        return []
    encoding = ENCODINGS.get(read.encoding.lower(), read.encoding)
    with file.open(encoding=encoding, errors="replace", newline="") as lines:
        top = list(islice((line[:100_000] for line in iter(lambda: lines.readline(1_000_000), "")), TOP))
    return [_cells(line, top, read) for line in top]


def _cells(line: str, top: Iterable[str], read: Read) -> list[str]:
    if _SEP.match(line):
        return [line.strip()]
    delimiter = read.delimiter or next(
        (found[1] for first in top if (found := _SEP.match(first))), sniff_delimiter(line)
    )
    return next(csv.reader([line], delimiter=delimiter), [])


def _sheet_rows(file: Path, read: Read) -> list[list[str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        sheets = [one for one in book.worksheets if one.sheet_state == "visible"]
        sheet = book[read.sheet] if read.sheet else sheets[0]
        sheet.reset_dimensions()
        rows = [[str(cell) if cell is not None else "" for cell in cells] for cells in islice(sheet.values, TOP)]
        book.close()
    except Exception:  # Damaged, or no workbook: reading it says so.
        return []
    return rows


def _separator(cells: list[str]) -> str:
    found = _SEP.match(cells[0]) if len(cells) == 1 else None
    return found[1] if found else ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[\s\d.,:/£+-]+", text) is not None
