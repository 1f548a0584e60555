"""Time limits of the law over a workspace or a file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from placemaker.lake import Refusal, Workspace
from placemaker.standard.clocks import Clocks, clocks
from placemaker.standard.reading import Progress


def look_at_clocks(
    pack: str | Path,
    *,
    file: Path | None = None,
    table: str | None = None,
    mapping: Path | None = None,
    workspace: Path | None = None,
    now: datetime | date | None = None,
    as_of: int | None = None,
    progress: Progress | None = None,
) -> Clocks:
    """The clocks of ``pack`` over the cases in ``file``, or else in the workspace as it was after load ``as_of``.

    To be closed by whoever asked. Raises Refusal where neither is named or there is nothing to judge.
    """
    if file is not None:
        if as_of is not None:
            raise Refusal("A file has no loads", str(file), "Give --as-of a day, or look at a workspace.")
        return clocks(file, pack, table=table, mapping=mapping, now=now, progress=progress)
    if workspace is None:
        raise Refusal("There are no cases to look at", next="Name a file, or the workspace with --workspace.")
    return clocks(Workspace.open(workspace), pack, now=now, as_of=as_of, progress=progress)
