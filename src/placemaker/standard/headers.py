"""What is wrong with the headers of an export as a whole: columns that are not there, and columns that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from placemaker.standard.mapping import Mapping, unused_columns
from placemaker.standard.schema import Severity

#: Columns that publishing puts beside the fields: a row's number in its file, and the system that it is from.
PUBLISHED = ("_row", "_source")


class Fault(NamedTuple):
    """A finding on no row: on the file as a whole."""

    field: str
    value: str | None
    rule: str
    severity: Severity
    message: str
    table: str


def column_faults(mapping: Mapping, columns: Iterable[str]) -> Iterator[Fault]:
    """One for each missing column, and one for all those that nobody knows, of a file that a mapping was fitted to."""
    for one in mapping.tables:
        filled = one.fields.keys()
        for field in one.table.fields:
            wanted = (one.missing or {}).get(field.name)
            if field.name in filled or (wanted is None and not field.required):
                continue
            severity: Severity = "error" if field.required or not mapping.direct else "note"
            message = (
                f"The file has no column {wanted!r}, so {field.title} is empty in every row."
                if wanted
                else f"The mapping says nothing of {field.title}, which every row must have."
            )
            rule = f"{one.table.name}.{field.name}.column"
            yield Fault(field.label, wanted, rule, severity, message, one.table.name)
    unknown = [name for name in unused_columns(mapping, columns) if name not in PUBLISHED] if mapping.direct else []
    if unknown:
        (one,) = mapping.tables
        names = ", ".join(unknown[:10]) + (" and others" if len(unknown) > 10 else "")
        count = "1 column is" if len(unknown) == 1 else f"{len(unknown)} columns are"
        message = f"{count} not in the standard's {one.table.name}, and not read: {names}."
        yield Fault("", ", ".join(unknown), f"{one.table.name}.columns", "note", message, one.table.name)
