"""Placing a landlord's homes in areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placemaker.lake import Refusal, Workspace
from placemaker.places import Pack, installed_packs, place


@dataclass(frozen=True)
class Placing:
    """How the homes of a lake were placed: how many, by which way, and why some were not."""

    layer: str
    homes: int
    placed: int
    by_way: list[tuple[str, int]]  # (postcode, point or snapped, homes)
    reasons: list[tuple[str, int]]  # (why not, homes), the commonest first
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
    if progress:
        progress(f"Placing homes with {chosen.title}")
    with opened.read(as_of) as con:
        placed = place(con, chosen, "home", layer)
        way = con.execute(f"select how, count(*) from {placed} where area is not null group by how order by 2 desc")
        by_way = way.fetchall()
        reasons = con.execute(
            f"select reason, count(*) from {placed} where area is null group by reason order by 2 desc, 1"
        ).fetchall()
        rows = con.execute(
            f"select home_ref, postcode, reason from {placed} where area is null order by reason, home_ref"
        )
        head = tuple(column[0] for column in rows.description)
        unplaced = rows.fetchall()
    done = sum(homes for _, homes in by_way)
    return Placing(layer or chosen.finest, done + len(unplaced), done, by_way, reasons, head, unplaced)
