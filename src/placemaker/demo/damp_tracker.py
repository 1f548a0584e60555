"""Export 12: the damp and mould tracker, a workbook kept by hand: merged cells, and a colour for the status."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np

from placemaker.demo.lettings import AS_AT, Tenancies
from placemaker.demo.spoiling import Truth
from placemaker.demo.stock import Stock, Units
from placemaker.demo.writing import day_first

HEAD = ("Case", "Property", "Room", "Hazard", "How bad", "Reported", "Inspected", "Summary sent", "Made safe",
        "Works start", "Works done", "Tenant moved out?", "Notes")  # fmt: skip
WIDE = 6
"""Columns that are merged over the rows of one case, counted from the left, but for the room."""
FAULTS = ("hazard", "words", "home", "safe", "works", "time")
OPEN, WAITING, DONE = "FF0000", "FFC000", "92D050"
_ROOMS = ("Bedroom 1", "Bedroom 2", "Bathroom", "Kitchen", "Living room", "Hall")
_NOTES = ("", "", "", "tenant has asthma, ring first", "access after 4pm", "second visit", "photos on the shared drive")
_HAZARDS = (
    "Damp & mould",
    "Damp & mould",
    "Damp & mould",
    "Damp & mould",
    "Damp & mould",
    "Too cold",
    "Electrics",
    "Trip / fall",
)


class DampTracker:
    """The workbook, filled a chunk of homes at a time and saved at the end."""

    def __init__(self, path: Path, truth: Truth) -> None:
        from openpyxl import Workbook

        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.truth = path, truth
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet("Damp")
        self.sheet.column_dimensions["B"].width = 12
        self.sheet.append(["DAMP AND MOULD TRACKER - Hollowbrook Homes (made up)"])
        self.sheet.append(["Red = open, amber = works booked, green = done. Please do not sort!!"])
        self.sheet.append(HEAD)
        self.records = self.cases = 0

    def add(
        self, stock: Stock, units: Units, ten: Tenancies, rng: np.random.Generator, luck: np.random.Generator
    ) -> None:
        """Cases of a chunk: about two homes in a hundred, more where need is greater. `luck` chooses the faults."""
        live = np.flatnonzero(ten.live & np.isin(ten.kind, ("secure", "introductory")))
        need = stock.need[units.post[ten.unit[live]]]
        hit = live[rng.random(len(live)) < np.clip(0.014 * np.exp(0.5 * need), 0, 0.2)]
        spoilt = luck.permutation(len(hit))
        share = max(1, int(0.03 * len(hit))) if self.truth.wanted else 0
        for at, place in zip(hit, spoilt, strict=True):
            number = int(units.number[ten.unit[at]])
            fault = FAULTS[place % len(FAULTS)] if place < len(FAULTS) * share else ""
            self._case(number, max(ten.start[at], np.datetime64("2025-10-27")), rng, fault)

    def _case(self, number: int, since: np.datetime64, rng: np.random.Generator, fault: str) -> None:
        self.cases += 1
        case = f"DM{self.cases:05d}"
        reported = since + int(rng.random() * max(1, (AS_AT - since).astype(int)))
        bad = ("Emergency", "Significant", "Significant", "Other")[int(rng.integers(4))]
        # Nine emergencies in ten are seen and made safe on the day; the law gives 24 hours.
        seen = reported + (int(rng.random() < 0.1) if bad == "Emergency" else int(rng.integers(0, 10)))
        sent = seen + int(rng.integers(0, 4))
        safe = seen + (int(rng.random() < 0.05) if bad == "Emergency" else int(rng.integers(0, 6)))
        asked = int(rng.integers(8 * 60, 15 * 60))
        came = asked + int(rng.integers(30, 4 * 60)) if seen == reported else int(rng.integers(9 * 60, 18 * 60))
        clocks = {0: asked, 1: came, 3: came + int(rng.integers(20, 5 * 60))}
        start, finish = sent + int(rng.integers(0, 9)), sent + int(rng.integers(9, 50))
        days = [day if day <= AS_AT else None for day in (reported, seen, sent, safe, start, finish)]
        colour = DONE if days[5] is not None else WAITING if days[4] is not None else OPEN
        texts = [day_first(np.array([day], dtype="datetime64[D]"))[0] if day is not None else "" for day in days]
        for place, minute in clocks.items():
            if texts[place]:
                texts[place] += f" {minute // 60:02d}:{minute % 60:02d}"
        hazard = _HAZARDS[int(rng.integers(len(_HAZARDS)))]
        rooms = rng.choice(len(_ROOMS), 1 + int(rng.binomial(2, 0.3)), replace=False)
        moved = "Yes" if rng.random() < 0.04 else "No"
        notes = [_NOTES[int(rng.integers(len(_NOTES)))] for _ in rooms]

        prop = str(number)
        row = self.records + 1
        if fault == "hazard":
            hazard = "??"
            self._keep(row, case, "hazard_type", "hazard nobody knows", "hazard_case.hazard_type.code")
        elif fault == "words":
            texts[2] = "last week"
            self._keep(row, case, "summary_sent_date", "words for a day", "hazard_case.summary_sent_date.type")
        elif fault == "safe":
            texts[3] = "01/10/2024"
            self._keep(row, case, "made_safe_at", "safe before it was reported", "hazard-made-safe-before-reported")
        elif fault == "works":
            texts[4], texts[5] = "30/03/2026", "29/03/2026"
            rule = "hazard-works-completed-before-they-started"
            self._keep(row, case, "works_completed_date", "done before it was begun", rule)
        elif fault == "time":
            texts[0] = texts[0][:10]
            self._keep(row, case, "reported_at", "time not known", "hazard-report-time-is-unknown")
        elif fault == "home":
            prop = f"9{number}"
            self._keep(row, case, "home_ref", "home that is not there", "hazard_case.home_ref.parent")
        self._rows(
            [case, prop, "", hazard, bad, texts[0], *texts[1:], moved], [_ROOMS[r] for r in rooms], notes, colour
        )

    def _keep(self, row: int, case: str, field: str, fault: str, rule: str) -> None:
        self.truth.keep(self.path.name, row, case, field, fault, rule)

    def _rows(self, cells: list[str], rooms: list[str], notes: list[str], colour: str) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import PatternFill
        from openpyxl.worksheet.cell_range import CellRange

        fill = PatternFill("solid", start_color=colour, end_color=colour)
        first = self.records + 4  # three rows stand above the records
        for place, (room, note) in enumerate(zip(rooms, notes, strict=True)):
            values = [*cells, note] if place == 0 else [""] * (len(HEAD) - 1) + [note]
            values[2] = room
            row = [WriteOnlyCell(self.sheet, value=value or None) for value in values]
            row[0].fill = fill
            self.sheet.append(row)
            self.records += 1
        if len(rooms) > 1:
            for column in [1, 2, *range(4, WIDE + 1)]:
                self.sheet.merged_cells.ranges.add(
                    CellRange(min_col=column, max_col=column, min_row=first, max_row=self.records + 3)
                )

    def save(self) -> None:
        """Write the workbook, with the same bytes every time."""
        rough = self.path.with_suffix(".rough")
        self.book.save(rough)
        with zipfile.ZipFile(rough) as old, zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in sorted(old.namelist()):
                data = old.read(name)
                if name == "docProps/core.xml":
                    data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-03-31T09:00:00Z", data)
                new.writestr(zipfile.ZipInfo(name, (2026, 3, 31, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
        rough.unlink()
