"""An Excel sheet to a CSV of our own making, row by row, that keeps the sheet's row numbers.

A plain sheet is streamed. One with merged cells, or whose colours are asked for, has to be opened whole: a merged
cell's value is filled down, and a row's first fill becomes a column.
"""

from __future__ import annotations

import colorsys
import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from placemaker.lake.errors import Refusal
from placemaker.standard.reading import Read, unique_headers

T = TypeVar("T")

#: Bytes unpacked. A sheet of a million rows and 20 columns takes some 600 MB; a zip bomb takes much more.
LARGEST = 2_000_000_000
#: Packed XML is 5 to 20 times smaller. A part that shrinks more than this, and is big, was made to do harm.
STRONGEST_PACKING, BIG = 200, 50_000_000
#: Opened whole, a sheet takes some 50 times its XML in memory.
LARGEST_WHOLE = 30_000_000


def sheet_to_csv(file: Path, read: Read, out: Path) -> tuple[str, ...]:
    """Write the sheet's records to ``out``, each followed by ``_wrong`` and ``_text``; the headers are returned.

    A row without any value is marked ``blank`` in ``_wrong``, so that the rows below keep their numbers; trailing ones
    are left out. Raises Refusal for a damaged workbook, a zip bomb, and a sheet or header row that is not there.
    """
    return _with_sheet(file, read, lambda rows: _write(rows, file, read, out))


def first_rows(file: Path, read: Read, count: int) -> list[list[str]]:
    """The cells of the sheet's first rows, at most ``count``."""
    return _with_sheet(file, read, lambda rows: list(islice(rows, count)))


