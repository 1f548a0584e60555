"""Read a file or list of postcodes: ``postcode,name``, a table with a column of postcodes, or one a line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from placemaker.lake.errors import Refusal

POSTCODE_NAMES = {"postcode", "postalcode", "postcodes", "pcd", "pcds", "pcode", "zip"}
NAME_NAMES = ("name", "neighbourhood", "patch", "estate", "place", "area", "group")
_LOOKS_LIKE = re.compile(r"\s*[A-Za-z]{1,2}[0-9][A-Za-z0-9]?\s*[0-9][A-Za-z]{2}\s*")


@dataclass(frozen=True)
class PostcodeRows:
    """The postcodes of a file, one for each row (a row is a home), and the name beside each where there is one."""

    postcodes: tuple[str, ...]
    names: tuple[str, ...] | None
    file: str


def read_postcodes(source: str | Path | Iterable[str], *, named: bool = False) -> PostcodeRows:
    """The postcodes in a CSV file or a list; with ``named``, also the name in each row.

    Raises Refusal where the file is missing, empty, not text, or has no column of postcodes (or of names).
    """
    if not isinstance(source, (str, Path)):
        return PostcodeRows(tuple(str(postcode or "") for postcode in source), None, "the list")
    path = Path(source)
    rows = _rows(path)
    column, first = _postcode_column(rows, path.name)
    body = [row for row in rows[first:] if any(cell.strip() for cell in row)]
    if not body:
        raise Refusal("The file has headings and no rows", path.name, "Export it again with its rows.")
    names = None
    if named:
        at = _name_column(rows[0] if first else [], column, path.name)
        names = tuple(_cell(row, at).strip() for row in body)
    return PostcodeRows(tuple(_cell(row, column) for row in body), names, path.name)


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise Refusal("There is no such file", str(path), "Check the name of the file.")
    data = path.read_bytes()
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise Refusal("This is an Excel workbook, not a CSV file", path.name, "Save it as CSV and try again.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise Refusal("The file is not text", path.name, "Save it as CSV and try again.")
    if not text.strip():
        raise Refusal("The file is empty", path.name, "Export it again.")
    heading = text.lstrip().splitlines()[0]
    delimiter = max(",;\t|", key=heading.count)
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter)
    try:
        return list(reader)
    except csv.Error:
        raise Refusal(
            "The file cannot be read as CSV",
            f"{path.name}, near line {reader.line_num}",
            "Look for an open quote there.",
        ) from None


def _postcode_column(rows: Sequence[Sequence[str]], file: str) -> tuple[int, int]:
    """The position of the postcodes, and the first row that is no heading."""
    heading = [re.sub(r"[^a-z]", "", cell.lower()) for cell in rows[0]]
    found = [at for at, word in enumerate(heading) if word in POSTCODE_NAMES]
    if len(found) == 1:
        return found[0], 1
    columns = ", ".join(cell.strip() or "(no name)" for cell in rows[0])
    if len(found) > 1:
        raise Refusal(f"More than one column is named postcode: {columns}", file, "Keep one of them.")
    width = max(len(row) for row in rows)
    full = [at for at in range(width) if _are_postcodes(rows[1:], at)]
    if not full and len(rows) == 1:
        full = [at for at in range(width) if _LOOKS_LIKE.fullmatch(_cell(rows[0], at))]
    if len(full) == 1:
        return full[0], 0 if _LOOKS_LIKE.fullmatch(_cell(rows[0], full[0])) else 1
    raise Refusal(
        f"The file has no column of postcodes; its columns are: {columns}",
        file,
        "Name the column 'postcode' in the first line.",
    )


def _are_postcodes(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether at least four of five filled cells of a column are written as postcodes."""
    cells = [cell for row in rows[:1000] if (cell := _cell(row, at)).strip()]
    return bool(cells) and sum(bool(_LOOKS_LIKE.fullmatch(cell)) for cell in cells) >= 0.8 * len(cells)


def _name_column(heading: Sequence[str], postcode: int, file: str) -> int:
    words = [cell.strip().lower() for cell in heading]
    for name in NAME_NAMES:
        if name in words and words.index(name) != postcode:
            return words.index(name)
    if len(words) == 2:
        return 1 - postcode
    raise Refusal(
        f"The file has no column of names; its columns are: {', '.join(heading) or 'not named'}",
        file,
        "Name the column 'name' in the first line: postcode,name.",
    )


def _cell(row: Sequence[str], at: int) -> str:
    return row[at] if at < len(row) else ""
