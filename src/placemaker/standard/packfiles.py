"""The files of a pack: YAML whose entries can say where they are written, and reference tables in CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.schema import nearest
from placemaker.standard.yaml_lines import at, read, shown


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping in a YAML file, which knows the way to itself."""

    data: dict[str, Any]
    path: Path
    steps: tuple[str | int, ...] = ()

    @property
    def where(self) -> str:
        """The file and the line, as a Refusal names them; reads the file again."""
        return at(self.path, *self.steps)

    def at(self, *steps: str | int) -> str:
        """The file and the line of what stands in the entry."""
        return at(self.path, *self.steps, *steps)

    def get(self, name: str, otherwise: Any = None) -> Any:
        """What the entry says under a name."""
        found = self.data.get(name)
        return otherwise if found is None else found

    def know(self, what: str, names: Iterable[str], needed: Iterable[str] = ()) -> Entry:
        """The entry itself; a Refusal where it says what is not one of ``names``, or not what is ``needed``."""
        names = list(names)
        for name in self.data:
            if name not in names:
                raise Refusal(f"{what} has no {str(name)!r}", self.at(str(name)), nearest(str(name), names))
        for name in needed:
            if self.data.get(name) in (None, ""):
                raise Refusal(f"{what} needs `{name}`", self.where, "Add it.")
        return self


def read_entry(path: Path) -> Entry:
    """The one mapping that a YAML file holds."""
    found = read(path)
    if not isinstance(found, dict):
        raise Refusal("The file does not hold names and what they say", shown(path), "Write `name: value` lines.")
    return Entry(found, path)


def read_list(path: Path, *, as_text: bool = False) -> list[Entry]:
    """The entries of a file that holds a list of them; ``as_text`` every value is one, and so is the name ``on``."""
    found = read(path, as_text=as_text) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refusal("The file is not a list of entries", shown(path), "Begin each entry with `- `.")
    return [Entry(one, path, (place,)) for place, one in enumerate(found)]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A reference table of a pack: a CSV with headers, in which every cell is text."""

    name: str
    path: Path
    columns: tuple[str, ...]


def read_lookup(path: Path) -> Lookup:
    """The reference table in a CSV file, of which only the headers are read; its name must be a plain one."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise Refusal("A reference table is named in small letters, digits and _", shown(path), "Rename the file.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            names = [header.strip() for header in next(csv.reader(text), [])]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise Refusal("The reference table is no CSV in UTF-8", shown(path), "Save it as CSV, UTF-8.") from None
    if not names or not all(names) or len(set(map(str.casefold, names))) < len(names):
        raise Refusal("The headers are not one different name for each column", f"{shown(path)}, line 1")
    return Lookup(path.stem, path, tuple(names))


def check_lookup(lookup: Lookup, on: Iterable[str]) -> None:
    """A Refusal where two rows of a reference table have the same values ``on``, or a row is not as long as the header.

    A left join on such a table would make two rows of one.
    """
    seen: dict[tuple[str, ...], int] = {}
    places = [lookup.columns.index(name) for name in on]
    with lookup.path.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text)
        next(reader)
        for row in reader:
            where = f"{shown(lookup.path)}, line {reader.line_num}"
            if row and len(row) != len(lookup.columns):
                raise Refusal(f"The row has {len(row)} cells, the header has {len(lookup.columns)}", where)
            key = tuple(row[place].strip() for place in places) if row else ()
            if row and key in seen:
                names = ", ".join(lookup.columns[place] for place in places)
                raise Refusal(f"The row has the same {names} as line {seen[key]}", where, "Only one row may have it.")
            seen[key] = reader.line_num