def _with_sheet(file: Path, read: Read, use: Callable[[Iterator[list[str]]], T]) -> T:
    """What ``use`` makes of the sheet's rows as texts."""
    import openpyxl

    sizes = _sizes(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception:
        raise _damaged(file) from None
    try:
        sheet = _sheet(book, read, file)
        part = sheet._worksheet_path.lstrip("/")
        whole = bool(read.colour_column) or _has_merged_cells(file, part)
        if whole:
            if sizes.get(part, 0) > LARGEST_WHOLE:
                raise Refusal(
                    "The sheet has merged cells and is too big to be read with them.",
                    f"{file}, sheet {sheet.title}",
                    "Unmerge its cells in Excel, or save the sheet as CSV.",
                )
            name = sheet.title
            book.close()
            book = openpyxl.load_workbook(file, data_only=True)
            rows = _whole_rows(book, book[name], read)
        else:
            sheet.reset_dimensions()
            rows = (list(map(_text, cells)) for cells in sheet.iter_rows(values_only=True))
        return use(rows)
    except (Refusal, MemoryError):
        raise
    except Exception:
        raise _damaged(file) from None
    finally:
        book.close()


def _write(rows: Iterator[list[str]], file: Path, read: Read, out: Path) -> tuple[str, ...]:
    headers: list[str] = list(read.columns)
    for number, cells in enumerate(() if headers else rows, 1):
        if number >= read.header_row and any(map(str.strip, cells)):
            headers = cells
            break
    while headers and not headers[-1].strip():
        headers.pop()
    if not headers:
        raise Refusal("The sheet has no headers.", f"{file}, row {read.header_row}", "Say which row with header_row.")
    columns = unique_headers(headers, file)
    width = len(columns)
    with out.open("w", encoding="utf-8", newline="") as new:
        writer = csv.writer(new, lineterminator="\n", quoting=csv.QUOTE_ALL)
        blanks = 0
        for cells in rows:
            if not any(map(str.strip, cells)):
                blanks += 1
                continue
            writer.writerows([""] * width + ["blank", ""] for _ in range(blanks))
            blanks = 0
            writer.writerow([*cells[:width], *[""] * (width - len(cells)), "", ""])
    return columns


def _text(value: Any) -> str:
    """A cell's value as a CSV would hold it: dates as ISO, numbers without an exponent and to Excel's 15 digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f")
    return str(value).replace("\0", "")


# --- a sheet opened whole ---------------------------------------------------------------------------------------------


def _whole_rows(book: Any, sheet: Any, read: Read) -> Iterator[list[str]]:
    filled = {}
    for merged in sheet.merged_cells.ranges:
        value = sheet.cell(merged.min_row, merged.min_col).value
        filled |= {(row, merged.min_col): value for row in range(merged.min_row, merged.max_row + 1)}
    palette = _theme(book)
    headed = False
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(filled.get((number, place), cell.value)) for place, cell in enumerate(cells, 1)]
        if read.colour_column and number >= read.header_row and any(texts):
            colour = next(filter(None, (_colour(cell, palette) for cell in cells)), "")
            texts.append(colour if headed else read.colour_column)
            headed = True
        yield texts


def _colour(cell: Any, palette: list[str]) -> str:
    """The cell's solid fill as RRGGBB; empty where it has none."""
    from openpyxl.styles.colors import COLOR_INDEX

    if not cell.has_style or cell.fill.fill_type != "solid":
        return ""
    colour = cell.fill.fgColor
    if colour.type == "rgb":
        return str(colour.rgb)[-6:].upper()
    if colour.type == "indexed":
        return COLOR_INDEX[colour.indexed][-6:] if colour.indexed < len(COLOR_INDEX) else ""
    if colour.type == "theme" and colour.theme < len(palette):
        return _tinted(palette[colour.theme], colour.tint)
    return ""


def _theme(book: Any) -> list[str]:
    """The theme's colours as RRGGBB, in the order in which cells number them: light before dark, twice."""
    theme = (book.loaded_theme or b"").decode("utf-8", "replace")
    scheme = re.search(r"<a:clrScheme.*?</a:clrScheme>", theme, re.S)
    found = re.findall(r'(?:lastClr|srgbClr val)="([0-9A-Fa-f]{6})"', scheme[0]) if scheme else []
    return [found[1], found[0], found[3], found[2], *found[4:]] if len(found) >= 4 else found


def _tinted(rgb: str, tint: float) -> str:
    """A colour made lighter (tint above 0) or darker (below), as ECMA-376 18.8.19 says."""
    hue, light, full = colorsys.rgb_to_hls(*(int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, full))


# --- before anything is unpacked --------------------------------------------------------------------------------------


def _sizes(file: Path) -> dict[str, int]:
    """The unpacked size of each part, as the zip declares it (zipfile never unpacks more); a Refusal for a bomb."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError):
        raise _damaged(file) from None
    total = sum(part.file_size for part in parts)
    strong = any(part.file_size > max(BIG, STRONGEST_PACKING * part.compress_size) for part in parts)
    if total > LARGEST or strong:
        raise Refusal(
            f"The workbook unpacks to {total / 1e6:,.0f} MB, which no export of a housing system does.",
            str(file),
            "It is not opened. If it is real, save its sheet as CSV.",
        )
    return {part.filename: part.file_size for part in parts}


def _has_merged_cells(file: Path, part: str) -> bool:
    """Whether the sheet's XML names merged cells; read in pieces, of which the ends may cut the word."""
    with zipfile.ZipFile(file) as packed, packed.open(part) as xml:
        end = b""
        while piece := xml.read(1 << 20):
            if b"<mergeCell" in end + piece:
                return True
            end = piece[-20:]
    return False


def _sheet(book: Any, read: Read, file: Path) -> Any:
    names = book.sheetnames
    if read.sheet and read.sheet not in names:
        raise Refusal(f"The workbook has no sheet {read.sheet!r}.", str(file), f"It has: {', '.join(names)}.")
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Refusal("The workbook has no sheet that can be seen.", str(file), "Name one as `sheet:` in a mapping.")
    return book[read.sheet] if read.sheet else sheets[0]


def _damaged(file: Path) -> Refusal:
    return Refusal("The workbook is damaged, or is no Excel workbook.", str(file), "Open it in Excel and save it anew.")
