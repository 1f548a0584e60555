"""What a reader finds behind a figure: one note for a figure, or one for a whole row of a table.

A row of figures shares most of its explanation (how, period, sources), so it is said once and only what differs is said
line by line. Sources are numbered once for the document. The three forms write the same notes in their own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from placemaker.figure import Figure, Source
from placemaker.report.document import Block, Chart, Document, Map, Table

#: Units that a figure's own text already carries.
_WRITTEN = {"%"}
_FRACTIONS = ("share", "rate", "mean")


def with_unit(figure: Figure) -> str:
    """The figure as it reads outside a table: ``1,204 homes``, ``34.0%``, ``withheld``."""
    if figure.value is None or figure.unit in _WRITTEN or figure.unit.startswith("£"):
        return figure.text()
    unit = figure.unit
    if figure.value == 1 and unit in _ONE:
        unit = _ONE[unit]
    return f"{figure.text()} {unit}".strip()


_ONE = {"homes": "home", "people": "person", "households": "household", "days": "day", "areas": "area", "cases": "case"}


@dataclass
class Explanation:
    """The note behind one figure or one row: its lines are (where the figure stands, the figure)."""

    title: str
    lines: tuple[tuple[str, Figure], ...]
    number: int = 0
    plain: dict[str, Any] = field(default_factory=dict)

    def holds(self, figures: Iterable[Figure]) -> bool:
        """Whether this note explains all these figures."""
        return {figure for _, figure in self.lines}.issuperset(figures)


class Notes:
    """Every explanation and source of a document, numbered in the order that a reader meets them."""

    def __init__(self, document: Document) -> None:
        self._of_figure: dict[Figure, Explanation] = {}
        self._numbered: list[Explanation] = []
        self._sources: dict[Source, int] = {}
        rows = [(table, row) for table in _tables(document.blocks) for row in table.cells()]
        # The widest row comes first, so that a chart's short table shares the note of the full one.
        for table, row in sorted(rows, key=lambda pair: -_count(pair[1])):
            self._add_row(table, row)

    def _add_row(self, table: Table, row: tuple[str | Figure, ...]) -> None:
        lines = tuple((head, cell) for head, cell in zip(table.head, row, strict=True) if isinstance(cell, Figure))
        if not lines:
            return
        known = self._of_figure.get(lines[0][1])
        if known and known.holds(figure for _, figure in lines):
            return
        title = row[0] if isinstance(row[0], str) and row[0] else lines[0][1].label
        explanation = Explanation(title, lines)
        for _, figure in lines:
            self._of_figure.setdefault(figure, explanation)

    def number_of(self, figure: Figure) -> int:
        """The number of the note that explains a figure, given at its first use."""
        explanation = self._of_figure.get(figure)
        if explanation is None:
            explanation = self._of_figure[figure] = Explanation(figure.label, (("", figure),))
        if not explanation.number:
            self._numbered.append(explanation)
            explanation.number = len(self._numbered)
            explanation.plain = self._write(explanation)
        return explanation.number

    def notes(self) -> list[dict[str, Any]]:
        """The notes used so far, in order, as plain objects."""
        return [explanation.plain for explanation in self._numbered]

    def sources(self) -> list[dict[str, Any]]:
        """The sources used so far, in order, as plain objects."""
        return [
            {"number": number, "title": s.title, "publisher": s.publisher, "version": _edition(s), "licence": s.licence,
             "url": s.url, "cite": s.cite()}
            for s, number in self._sources.items()
        ]  # fmt: skip

    def _cite(self, sources: Iterable[Source]) -> list[int]:
        return sorted({self._sources.setdefault(source, len(self._sources) + 1) for source in sources})

    def _write(self, explanation: Explanation) -> dict[str, Any]:
        figures = [figure for _, figure in explanation.lines]
        period = _most(figure.period for figure in figures)
        unit = _most(figure.unit for figure in figures)
        reason = _most(figure.reason for figure in figures) if len(figures) > 1 else ""
        sources = self._cite(source for figure in figures for source in figure.sources)
        made = _made(explanation.lines)
        lines = []
        for label, figure in explanation.lines:
            own = self._cite(figure.sources)
            lines.append(
                {
                    "label": label,
                    "text": figure.text() if figure.unit == unit else with_unit(figure),
                    "status": figure.status,
                    "interval": figure.interval_text(),
                    "parts": [part.text() for part in figure.parts],
                    "in_columns": bool(made) and _labels(figure) == made[0]["parts"],
                    "made_of": _joined(figure),
                    "reason": figure.reason if figure.reason != reason or not figure.known else "",
                    "period": figure.period if figure.period != period else "",
                    "sources": own if own != sources else [],
                }
            )
        return {
            "number": explanation.number,
            "title": explanation.title,
            "unit": "" if unit in _WRITTEN else unit,
            "period": period,
            "made": [{"where": one["where"], "labels": one["labels"], "words": one["words"]} for one in made],
            "how": _hows(explanation.lines),
            "reason": reason if any(f.known and f.reason == reason for f in figures) else "",
            "lines": lines,
            "sources": sources,
        }


def _made(lines: tuple[tuple[str, Figure], ...]) -> list[dict[str, Any]]:
    """The kinds of parts among these figures, the commonest first and named for all, the others with their lines."""
    kinds: dict[tuple[tuple[str, str], ...], list[tuple[str, Figure]]] = {}
    for label, figure in lines:
        if figure.parts:
            kinds.setdefault(_labels(figure), []).append((label, figure))
    made = []
    for parts, having in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        names = [_named(label, unit) for label, unit in parts]
        fraction = all(figure.formula in _FRACTIONS for _, figure in having)
        where = ", ".join(label for label, _ in having) if made else ""
        words = ", divided by: ".join(names) if fraction and len(names) == 2 else "; ".join(names)
        made.append({"parts": parts, "labels": names, "where": where, "words": words})
    return made


def _hows(lines: tuple[tuple[str, Figure], ...]) -> list[dict[str, str]]:
    """How the figures were computed: the commonest way for all, then what differs for some, without saying it twice."""
    ways: dict[str, list[str]] = {}
    for label, figure in lines:
        if figure.how:
            ways.setdefault(figure.how, []).append(label)
    said: list[dict[str, str]] = []
    for how, labels in sorted(ways.items(), key=lambda way: -len(way[1])):
        known = {sentence for one in said for sentence in _sentences(one["text"])}
        new = " ".join(sentence for sentence in _sentences(how) if sentence not in known)
        if new:
            said.append({"where": ", ".join(labels) if said else "", "text": new})
    return said


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.;])\s+", text)


def _joined(figure: Figure) -> str:
    """The parts as one text: ``412 of 1,003`` of a share, ``5,213 ÷ 149`` of a mean or a rate."""
    between = " of " if figure.formula == "share" else " ÷ " if figure.formula in _FRACTIONS else "; "
    return between.join(part.text() for part in figure.parts)


def _labels(figure: Figure) -> tuple[tuple[str, str], ...]:
    """What each part of a figure counts, and in what unit."""
    return tuple((part.label, part.unit) for part in figure.parts)


def _named(label: str, unit: str) -> str:
    """The name of a part with its unit, unless the name or the figure's own text says it."""
    said = unit in _WRITTEN or unit.startswith("£") or unit.lower() in label.lower()
    return label if said or not unit else f"{label} ({unit})"


def _most(words: Iterable[str]) -> str:
    """The commonest text; the first of those that are equally common."""
    counts: dict[str, int] = {}
    for word in words:
        if word:
            counts[word] = counts.get(word, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else ""


def _edition(source: Source) -> str:
    return f"snapshot {source.snapshot}" if source.snapshot is not None else source.version


def _count(row: tuple[str | Figure, ...]) -> int:
    return sum(isinstance(cell, Figure) for cell in row)


def _tables(blocks: Iterable[Block]) -> Iterable[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, (Chart, Map)) and block.table:
            yield block.table
