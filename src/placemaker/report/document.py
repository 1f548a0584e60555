"""What a report is made of: blocks of words, figures, tables, charts and maps, with nothing said of how they look.

A room above makes a :class:`Document` and hands it to :func:`placemaker.report.render`, which writes the three forms.
Every number in it is a :class:`~placemaker.figure.Figure`, so that every form can say how it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from placemaker.figure import Figure


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that matter more than those beside them."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another page when chosen; nothing is loaded from it."""

    text: str
    url: str


Piece = str | Figure | Strong | Link
Cell = str | Figure


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the title of the document is level 1, so these run from 2 to 4 and never skip a level."""

    text: str
    level: int = 2

    def __post_init__(self) -> None:
        if self.level not in (2, 3, 4):
            raise ValueError(f"A heading is of level 2, 3 or 4, not {self.level}: {self.text}")


@dataclass(frozen=True, slots=True, init=False)
class Paragraph:
    """Running words with figures among them: ``Paragraph("There are ", homes, " homes.")``."""

    pieces: tuple[Piece, ...]

    def __init__(self, *pieces: Piece) -> None:
        object.__setattr__(self, "pieces", pieces)


@dataclass(frozen=True, slots=True, init=False)
class Bullets:
    """A list; each item is a text, a Figure or a tuple of pieces."""

    items: tuple[tuple[Piece, ...], ...]

    def __init__(self, *items: Piece | tuple[Piece, ...]) -> None:
        object.__setattr__(self, "items", tuple(i if isinstance(i, tuple) else (i,) for i in items))


@dataclass(frozen=True, slots=True)
class Tiles:
    """The few figures that a reader must not miss, each with its label."""

    tiles: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts and figures under one head; the first column names the row.

    A row that is only a text heads the rows after it. ``align`` has a letter a column, ``l`` or ``r``; without it the
    first column is left and the others are right where they hold figures. One explanation is written for each row of
    figures. Raises ValueError where a row has more or fewer cells than the head.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...] | str, ...]
    align: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for row in self.cells():
            if len(row) != len(self.head):
                raise ValueError(f"A row of the table {self.caption!r} has {len(row)} cells under {len(self.head)}.")
        if self.align and len(self.align) != len(self.head):
            raise ValueError(f"The table {self.caption!r} needs one letter of align for each of its columns.")

    def cells(self) -> list[tuple[Cell, ...]]:
        """The rows that hold cells, without the headings between them."""
        return [row for row in self.rows if not isinstance(row, str)]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite chart (a dict, or an Altair chart) with words that say the same, and the table it was drawn from.

    The forms set the chart's ``width``, so it should hold at 300 pixels as at 680.
    """

    caption: str
    alt: str
    spec: Any
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class MapClass:
    """One step of a map's colours: values from ``low`` to ``high``, both included."""

    label: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Map:
    """Areas coloured by class, from GeoJSON in metres (EPSG:27700), with the outline of a neighbourhood.

    Each feature's properties hold the ``value`` property named here, and may hold ``number`` (the label on the map,
    matching a table), ``name`` and ``inside`` (False for an area shown for context only, without colour). The GeoJSON's
    ``bbox`` is the frame of the map. Without ``outline``, the outline is that of all features inside. ``count`` names a
    property that counts something in each area, and what it counts: ``("homes", "Homes")``. A map of many areas (see
    :data:`placemaker.report.maps.MOST`) has no numbers, and a table by class in place of its own.
    """

    caption: str
    alt: str
    geojson: dict[str, Any]
    value: str
    classes: tuple[MapClass, ...]
    legend: str
    outline: dict[str, Any] | None = None
    table: Table | None = None
    count: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, init=False)
class Note:
    """Words set apart: ``plain`` beside the text, ``warning`` where a reader could go wrong."""

    kind: Literal["plain", "warning"]
    pieces: tuple[Piece, ...]

    def __init__(self, kind: Literal["plain", "warning"], *pieces: Piece) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "pieces", pieces)


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page in the forms that have pages."""


Block = Heading | Paragraph | Bullets | Tiles | Table | Chart | Map | Note | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """One report, before it has a form. ``banner`` stands on every page of every form."""

    title: str
    subtitle: str = ""
    banner: str = ""
    language: str = "en-GB"
    blocks: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        level = 1
        for block in self.blocks:
            if isinstance(block, Heading):
                if block.level > level + 1:
                    raise ValueError(f"The heading {block.text!r} skips from level {level} to {block.level}.")
                level = block.level
