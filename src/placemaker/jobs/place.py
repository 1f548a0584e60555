"""Placing a landlord's homes in areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from placemaker.insight import own
from placemaker.insight.stock import IN_MANAGEMENT
from placemaker.lake import Refusal, Workspace, extend
from placemaker.places import Pack, installed_packs
from placemaker.places.home import quiet
from placemaker.places.placing import Coverage, coverage, place

#: The landlord's homes in management, one row each: what is placed and what a profile counts.
HOMES = "homes_in_management"


@dataclass(frozen=True)
class Placing:
    """How the homes of a lake were placed, and the homes that were not: ``head`` names the columns of ``unplaced``."""

    layer: str
    coverage: Coverage
    head: tuple[str, ...]
    unplaced: list[tuple[Any, ...]]


def choose_pack(name: str | None = None, workspace: Workspace | None = None) -> Pack:
    """The place pack named, else the workspace's, else the only one installed.

    Raises Refusal where none is installed or several could be meant, and says how to get one.
    """
    name = name or (workspace.settings.get("pack") if workspace else None)
    if name:
        return Pack.open(name)
    packs = list(installed_packs())
    if len(packs) == 1:
        return packs[0]
    if packs:
        names = ", ".join(pack.name for pack in packs)
        raise Refusal("Several place packs are installed", names, "Name one with --pack.")
    raise Refusal(
        "No place pack is installed",
        next="Build one from a folder of official files (placemaker pack build FOLDER --recipe england --out PACK), "
        "or take one that somebody built, and install it: placemaker pack install PACK.",
    )


def place_homes(
    workspace: Path,
    *,
    pack: str | None = None,
    layer: str | None = None,
    as_of: int | None = None,
    progress: Callable[..., None] | None = None,
) -> Placing:
    """Place every home of the lake in an area of ``layer`` (default: the finest of the pack)."""
    opened = Workspace.open(workspace)
    chosen = choose_pack(pack, opened)
    with opened.read(as_of) as con:
        show_homes(con, opened)
        placed = place(con, chosen, HOMES, layer, progress=progress or quiet)
        rows = con.execute(
            f"select home_ref, postcode, reason from {placed} where area is null order by reason, home_ref"
        )
        head = tuple(column[0] for column in rows.description)
        return Placing(chosen.layer(layer), coverage(con, placed), head, rows.fetchall())


def show_homes(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Make the view :data:`HOMES` in a reading connection. Raises Refusal where no homes were loaded."""
    extend(con, "spatial")
    if not own.prepare(con):
        raise Refusal("No homes are loaded yet", str(workspace.folder), "Load the homes first: placemaker load --help.")
    con.execute(f"create or replace temp view {HOMES} as from {own.ONE_HOME} where {IN_MANAGEMENT}")
