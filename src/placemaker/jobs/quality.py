"""The quality page of one load: what is wrong with an export, worst first, for whoever owns the system it came from.

The page can be e-mailed: it says what is wrong, how often, how often last time, and how many homes and how much rent it
is about, but no value of any row. The rows themselves are in the file of findings beside it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from placemaker.figure import Figure, Source, missing
from placemaker.jobs.faults import Fault, dimension_rows, faults_of, homes_of
from placemaker.lake import LoadRecord, Refusal, Workspace
from placemaker.report import Document, Heading, Note, Paragraph, Table, Tiles, render
from placemaker.standard.schema import DIMENSIONS
from placemaker.standard.schema import table as table_of

#: What the reader is asked to do about each severity.
TO_DO = {
    "reject": "Held back: the row has no key to be known by",
    "error": "To put right: surely wrong",
    "query": "To ask about: right perhaps, but unlikely",
    "note": "To know: no fault of the row",
}


@dataclass(frozen=True)
class QualityPage:
    """The page of one load, before and after it is written: its faults, the document, and the paths of its files."""

    load: LoadRecord
    faults: tuple[Fault, ...]
    document: Document
    html: Path | None = None
    attachment: Path | None = None

    def __str__(self) -> str:
        """One line for the screen: where the page is, and how much there is to do."""
        rows = {severity: 0 for severity in TO_DO}
        for fault in self.faults:
            rows[fault.severity] += fault.rows
        wrong = rows["reject"] + rows["error"]
        return f"{self.html or self.load.source}: {wrong:,} to put right, {rows['query']:,} to ask about"


def quality(
    workspace: Workspace | Path | str,
    load_number: int | None = None,
    *,
    source: str | None = None,
    out: Path | str | None = None,
) -> QualityPage:
    """The quality page of a load: of ``load_number``, or the newest of ``source``, or the newest of all.

    With ``out`` the page is written there as HTML with its findings beside it as CSV. Raises Refusal where there is no
    such load.
    """
    opened = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    load, last = _choose(opened, load_number, source)
    with opened.read(as_of=load.number) as con:
        faults = tuple(faults_of(con, load, last))
        document = _document(opened, con, load, last, faults)
        page = QualityPage(load, faults, document)
        if out is None:
            return page
        folder, stem = Path(out), f"quality-{re.sub(r'[^a-z0-9]+', '-', load.source.lower()).strip('-')}"
        folder.mkdir(parents=True, exist_ok=True)
        attachment = _write_findings(con, load, faults, folder / f"{stem}-findings.csv")
        html = render(document, folder, stem, forms=("html",))["html"]
    return replace(page, html=html, attachment=attachment)


def quality_pages(
    workspace: Workspace | Path | str,
    out: Path | str,
    *,
    source: str | None = None,
    progress: Callable[..., None] | None = None,
) -> list[QualityPage]:
    """Write the page of the newest load of every source, or of ``source``, to ``out``; most to put right first."""
    opened = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    sources = [source] if source else sorted({load.source for load in opened.loads() if not load.undone})
    if not sources:
        raise Refusal("Nothing is loaded yet, so there are no quality pages", str(opened.folder))
    pages = []
    for number, source in enumerate(sources):
        if progress:
            progress(f"Writing the page of {source}", number, len(sources))
        pages.append(quality(opened, source=source, out=out))
    return sorted(
        pages, key=lambda page: -sum(fault.rows for fault in page.faults if fault.severity in ("reject", "error"))
    )


def _choose(workspace: Workspace, number: int | None, source: str | None) -> tuple[LoadRecord, LoadRecord | None]:
    """The load asked for, and the one of the same source that stood before it."""
    loads = [load for load in workspace.loads() if not load.undone or load.number == number]
    known = sorted({load.source for load in loads})
    if source and source not in known:
        raise Refusal(f"Nothing is loaded from {source!r}", str(workspace.folder), f"There are: {', '.join(known)}.")
    wanted = [load for load in loads if number in (None, load.number) and source in (None, load.source)]
    if not wanted:
        what = "Nothing is loaded yet" if number is None else f"There is no load {number}"
        raise Refusal(what, str(workspace.folder), "See the loads with: placemaker loads")
    load = wanted[0]
    earlier = (one for one in loads if one.source == load.source and one.number < load.number)
    return load, next(earlier, None)


def _document(
    workspace: Workspace, con: Any, load: LoadRecord, last: LoadRecord | None, faults: tuple[Fault, ...]
) -> Document:
    count = _Counter(workspace, load)
    wrong = [fault for fault in faults if fault.severity in ("reject", "error")]
    tiles = Tiles(
        (
            ("Rows in the file", count(max(one.rows_in for one in load.tables), "rows", "Rows in the file")),
            ("Rows held back", count(load.held_back, "rows", "Rows held back, because they have no key")),
            ("Faults to put right", count(sum(fault.rows for fault in wrong), "faults", "Faults to put right")),
            (
                "Homes they are about",
                count(homes_of(con, load), "homes", "Homes that the faults to put right are about"),
            ),
        )
    )
    told = f"{load.at:%H:%M} UTC on {load.at.day} {load.at:%B %Y}"
    beside = (
        f"Beside each count is that of the load before, {last.number}, of {last.at.day} {last.at:%B %Y}."
        if last
        else "It is the first load of this source, so there is no count of the load before."
    )
    blocks = [
        tiles,
        Paragraph(
            f"This page is for whoever looks after the system behind {load.file}. It lists what is wrong with the "
            f"export as it was loaded at {told}, the worst first: what costs most homes and most rent. {beside} The "
            "rows themselves are in the file of findings that comes with this page; put them right in the system, and "
            "the next load will no longer find them."
        ),
        *_faults(count, load, last, faults),
        Heading("Quality score"),
        Paragraph(
            "The score of a table is the share of its rows without any fault of that kind (notes are not counted), in "
            "the six dimensions of the Government Data Quality Framework."
        ),
        _scores(con, count, load, last),
    ]
    banner = "Made-up borough" if workspace.settings.get("made_up") else ""
    subtitle = f"{load.file}, load {load.number} of {workspace.settings.get('organisation') or 'the landlord'}"
    return Document(
        f"Data quality of {load.source}", subtitle, banner, blocks=tuple(block for block in blocks if block)
    )


def _faults(count: _Counter, load: LoadRecord, last: LoadRecord | None, faults: tuple[Fault, ...]) -> list[Any]:
    if not faults:
        return [Heading("Faults"), Note("plain", "No rule of the standard is broken by any row.")]
    rows: list[Any] = []
    severity = ""
    for fault in faults:
        if fault.severity != severity:
            severity = fault.severity
            rows.append(TO_DO[severity])
        before = [count(fault.before, "rows", f"Findings of {fault.rule} in the load before")] if last else []
        rows.append(
            (
                fault.words,
                count(fault.rows, "rows", f"Findings of {fault.rule}", f"Rule {fault.rule}. {fault.source}."),
                *before,
                count(fault.homes, "homes", f"Homes that {fault.rule} is about", "Each home once, by the lake."),
                count(fault.rent, "£", f"Weekly rent of those homes ({fault.rule})", "Rent set, or else charged."),
                ", ".join(map(str, fault.first[:3])) + (" …" if fault.rows > 3 else "")
                if fault.first
                else "whole file",
            )
        )
    head = ("Fault", "Rows", *(["Last load"] if last else []), "Homes", "Rent a week", "First rows")
    align = "lrrrrl" if last else "lrrrl"
    return [Heading("Faults, worst first"), Table(f"Faults of {load.file}", head, tuple(rows), align)]


def _scores(con: Any, count: _Counter, load: LoadRecord, last: LoadRecord | None) -> Table:
    rows = []
    for one in load.tables:
        faulty = dimension_rows(con, load, one.table)
        total = one.loaded + one.held_back
        cells: list[str | Figure] = [table_of(one.table).title]
        for dimension in DIMENSIONS:
            cells.append(_score(count, total, faulty.get(dimension, 0), f"{cells[0]}, {dimension}"))
        rows.append(tuple(cells))
    head = ("Table", *(dimension.capitalize() for dimension in DIMENSIONS))
    return Table("Rows without a fault, by dimension", head, tuple(rows), "l" + "r" * len(DIMENSIONS))


def _score(count: _Counter, total: int, faulty: int, label: str) -> Figure:
    if not total:
        return missing(label, "%", "No rows were loaded.")
    good = count(total - faulty, "rows", f"{label}: rows without a fault")
    whole = count(total, "rows", f"{label}: rows")
    value = (total - faulty) / total * 100
    return Figure(
        value, "%", label, good.period, parts=(good, whole), formula="share", per=100, places=1, sources=good.sources,
        how="Rows without a finding worse than a note, out of all rows.",
    )  # fmt: skip


class _Counter:
    """Makes the figures of one page, all of one load."""

    def __init__(self, workspace: Workspace, load: LoadRecord) -> None:
        owner = workspace.settings.get("organisation") or "the landlord"
        self.sources = (Source(load.source, f"Findings of {load.file}", owner, snapshot=load.number),)
        self.period = f"{load.at.day} {load.at:%B %Y}"

    def __call__(
        self, value: float | None, unit: str, label: str, how: str = "Counted from the findings of the load."
    ) -> Figure:
        if value is None:
            return missing(label, unit, "The lake cannot tell which homes the rows are about.")
        return Figure(value, unit, label, self.period, how=how, sources=self.sources, places=2 if unit == "£" else 0)


def _write_findings(con: Any, load: LoadRecord, faults: tuple[Fault, ...], path: Path) -> Path:
    """The findings of the load with their values, in the order of the page."""
    order = {(fault.table, fault.rule): place for place, fault in enumerate(faults)}
    columns = ("file", "row", "key", "field", "value", "rule", "severity", "message", "table_name")
    rows = con.execute(f"select {', '.join(columns)} from finding where _load = ?", [load.number]).fetchall()
    rows.sort(key=lambda row: (order[row[8], row[5]], row[1] or 0))
    part = path.with_name(f".{path.name}.part")
    # With a mark for Excel, which would else read UTF-8 as something else.
    with part.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow((*columns[:-1], "table"))
        writer.writerows([_plain(cell) for cell in row] for row in rows)
    part.replace(path)
    return path


def _plain(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    text = isinstance(cell, str) and re.match(r"[=@\t\r]|[+-](?![\d.,£]+$)", cell)
    return f"'{cell}" if text else cell
