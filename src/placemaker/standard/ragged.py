"""The slower, exact way through a CSV that is not regular: every record keeps its number, the wrong ones say why."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.encodings import wrong_encoding
from placemaker.standard.reading import LONGEST_RECORD, Header, short_lines, too_long


def mend(text: Path, file: Path, header: Header, mended: Path) -> None:
    """Write the records of the UTF-8 CSV ``text`` to ``mended``, each as wide as the header, with two cells more.

    Of a record that is too wide or too narrow, or whose quote marks are wrong, the cells are empty and the two say why
    and hold its cells as JSON. Empty cells beyond the last header are no fault. Blank lines are no records. Raises
    Refusal, naming the line of ``file``, for a quote mark that is never closed, a record that is too long and bytes
    that are not UTF-8.
    """
    width = len(header.columns)
    csv.field_size_limit(LONGEST_RECORD)
    try:
        with (
            text.open(encoding="utf-8-sig", newline="") as opened,
            mended.open("w", encoding="utf-8", newline="") as new,
        ):
            writer = csv.writer(new, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for cells, wrong in _records(opened, file, header):
                if len(cells) > width and not any(cells[width:]):
                    cells = cells[:width]
                if not wrong and len(cells) != width:
                    wrong = f"The row has {_count(len(cells), 'cell')}, the header has {width}."
                if wrong:
                    writer.writerow([""] * width + [wrong, json.dumps(cells, ensure_ascii=False)])
                else:
                    writer.writerow([*cells, "", ""])
    except UnicodeDecodeError:
        raise wrong_encoding(text, file) from None


def _records(opened, file: Path, header: Header) -> Iterator[tuple[list[str], str]]:
    """The cells of each record and what is wrong with its quote marks, if anything is."""
    current: list[str] = []  # the lines of the record that is being read
    read = length = 0

    def lines() -> Iterator[str]:
        nonlocal read, length
        for line in short_lines(opened, file):
            read += 1
            if read <= header.lines:
                continue
            current.append(line)
            length += len(line)
            if len(current) > 1 and length > LONGEST_RECORD:
                raise _open_quote(current, file, read - len(current) + 1, header.delimiter)
            yield line

    reader = csv.reader(lines(), delimiter=header.delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = read - len(current) + 1
            if "unexpected end" in str(error):
                raise _open_quote(current, file, first, header.delimiter) from None
            if "limit" in str(error):
                raise too_long(file, first) from None
            loose = csv.reader(["".join(current)], delimiter=header.delimiter)
            yield next(loose, []), "A quote mark stands inside a quoted cell without being doubled."
        else:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield cells, ""
        current.clear()
        length = 0


def _open_quote(lines: list[str], file: Path, first: int, delimiter: str) -> Refusal:
    """The Refusal for a quote mark that opens and is never closed, naming the line on which it opens."""
    opened_at, inside = first, False
    for number, line in enumerate(lines, first):
        place, start = 0, not inside
        while place < len(line):
            mark = line[place]
            if inside and mark == '"' and line[place + 1 : place + 2] == '"':
                place += 1
            elif inside:
                inside = mark != '"'
            elif start and mark == '"':
                inside, opened_at = True, number
            start = not inside and mark == delimiter
            place += 1
    return Refusal(
        "A quote mark opens here and is never closed.",
        f"{file}, line {opened_at}",
        "Close it, or take it away; a quote mark inside a quoted cell is written twice.",
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
