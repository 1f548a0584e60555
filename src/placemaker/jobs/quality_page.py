"""The quality page of one export as a document of figures: faults worst first, and a score by table and dimension.

It holds no value of any row, so that it can be e-mailed.
"""

from __future__ import annotations

from typing import Any

from placemaker.figure import Figure, Source, missing
from placemaker.jobs.faults import Fault, Subject, faulty_rows, homes_of
from placemaker.lake import LoadRecord
from placemaker.report import Document, Heading, Note, Paragraph, Table, Tiles
from placemaker.standard.schema import DIMENSIONS

#: What the reader is asked to do about each severity.
TO_DO = {
    "reject": "Held back: the row has no key to be known by",
    "error": "To put right: surely wrong",
    "query": "To ask about: right perhaps, but unlikely",
    "note": "To know: no fault of the row",
}


def document(
    con: Any,
    subject: Subject,
    faults: tuple[Fault, ...],
    last: LoadRecord | None = None,
    owner: str = "",
    banner: str = "",
    beside: str = "",
) -> Document:
    """The page; ``last`` is the load before, ``beside`` says in which files the rows themselves are."""
    count = Counter(subject, owner)
    wrong = [fault for fault in faults if fault.severity in ("reject", "error")]
    tiles = [
        ("Rows in the file", count(subject.rows_in, "rows", "Rows in the file")),
        ("Rows held back", count(subject.held_back, "rows", "Rows held back, because they have no key")),
        ("Faults to put right", count(sum(fault.rows for fault in wrong), "faults", "Faults to put right")),
    ]
    if subject.number:
        about = count(homes_of(con, subject), "homes", "Homes that the faults to put right are about")
        tiles.append(("Homes they are about", about))
    else:
        asked = sum(fault.rows for fault in faults if fault.severity == "query")
        tiles.append(("To ask about", count(asked, "findings", "Findings to ask about")))
    blocks = [
        Tiles(tuple(tiles)),
        Paragraph(_lead(subject, last, beside)),
        *_faults(count, subject, last, faults),
        Heading("Quality score"),
        Paragraph(
            "The score of a table is the share of its rows without any fault of that kind (notes are not counted), in "
            "the six dimensions of the Government Data Quality Framework. A missing column counts against every row, "
            "and a reference to what is not there against each row that makes it."
        ),
        _scores(con, count, subject),
    ]
    what = f"load {subject.number}" if subject.number else "checked, and not loaded"
    subtitle = f"{subject.file}, {what}" + (f" of {owner or 'the landlord'}" if subject.number else "")
    return Document(f"Data quality of {subject.title}", subtitle, banner, blocks=tuple(blocks))


def _lead(subject: Subject, last: LoadRecord | None, beside: str) -> str:
    told = f"{subject.at:%H:%M} UTC on {subject.at.day} {subject.at:%B %Y}"
    if subject.number:
        first = (
            f"Beside each count is that of the load before, {last.number}, of {last.at.day} {last.at:%B %Y}."
            if last
            else "It is the first load of this source, so there is no count of the load before."
        )
        order = f"as it was loaded at {told}, the worst first: what costs most homes and most rent. {first}"
    else:
        order = f"as it was checked at {told}, the worst first."
    return (
        f"This page is for whoever looks after the system behind {subject.file}. It lists what is wrong with the "
        f"export {order} {beside or 'It holds no value of any row.'} Put the rows right in the system, and the next "
        f"{'load' if subject.number else 'check'} will no longer find them."
    )


def _faults(count: Counter, subject: Subject, last: LoadRecord | None, faults: tuple[Fault, ...]) -> list[Any]:
    if not faults:
        return [Heading("Faults"), Note("plain", "No rule of the standard is broken by any row.")]
    rows: list[Any] = []
    severity = ""
    for fault in faults:
        if fault.severity != severity:
            severity = fault.severity
            rows.append(TO_DO[severity])
        before = [count(fault.before, "rows", f"Findings of {fault.rule} in the load before")] if last else []
        costs = [
            count(fault.homes, "homes", f"Homes that {fault.rule} is about", "Each home once, by the lake."),
            count(fault.rent, "£", f"Weekly rent of those homes ({fault.rule})", "Rent set, or else charged."),
        ]
        source = f" {fault.source}." if fault.source else ""
        rows.append(
            (
                fault.words,
                count(fault.rows, "rows", f"Findings of {fault.rule}", f"Rule {fault.rule}.{source}"),
                *before,
                *(costs if subject.number else ()),
                first_rows(fault),
            )
        )
    costs_head = ("Homes", "Rent a week") if subject.number else ()
    head = ("Fault", "Rows", *(["Last load"] if last else []), *costs_head, "First rows")
    align = "l" + "r" * (len(head) - 2) + "l"
    return [Heading("Faults, worst first"), Table(f"Faults of {subject.file}", head, tuple(rows), align)]


def first_rows(fault: Fault) -> str:
    """The first rows of a fault in words: ``2, 17, 31 …``."""
    if not fault.first:
        return "whole file"
    return ", ".join(map(str, fault.first[:3])) + (" …" if fault.rows > 3 else "")


def scores(con: Any, subject: Subject) -> list[tuple[str, int, dict[str, int]]]:
    """For each table its name, how many rows it has, and how many are without a fault, by dimension and ("") in all."""
    found = []
    for name, loaded, held in subject.tables:
        faulty = faulty_rows(con, subject, name)
        total = loaded + held
        found.append((name, total, {kind: total - faulty.get(kind, 0) for kind in (*DIMENSIONS, "")}))
    return found


def _scores(con: Any, count: Counter, subject: Subject) -> Table:
    rows = []
    for name, total, good in scores(con, subject):
        title = subject.kinds[name].title
        cells = [_score(count, total, good[kind], f"{title}, {kind}") for kind in DIMENSIONS]
        rows.append((title, *cells, _score(count, total, good[""], f"{title}, all dimensions")))
    head = ("Table", *(dimension.capitalize() for dimension in DIMENSIONS), "All")
    return Table("Rows without a fault, by dimension", head, tuple(rows), "l" + "r" * (len(DIMENSIONS) + 1))


def _score(count: Counter, total: int, rows: int, label: str) -> Figure:
    if not total:
        return missing(label, "%", "No rows were loaded.")
    good = count(rows, "rows", f"{label}: rows without a fault")
    whole = count(total, "rows", f"{label}: rows")
    return Figure(
        rows / total * 100, "%", label, good.period, parts=(good, whole), formula="share", per=100, places=1,
        sources=good.sources, how="Rows without a finding worse than a note, out of all rows.",
    )  # fmt: skip


class Counter:
    """Makes the figures of one page, all of one export."""

    def __init__(self, subject: Subject, owner: str = "") -> None:
        what = f"Findings of {subject.file}"
        self.sources = (Source(subject.title, what, owner or "the landlord", snapshot=subject.number),)
        self.period = f"{subject.at.day} {subject.at:%B %Y}"
        self.how = "Counted from the findings of the " + ("load." if subject.number else "check.")

    def __call__(self, value: float | None, unit: str, label: str, how: str = "") -> Figure:
        if value is None:
            return missing(label, unit, "The lake cannot tell which homes the rows are about.")
        places = 2 if unit == "£" else 0
        return Figure(value, unit, label, self.period, how=how or self.how, sources=self.sources, places=places)
