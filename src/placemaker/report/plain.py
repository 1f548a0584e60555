"""A document as one plain object, which each form writes in its own way.

Here every figure becomes its text and the number of its note, every chart and map becomes SVG, and every heading gets
an anchor; what is left for a form is how it looks.
"""

from __future__ import annotations

import re
from typing import Any

from placemaker.figure import Figure
from placemaker.report.document import (
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    Link,
    Map,
    Note,
    PageBreak,
    Paragraph,
    Piece,
    Strong,
    Table,
    Tiles,
)
from placemaker.report.explain import Notes, with_unit

#: The widths in pixels at which pictures are drawn: for a telephone, and for a page.
NARROW, WIDE = 320, 680


def plain(document: Document, narrow: bool = True) -> dict[str, Any]:
    """The document with its notes and sources as dicts, lists and texts only.

    Without ``narrow``, pictures are drawn for a page only.
    """
    notes = Notes(document)
    writer = _Writer(notes, narrow)
    blocks = [writer.block(block) for block in document.blocks]
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "banner": document.banner,
        "language": document.language,
        "blocks": blocks,
        "notes": notes.notes(),
        "sources": notes.sources(),
    }


class _Writer:
    def __init__(self, notes: Notes, narrow: bool) -> None:
        self.notes = notes
        self.narrow = narrow
        self.anchors: set[str] = set()

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Heading():
                return {"kind": "heading", "level": block.level, "text": block.text, "id": self._anchor(block.text)}
            case Paragraph():
                return {"kind": "paragraph", "pieces": self._pieces(block.pieces)}
            case Bullets():
                return {"kind": "bullets", "items": [self._pieces(item) for item in block.items]}
            case Tiles():
                return {"kind": "tiles", "tiles": [self._tile(label, figure) for label, figure in block.tiles]}
            case Table():
                return {"kind": "table", **self._table(block)}
            case Chart():
                return self._chart(block)
            case Map():
                return self._map(block)
            case Note():
                return {"kind": "note", "tone": block.kind, "pieces": self._pieces(block.pieces)}
            case PageBreak():
                return {"kind": "pagebreak"}
        raise TypeError(f"A document has no block of the kind {type(block).__name__}.")

    def _anchor(self, text: str) -> str:
        base = anchor = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"
        number = 2
        while anchor in self.anchors:
            anchor, number = f"{base}-{number}", number + 1
        self.anchors.add(anchor)
        return anchor

    def _pieces(self, pieces: tuple[Piece, ...]) -> list[dict[str, Any]]:
        return [self._piece(piece) for piece in pieces]

    def _piece(self, piece: Piece) -> dict[str, Any]:
        match piece:
            case Figure():
                return {"kind": "figure", **self._figure(piece)}
            case Strong():
                return {"kind": "strong", "text": piece.text}
            case Link():
                return {"kind": "link", "text": piece.text, "url": piece.url}
        return {"kind": "text", "text": str(piece)}

    def _figure(self, figure: Figure) -> dict[str, Any]:
        return {"text": figure.text(), "note": self.notes.number_of(figure), "status": figure.status}

    def _tile(self, label: str, figure: Figure) -> dict[str, Any]:
        unit = with_unit(figure)[len(figure.text()) :].strip()
        interval = figure.interval_text()
        return {"label": label, **self._figure(figure), "unit": unit, "interval": interval, "reason": figure.reason}

    def _table(self, table: Table) -> dict[str, Any]:
        rows = []
        for row in table.rows:
            if isinstance(row, str):
                rows.append({"group": row, "cells": [], "notes": []})
                continue
            cells = [self._figure(cell) if isinstance(cell, Figure) else {"text": str(cell)} for cell in row]
            numbers = list(dict.fromkeys(cell["note"] for cell in cells if "note" in cell))
            rows.append({"cells": cells, "notes": numbers})
        return {
            "caption": table.caption,
            "head": list(table.head),
            "align": table.align or _align(table),
            "widths": _widths(table),
            "rows": rows,
            "note": table.note,
            "noted": any(row["notes"] for row in rows),
        }

    def _chart(self, block: Chart) -> dict[str, Any]:
        from placemaker.report.charts import chart_svg

        return {
            "kind": "chart",
            "caption": block.caption,
            "alt": block.alt,
            "wide": chart_svg(block.spec, WIDE),
            "narrow": chart_svg(block.spec, NARROW) if self.narrow else "",
            "table": self._table(block.table) if block.table else None,
        }

    def _map(self, block: Map) -> dict[str, Any]:
        from placemaker.report.maps import map_svg, map_table

        table = map_table(block)
        return {
            "kind": "map",
            "caption": block.caption,
            "alt": block.alt,
            "wide": map_svg(block, WIDE),
            "narrow": map_svg(block, NARROW) if self.narrow else "",
            "table": self._table(table) if table else None,
        }


def _align(table: Table) -> str:
    """Right where a column holds figures, left elsewhere; the first column is always left."""
    letters = []
    for column in range(len(table.head)):
        figures = column > 0 and any(isinstance(row[column], Figure) for row in table.cells())
        letters.append("r" if figures else "l")
    return "".join(letters)


def _widths(table: Table) -> list[float]:
    """The share of the width that each column needs on a page, from its longest words and usual texts; sums to 1."""
    needs = []
    for column, head in enumerate(table.head):
        texts = [cell.text() if isinstance(cell, Figure) else str(cell) for cell in (r[column] for r in table.cells())]
        longest_word = max((len(word) for text in (head, *texts) for word in text.split()), default=0)
        usual = sorted(len(text) for text in texts)[len(texts) * 9 // 10] if texts else 0
        needs.append(max(longest_word, min(usual, 34), 6) + 2)
    return [need / sum(needs) for need in needs]
