"""``placemaker explain``: what a rule, a field, a table or a code list means, in plain words."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import CLEAN
from placemaker.cli.screen import print_json

#: Characters a line: what fits a terminal, and is not too long for the eye in a wider one.
WIDTH = 100


@click.command("explain", short_help="Say what a rule, a table, a field or a code list means.")
@click.argument("name")
@click.option("--pack", metavar="PACK", help="Look in this pack before the standard's own tables: core-2026.")
@options.as_json
def explain_command(name: str, pack: str | None, as_json: bool) -> int:
    """Say what NAME means: a rule as a finding names it, TABLE, TABLE.FIELD or codelist/NAME.

    A rule comes with what happens to the row, where the duty is written, a row that passes, a row that fails, and what
    to do.

    \b
    Examples:
      placemaker explain tenancy-ends-after-it-starts
      placemaker explain tenancy.start_date.type
      placemaker explain tenancy
      placemaker explain codelist/tenancy_type
    """
    from placemaker.standard.explain import explain

    found = explain(name, pack)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(as_text(found))
    return CLEAN


def as_text(found: Any) -> str:
    """An explanation as text of at most :data:`WIDTH` characters a line, where its cells allow."""
    lines = [f"{found.name} ({found.kind})", "", *_wrapped(found.title), ""]
    wide = max((len(label) for label, _ in found.facts), default=0)
    for label, words in found.facts:
        first, *rest = _wrapped(words, WIDTH - wide - 2) or [""]
        lines.append(f"{label.ljust(wide)}  {first}")
        lines += [" " * (wide + 2) + line for line in rest]
    if found.condition:
        lines += ["", "The condition, as SQL:", *("  " + line for line in _wrapped(found.condition, WIDTH - 2))]
    for grid in found.grids:
        lines += ["", f"{grid.caption}:", *("  " + line for line in _table(grid))]
    if found.to_do:
        lines += ["", *_wrapped(f"What to do: {found.to_do}")]
    return "\n".join(line.rstrip() for line in lines)


def _table(grid: Any) -> list[str]:
    """The grid as lines: columns side by side, the last wrapped; one under the other where they are too wide."""
    cells = [list(row) for row in grid.rows]
    wide = [max(len(head), *(len(row[at]) for row in cells), 0) for at, head in enumerate(grid.head)]
    left = WIDTH - 2 - sum(wide[:-1]) - 2 * (len(wide) - 1)
    if left < min(24, wide[-1]):
        name = max(map(len, grid.head))
        blocks = [[f"{head.ljust(name)}  {cell}" for head, cell in zip(grid.head, row, strict=True)] for row in cells]
        return [line for block in blocks for line in (*block, "")][:-1]
    lines = []
    for row in (grid.head, ["-" * min(width, max(left, 3)) for width in wide], *cells):
        first, *rest = textwrap.wrap(row[-1], max(left, 3)) or [""]
        lines.append("  ".join([*(cell.ljust(width) for cell, width in zip(row, wide[:-1], strict=False)), first]))
        lines += [" " * (WIDTH - 2 - left) + line for line in rest]
    return lines


def _wrapped(words: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False)
