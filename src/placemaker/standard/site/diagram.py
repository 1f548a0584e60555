"""The entity diagram: every table in the column of its theme, with a line from each to those it refers to."""

from __future__ import annotations

from html import escape

from placemaker.standard.schema import Table, tables

_WIDE, _HIGH, _GAP, _ACROSS, _TOP = 190, 30, 12, 250, 48
_COLUMNS = 4


def diagram() -> str:
    """The diagram as SVG, to stand in the index page; a box is a link to its table."""
    themes: dict[str, list[Table]] = {}
    for table in tables().values():
        themes.setdefault(table.theme, []).append(table)
    # Columns are filled theme by theme, the next theme always into the shortest.
    heights = [0] * _COLUMNS
    places: dict[str, tuple[int, int]] = {}
    heads: list[tuple[str, int, int]] = []
    for theme, some in sorted(themes.items(), key=lambda pair: -len(pair[1])):
        column = heights.index(min(heights))
        x, y = 8 + column * _ACROSS, heights[column]
        heads.append((theme, x, y + 28))
        for number, table in enumerate(some):
            places[table.name] = (x, y + _TOP + number * (_HIGH + _GAP))
        heights[column] += _TOP + len(some) * (_HIGH + _GAP) + 14
    lines = [
        _line(places[table.name], places[parent], table.name, parent)
        for table in tables().values()
        for parent in dict.fromkeys(link.parent for link in table.foreign_keys)
        if parent != table.name
    ]
    boxes = [_box(table, *places[table.name]) for table in tables().values()]
    titles = [f'<text class="theme" x="{x}" y="{y}">{escape(theme)}</text>' for theme, x, y in heads]
    # Lines within the last column go round on its right, and are not to be cut off there.
    width, height = 8 + (_COLUMNS - 1) * _ACROSS + _WIDE + 8 + _bend(0, max(heights)), max(heights)
    return (
        f'<svg class="diagram" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-labelledby="diagram-title"><title id="diagram-title">The tables by theme, and which refers to which; '
        "the same stands in the table above.</title>" + "".join(lines) + "".join(titles) + "".join(boxes) + "</svg>"
    )


def _box(table: Table, x: int, y: int) -> str:
    return (
        f'<a href="tables/{table.name}.html" class="entity" data-name="{table.name}"><rect x="{x}" y="{y}" '
        f'width="{_WIDE}" height="{_HIGH}" rx="3"/><text x="{x + 10}" y="{y + 20}">{escape(table.title)}</text></a>'
    )


def _line(child: tuple[int, int], parent: tuple[int, int], name: str, other: str) -> str:
    (x1, y1), (x2, y2) = child, parent
    y1, y2 = y1 + _HIGH // 2, y2 + _HIGH // 2
    if x1 == x2:  # within a column the line goes round on the right
        x1 = x2 = x1 + _WIDE
        bend = _bend(y1, y2)
        way = f"M{x1} {y1}C{x1 + bend} {y1} {x2 + bend} {y2} {x2} {y2}"
    else:
        x1, x2 = (x1 + _WIDE, x2) if x1 < x2 else (x1, x2 + _WIDE)
        bend = (x2 - x1) // 2
        way = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path class="link" d="{way}" data-from="{name}" data-to="{other}"/>'


def _bend(one: int, other: int) -> int:
    """How far a line within a column goes round."""
    return 14 + abs(one - other) // 8
