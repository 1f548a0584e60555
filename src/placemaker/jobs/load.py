"""Checking and loading an export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from placemaker.lake import Refusal, Workspace
from placemaker.standard import check, check_together, load


def check_export(
    file: Path,
    *,
    table: str | None = None,
    mapping: Path | None = None,
    pack: str | None = None,
    given: Mapping[str, str] | None = None,
    workspace: Path | None = None,
    today: date | None = None,
    progress: Callable[..., None] | None = None,
) -> Any:
    """The rules that an export breaks, as a :class:`placemaker.standard.Check`; nothing is kept.

    The file is in the standard's own columns for ``table``, or a ``mapping`` says how it becomes them, or it is a file
    of the form of a ``pack``, which is told what is ``given``. With a workspace parents are looked for in its lake too.
    A folder of files, each named as its table is, is checked together, as a :class:`placemaker.standard.Together`.
    Raises Refusal where the file cannot be read.
    """
    if file.is_dir():
        if table or mapping or pack:
            raise Refusal(
                "A folder is checked as the tables that its files are named after",
                str(file),
                "Leave out --as, --mapping and --pack, or give one file.",
            )
        opened = Workspace.open(workspace) if workspace else None
        return check_together(file, today=today, workspace=opened, progress=progress)
    if given and not pack:
        raise Refusal("--given tells a pack something, and no pack is named", next="Add --pack NAME.")
    told = _told(table, mapping) if table or mapping or not pack else None
    opened = Workspace.open(workspace) if workspace else None
    return check(file, told, pack=pack, given=given, today=today, workspace=opened, progress=progress)


def load_export(
    workspace: Path,
    file: Path,
    *,
    who: str,
    table: str | None = None,
    mapping: Path | None = None,
    source: str | None = None,
    kind: str = "full",
    period: str | None = None,
    today: date | None = None,
    confirm: Callable[[Any], bool] | None = None,
    progress: Callable[..., None] | None = None,
) -> Any:
    """Load an export into the lake as one transaction, as a :class:`placemaker.standard.LoadResult`.

    ``kind`` is full (the file is all there is of this source), period (all there is within ``period``) or add.
    ``confirm`` is asked before a load that would take more rows away than the workspace's set share; without it such a
    load is refused. Raises Refusal, and leaves the lake as it was, where the load cannot be done.
    """
    return load(
        Workspace.open(workspace),
        file,
        _told(table, mapping),
        source=source,
        kind=kind,
        period=period,
        who=who,
        today=today,
        confirm=confirm,
        progress=progress,
    )


def _told(table: str | None, mapping: Path | None) -> str | Path:
    """The table's name or the mapping's path: exactly one of them."""
    if table and mapping:
        raise Refusal("Both --as and --mapping were given", next="Give one of them: a mapping names its own tables.")
    if mapping:
        return mapping
    if table:
        return table
    raise Refusal(
        "It is not said what the file holds",
        next="Give --as TABLE for a file in the standard's own columns, or --mapping FILE (see placemaker map --help).",
    )
