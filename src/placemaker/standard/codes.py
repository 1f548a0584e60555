"""Code lists from their CSV files: a list with a hole, a circle or a day that is none is refused with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.model import Code, CodeList
from placemaker.standard.yaml_lines import shown

NEEDED = ("code", "label")


def read_codelist(path: Path) -> CodeList:
    """The code list in a CSV file, by the name of the file; a Refusal that names the line where it is none."""
    rows = _rows(path)
    for problem in _problems(path, rows):
        raise problem
    return CodeList(path.stem, tuple(_code(row) for _, row in rows))


def codelist_problems(path: Path) -> Iterator[Refusal]:
    """Everything that is wrong with the code list in a CSV file, in the order of its lines."""
    try:
        yield from _problems(path, _rows(path))
    except Refusal as problem:
        yield problem


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their lines, cells trimmed; a Refusal where the file is no table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = [cell.strip() for cell in next(reader, [])]
            rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error):
        raise Refusal("The code list is no CSV in UTF-8", shown(path), "Save it as CSV, UTF-8.") from None
    lacking = [name for name in NEEDED if name not in header]
    if lacking or len(set(header)) < len(header):
        what = f"The code list has no column {lacking[0]}" if lacking else "Two columns have one name"
        raise Refusal(what, f"{shown(path)}, line 1", "Begin it with code,label,parent,start,end,source.")
    for line, cells in rows:
        if len(cells) != len(header):
            what = f"The line has {len(cells)} cells, and the header {len(header)}"
            raise Refusal(what, f"{shown(path)}, line {line}", "Put text that holds a comma in double quotes.")
    return [(line, dict(zip(header, cells, strict=True))) for line, cells in rows]


def _problems(path: Path, rows: list[tuple[int, dict[str, str]]]) -> Iterator[Refusal]:
    if not rows:
        yield Refusal("The code list has no codes", f"{shown(path)}, line 1", "Add one, or take the file away.")
    parents = {row["code"]: row.get("parent") or "" for _, row in rows}
    circles = {circle[0]: circle for circle in _circles(parents)}
    first: dict[str, int] = {}
    for line, row in rows:
        code, parent, where = row["code"], row.get("parent") or "", f"{shown(path)}, line {line}"
        if not code or not row["label"]:
            yield Refusal("The line has no code or no label", where, "Give it both.")
        if code in first:
            what = f"The code {code!r} is there twice, first on line {first[code]}"
            yield Refusal(what, where, "Keep one; a code that has ended keeps its meaning.")
        first.setdefault(code, line)
        if parent and parent not in parents:
            yield Refusal(
                f"The parent {parent!r} of {code!r} is no code of the list", where, "Add it, or leave it out."
            )
        elif code in circles and first[code] == line:
            way = circles[code] if len(circles[code]) < 10 else [*circles[code][:8], "…", code]
            yield Refusal(f"The code {code!r} is above itself: {' in '.join(way)}", where, "Break the circle.")
        yield from _day_problems(row, where)


def _circles(parents: Mapping[str, str]) -> Iterator[list[str]]:
    """Each way from a code by its parents back to itself, once; every code is looked at once."""
    done: set[str] = set()
    for code in parents:
        way: dict[str, None] = {}
        while code and code not in done and code not in way:
            way[code] = None
            code = parents.get(code, "")
        if code in way:
            circle = list(way)[list(way).index(code) :]
            yield [*circle, code]
        done.update(way)


def _day_problems(row: Mapping[str, str], where: str) -> Iterator[Refusal]:
    days = {}
    for name in ("start", "end"):
        try:
            days[name] = _day(row.get(name))
        except ValueError:
            yield Refusal(f"The {name} {row[name]!r} is no day", where, "Write it as 2026-04-01.")
            return
    if days["start"] and days["end"] and days["end"] < days["start"]:
        yield Refusal(f"The code {row['code']!r} ends before its start", where, "Check both days.")


def _code(row: Mapping[str, str]) -> Code:
    start, end = _day(row.get("start")), _day(row.get("end"))
    return Code(row["code"], row["label"], row.get("parent") or "", start, end, row.get("source") or "")


def _day(text: str | None) -> date | None:
    if not text:
        return None
    if len(text) != 10:
        raise ValueError(text)  # 20260401 and 2026-W14-3 are days to Python alone
    return date.fromisoformat(text)
