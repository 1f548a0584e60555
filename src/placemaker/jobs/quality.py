"""The quality report of one export: what is wrong with it, worst first, for whoever owns the system it came from.

The page (HTML) can be e-mailed: it says what is wrong, how often, how often last time, and how many homes and how much
rent it is about, but no value of any row. The rows themselves are in the workbook and the file of findings beside it,
which are for the owner of the data alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from placemaker.jobs.faults import Fault, Subject, faults_of, of_check, of_load
from placemaker.jobs.quality_page import TO_DO, document
from placemaker.lake import LoadRecord, Refusal, Workspace
from placemaker.report import Document, render
from placemaker.standard import Check
from placemaker.standard.corrections import Corrections, Target
from placemaker.standard.findings_files import plain_cell, stream

#: What a finding is written with, in the file of findings.
_COLUMNS = ("file", "row", "key", "field", "value", "rule", "severity", "message", "table_name")


@dataclass(frozen=True)
class QualityPage:
    """The report of one export, before and after it is written: its faults, the document, and the paths of its files.

    ``load`` is None where the file was only checked.
    """

    load: LoadRecord | None
    faults: tuple[Fault, ...]
    document: Document
    subject: Subject
    html: Path | None = None
    workbook: Path | None = None
    attachment: Path | None = None

    def __str__(self) -> str:
        """One line for the screen: where the page is, and how much there is to do."""
        rows = {severity: 0 for severity in TO_DO}
        for fault in self.faults:
            rows[fault.severity] += fault.rows
        wrong = rows["reject"] + rows["error"]
        return f"{self.html or self.subject.title}: {wrong:,} to put right, {rows['query']:,} to ask about"


def quality(
    workspace: Workspace | Path | str,
    load_number: int | None = None,
    *,
    source: str | None = None,
    out: Path | str | None = None,
) -> QualityPage:
    """The quality report of a load: of ``load_number``, or the newest of ``source``, or the newest of all.

    With ``out`` the page is written there as HTML, with its rows beside it as a workbook and its findings as CSV.
    Raises Refusal where there is no such load.
    """
    opened = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    load, last = _choose(opened, load_number, source)
    with opened.read(as_of=load.number) as con:
        owner = opened.settings.get("organisation") or ""
        banner = "Made-up borough" if opened.settings.get("made_up") else ""
        page = _page(con, of_load(con, load), load, last, owner, banner, out)
        if out is None:
            return page
        targets = [Target(table, {}) for table in page.subject.kinds.values()]
        con.execute(f"create or replace temp table _quality_finding as from {page.subject.finding}")
        corrections = Corrections(con, "_quality_finding", targets, load.at.date())
        return _write(con, page, Path(out), corrections, _held_in_lake(con, load))


def quality_of_check(check: Check, out: Path | str | None = None, *, title: str = "") -> QualityPage:
    """The quality report of a file that was checked: what :func:`quality` writes of a load, save homes and rent.

    It needs no workspace, and keeps nothing.
    """
    page = _page(check.con, of_check(check, title), None, None, "", "", out)
    if out is None:
        return page
    return _write(check.con, page, Path(out), check.corrections(), _held_in_check(check))


def _page(
    con: Any, subject: Subject, load: LoadRecord | None, last: LoadRecord | None, owner: str, banner: str, out: Any
) -> QualityPage:
    faults = tuple(faults_of(con, subject, last))
    stem = _stem(subject)
    beside = (
        f"The rows themselves, with their values, are in {stem}.xlsx and {stem}-findings.csv: send those two only to "
        "people who may see them."
        if out
        else ""
    )
    return QualityPage(load, faults, document(con, subject, faults, last, owner, banner, beside), subject)


def _stem(subject: Subject) -> str:
    return f"quality-{re.sub(r'[^a-z0-9]+', '-', subject.title.lower()).strip('-')}"


def _write(
    con: Any, page: QualityPage, folder: Path, corrections: Corrections, held: list[tuple[str, list[str], Any]]
) -> QualityPage:
    from placemaker.jobs.quality_book import write_book

    stem = _stem(page.subject)
    folder.mkdir(parents=True, exist_ok=True)
    attachment = _write_findings(con, page, folder / f"{stem}-findings.csv")
    workbook = write_book(con, page.subject, page.faults, corrections, held, folder / f"{stem}.xlsx", attachment.name)
    html = render(page.document, folder, stem, forms=("html",))["html"]
    return replace(page, html=html, workbook=workbook, attachment=attachment)


def in_order(page_faults: tuple[Fault, ...], subject: Subject) -> str:
    """SQL for the findings in the order of the page: the worst fault first, each by row."""
    from placemaker.standard.expressions import literal

    places = ", ".join(f"({literal(f.table)}, {literal(f.rule)}, {at})" for at, f in enumerate(page_faults))
    if not places:
        return f"select {', '.join(_COLUMNS)} from {subject.finding}"
    return (
        f"select {', '.join('f.' + name for name in _COLUMNS)} from {subject.finding} f "
        f"join (values {places}) p(table_name, rule, place) using (table_name, rule) order by p.place, f.row, f.field"
    )


def _write_findings(con: Any, page: QualityPage, path: Path) -> Path:
    """The findings with their values, in the order of the page."""
    part = path.with_name(f".{path.name}.part")
    # With a mark for Excel, which would else read UTF-8 as something else.
    with part.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow((*_COLUMNS[:-1], "table"))
        for row in stream(con, in_order(page.faults, page.subject)):
            writer.writerow([plain_cell(cell) for cell in row])
    part.replace(path)
    return path


def _held_in_lake(con: Any, load: LoadRecord) -> list[tuple[str, list[str], Any]]:
    """(table, headers, SQL for ``_row`` and the row's cells) of the rows that a load held back."""
    from placemaker.standard.expressions import identifier, literal

    found = []
    for (table,) in con.execute("select distinct table_name from held_back where _load = ?", [load.number]).fetchall():
        mine = f"from held_back where _load = {load.number} and table_name = {literal(table)}"
        (names,) = con.execute(f"select json_keys(row) {mine} limit 1").fetchone()
        cells = ", ".join(
            f"json_extract_string(row, {literal('$.' + _json_name(name))}) as {identifier(name)}" for name in names
        )
        found.append((table, names, f"select _row, {cells} {mine}"))
    return found


def _json_name(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'


def _held_in_check(check: Check) -> list[tuple[str, list[str], Any]]:
    names = [*check.staged.columns, *(["_unreadable"] if check.staged.marked else [])]
    return [
        (name, names, check.held_back_query(one.held_back)) for name, one in check.tables.items() if one.rows_held_back
    ]


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
