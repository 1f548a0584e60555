"""A form's file: where its header block ends, and which column is which field of the form.

The official templates put several records with questions and notes before the data, some of them over many lines, and
one of those holds the field numbers. The columns may then be in any order. A file may also have the field names for
headers, or no header at all and its columns in the order of the form.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.encodings import as_utf8
from placemaker.standard.mapping import FieldMapping, Mapping, TableMapping, direct_mapping
from placemaker.standard.packs import Pack
from placemaker.standard.reading import Read, find_format, short_lines, sniff_delimiter
from placemaker.standard.schema import Table

#: Records looked at for headers, and lines of the file that they may take.
_RECORDS, _LINES = 20, 5_000

_NUMBER = re.compile(r"(?:field[ _]?)?([0-9]{1,4}[a-z]?)", re.IGNORECASE)
_LABEL = re.compile(r"\bfield number", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Record:
    """One of the first records of a file: the line (of a sheet: row) on which it begins, and its cells."""

    line: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]

    def numbers(self) -> list[str]:
        """The field numbers in the cells, the first of which may be a label."""
        found = (_NUMBER.fullmatch(cell) for cell in self.cells)
        return [match[1] for match in found if match]

    def holds_numbers(self, table: Table) -> bool:
        """Whether it is the row of field numbers: all different, and nothing beside them but a label."""
        numbers = self.numbers()
        if len(set(numbers)) < max(2, len(numbers)) or len(self.filled) - len(numbers) > 1:
            return False
        labelled = bool(self.filled) and bool(_LABEL.search(self.filled[0]))
        return labelled or len({*numbers} & {field.number for field in table.fields}) > len(table.fields) // 2

    def holds_names(self, table: Table) -> bool:
        """Whether it holds field names and little else."""
        known = sum(cell.casefold() in table.names for cell in self.filled)
        return 2 * known > len(self.filled)


def form_mapping(file: Path, table: Table, pack: Pack) -> Mapping:
    """How the columns of a form's file become the fields of ``table``, a table of ``pack`` with field numbers.

    Raises Refusal where the file is of another edition or another form: a number or a column too many or too few.
    """
    read = Read()
    records = _first_records(file, read)
    for record in records:
        if record.holds_numbers(table):
            return _numbered(file, table, pack, record)
    for record in records:
        if record.holds_names(table):
            return _blank_skipped(replace(direct_mapping(table), read=Read(header_row=record.line)))
    first = next((record for record in records if record.filled), None)
    if first is None:
        raise Refusal("The file holds nothing but blank lines.", str(file), "Export it again.")
    return _headless(file, table, pack, first)


def _first_records(file: Path, read: Read) -> list[_Record]:
    form = find_format(file, read)
    if form == "parquet":
        raise Refusal("A form's file is CSV or Excel.", str(file), "Check a Parquet file with --as or --mapping.")
    if form == "excel":
        from placemaker.standard.excel import first_rows

        return [_Record(n, _stripped(cells)) for n, cells in enumerate(first_rows(file, read, _RECORDS), 1)]
    with as_utf8(file, read.encoding) as text, text.open(encoding="utf-8-sig", newline="", errors="replace") as opened:
        lines = list(islice(short_lines(opened, file), _LINES))
    delimiter = sniff_delimiter(next((line for line in lines if line.strip()), ""))
    reader, records, line = csv.reader(lines, delimiter=delimiter), [], 1
    try:
        for cells in islice(reader, _RECORDS):
            records.append(_Record(line, _stripped(cells)))
            line = reader.line_num + 1
    except csv.Error:
        pass  # a cell beyond all bounds; what comes before it is enough, or reading the file will say what is wrong
    return records


def _stripped(cells: Iterable[str]) -> list[str]:
    return [cell.strip(" \t\r\n\u00a0\ufeff") for cell in cells]


def _numbered(file: Path, table: Table, pack: Pack, record: _Record) -> Mapping:
    own, there = {field.number: field for field in table.fields}, record.numbers()
    lost = [number for number in own if number not in there]
    unknown = [number for number in there if number not in own]
    if lost or unknown:
        parts = [f"has no field {_some(lost)}"] if lost else []
        parts += [f"has a field {_some(unknown)}, which the form does not know"] if unknown else []
        raise Refusal(
            f"The field numbers are not those of {pack.title}{_edition(pack, len(there))}it {' and '.join(parts)}",
            f"{file}, line {record.line}",
            f"Use the template of {pack.name}, with the field numbers 1 to {len(own)}."
            if all(map(str.isdecimal, own))
            else f"Use the template of {pack.name}.",
        )
    fields = {}
    for cell in record.cells:
        if match := _NUMBER.fullmatch(cell):
            fields[own[match[1]].name] = FieldMapping(column=cell)
    # In the order of the form, whatever that of the columns.
    fields = {name: fields[name] for name in table.names}
    read = Read(header_row=record.line)
    return Mapping(pack.name, pack.title, read, (TableMapping(table, fields, skip_blank=True),))


def _headless(file: Path, table: Table, pack: Pack, first: _Record) -> Mapping:
    width, fields = len(first.cells), [field for field in table.fields if field.number] or list(table.fields)
    label = width == len(fields) + 1 and not first.cells[0]
    if width != len(fields) and not label:
        raise Refusal(
            f"The file has no row of field numbers, and {_edition(pack, width, columns=True)}"
            f"{pack.title} has {len(fields)} columns",
            f"{file}, line {first.line}",
            f"Use the template of {pack.name}, or the field names as headers.",
        )
    columns = (*(("label",) if label else ()), *(field.number or field.name for field in fields))
    named = {field.name: FieldMapping(column=field.number or field.name) for field in fields}
    mapping = TableMapping(table, named, skip_blank=True)
    return Mapping(pack.name, pack.title, Read(columns=columns), (mapping,))


def _blank_skipped(mapping: Mapping) -> Mapping:
    return replace(mapping, tables=tuple(replace(one, skip_blank=True) for one in mapping.tables))


def _edition(pack: Pack, count: int, columns: bool = False) -> str:
    """What the number of fields says about the edition, with what comes after it."""
    older = pack.head.older.get(str(count)) or (pack.head.older.get(str(count - 1)) if columns else None)
    if older:
        return f", but look like {older}: " if not columns else f"its {count} columns look like {older}: "
    return ": " if not columns else f"its first record has {count} cells: "


def _some(numbers: list[str]) -> str:
    return ", ".join(numbers[:5]) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
