"""The workbook of a quality report: scores and faults, every finding, the rows held back and suggested corrections.

It holds values of rows, which may be personal data, and says so at its top.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from placemaker.jobs.faults import Fault, Subject
from placemaker.jobs.quality_page import TO_DO, first_rows, scores
from placemaker.standard.corrections import Corrections
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings_files import Workbook
from placemaker.standard.schema import DIMENSIONS

#: More findings than anybody works through in a workbook; with all of a million it takes minutes to write and to open.
MOST_FINDINGS = 250_000

_WARNING = (
    "This workbook holds values of rows, which may be personal data: send it only to people who may see them, and "
    "delete it when the work is done."
)


def write_book(
    con: Any,
    subject: Subject,
    faults: tuple[Fault, ...],
    corrections: Corrections,
    held: list[tuple[str, list[str], str]],
    path: Path,
    attachment: str,
) -> Path:
    """Write the workbook; ``held`` are (table, headers, SQL) of the rows held back, ``attachment`` has all findings."""
    total = sum(fault.rows for fault in faults)
    with Workbook(path) as book:
        _summary(con, book, subject, faults, total, attachment)
        _findings(con, book, subject, faults)
        for table, names, query in held:
            _held_back(con, book, subject, table, names, query, len(held) > 1)
        if many := len(corrections):
            lines = ["Suggestions only: nothing was changed. certain: no other reading; ask: a person has to say."]
            if many > MOST_FINDINGS:
                lines.append(f"The first {MOST_FINDINGS:,} of {many:,}; placemaker check FILE --fix writes them all.")
            query = f"{corrections.query()} limit {MOST_FINDINGS}"
            book.sheet_of("Corrections", con, query, (18, 9, 14, 16, 18, 18, 24, 24, 9, 44, 36), lines)
    return path


def _summary(
    con: Any, book: Workbook, subject: Subject, faults: tuple[Fault, ...], total: int, attachment: str
) -> None:
    what = f"load {subject.number} of" if subject.number else "checked on"
    day = f"{subject.at.day} {subject.at:%B %Y}"
    above = [
        f"Data quality of {subject.title}",
        f"{subject.file}, {what} {day}: {subject.rows_in:,} rows, {subject.held_back:,} held back, {total:,} findings.",
        _WARNING,
    ]
    if total > MOST_FINDINGS:
        above.append(
            f"The first {MOST_FINDINGS:,} findings are here, the worst first, and all {total:,} in {attachment}."
        )
    rows = [
        (
            fault.severity,
            fault.words,
            fault.table,
            fault.rule,
            fault.dimension,
            fault.rows,
            fault.before,
            fault.homes,
            fault.rent,
            first_rows(fault),
            TO_DO[fault.severity],
            fault.source,
        )
        for fault in faults
    ]
    head = ("severity", "fault", "table", "rule", "dimension", "rows", "last load", "homes", "rent a week (£)")
    widths = (10, 70, 16, 38, 14, 10, 10, 10, 16, 20, 44, 60)
    book.sheet("Summary", (*head, "first rows", "what it means", "source"), rows, widths, above)
    graded = [
        (
            subject.kinds[name].title,
            rows_of,
            *((good[kind] / rows_of if rows_of else None) for kind in (*DIMENSIONS, "")),
        )
        for name, rows_of, good in scores(con, subject)
    ]
    lines = ["The share of each table's rows without a finding worse than a note, by kind of fault and in all."]
    heads = ("table", "rows", *DIMENSIONS, "all")
    book.sheet("Scores", heads, graded, (30, *[14] * 8), lines, formats={at: "0.0%" for at in range(2, 9)})


def _findings(con: Any, book: Workbook, subject: Subject, faults: tuple[Fault, ...]) -> None:
    if not faults:
        return
    places = ", ".join(f"({literal(one.table)}, {literal(one.rule)}, {at})" for at, one in enumerate(faults))
    query = (
        'select f.severity, f.row, f.key, f.table_name as "table", f.field, f.value, f.message, f.rule '
        f"from {subject.finding} f join (values {places}) p(table_name, rule, place) using (table_name, rule) "
        f"order by p.place, f.row, f.field limit {MOST_FINDINGS}"
    )
    book.sheet_of("Findings", con, query, (10, 9, 16, 16, 20, 28, 80, 40))


def _held_back(
    con: Any, book: Workbook, subject: Subject, table: str, names: list[str], query: str, several: bool
) -> None:
    reasons = (
        f"select row, string_agg(distinct message, ' ') as why from {subject.finding} where severity = 'reject' "
        f"and table_name = {literal(table)} group by row"
    )
    cells = ", ".join(f"h.{identifier(name)}" for name in names)
    rows = f"select h._row, r.why, {cells} from ({query}) h left join ({reasons}) r on r.row = h._row order by h._row"
    title = f"Held back, {table}" if several else "Held back"
    book.sheet_of(title, con, rows, (9, 60), ["These rows are not in the lake: they have no key to be known by."],
                  head=("row", "why it is held back", *names))  # fmt: skip
