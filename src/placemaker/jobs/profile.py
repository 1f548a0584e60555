"""Profiles of neighbourhoods, written as web page, PDF and Word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from placemaker.figure import SMALLEST_COUNT
from placemaker.insight import own, profile, profile_document
from placemaker.jobs.place import HOMES, choose_pack, show_homes
from placemaker.lake import Refusal, Workspace, connect
from placemaker.places import (
    Pack,
    neighbourhoods_from_codes,
    neighbourhoods_from_column,
    neighbourhoods_from_named_postcodes,
    neighbourhoods_from_polygon,
    neighbourhoods_from_postcodes,
    neighbourhoods_from_radius,
    place,
)
from placemaker.places.home import Progress, named, quiet
from placemaker.places.neighbourhood import Neighbourhoods, make_ids
from placemaker.report import render

FORMS = ("html", "pdf", "docx")

#: The columns of the homes that could not be placed: the row counts from the first under the headings.
UNPLACED = ("row", "name", "postcode", "reason")


@dataclass(frozen=True)
class Asked:
    """Which places a profile is wanted of. Each field is one way of saying it; at least one is given.

    ``column`` is a column of the homes in the lake (``only`` keeps these names of it), ``postcodes`` a file with one
    postcode a home, ``named_postcodes`` a file of postcode and name, ``codes`` area codes, ``polygon`` a GeoJSON file
    and ``circle`` easting, northing and radius in metres.
    """

    column: str | None = None
    only: tuple[str, ...] = ()
    postcodes: Path | None = None
    named_postcodes: Path | None = None
    codes: tuple[str, ...] = ()
    polygon: Path | None = None
    circle: tuple[float, float, float] | None = None
    name: str | None = None


@dataclass(frozen=True)
class Written:
    """A profile and the files it was written to, by form."""

    profile: Any
    files: dict[str, Path]


@dataclass(frozen=True)
class Profiles:
    """The profiles that were written, and what is in none of them: pairs of a name (or nothing) and the reason.

    ``unplaced`` are the postcodes of a file that are in no area, under :data:`UNPLACED`.
    """

    written: list[Written]
    left_out: list[tuple[str, str]]
    unplaced: list[tuple[Any, ...]]


def profile_places(
    asked: Asked,
    out: Path,
    *,
    workspace: Path | None = None,
    pack: str | None = None,
    layer: str | None = None,
    as_of: int | None = None,
    forms: Sequence[str] = FORMS,
    progress: Callable[..., None] | None = None,
) -> Profiles:
    """Profile the places asked for and write each in every form to ``out``.

    Without a workspace there are no own-data indicators and nothing personal is read. Raises Refusal where no pack is
    installed, a place is unknown, or a column needs a workspace.
    """
    tell = progress or quiet
    opened = Workspace.open(workspace) if workspace else None
    chosen = choose_pack(pack, opened)
    smallest = opened.settings["smallest_count"] if opened else SMALLEST_COUNT
    with opened.read(as_of) if opened else closing(connect("spatial")) as con:
        tell("Finding the places", 0, 1)
        placed = place_stock(con, chosen, opened, tell) if opened else None
        unplaced: list[tuple[Any, ...]] = []
        places, left_out = neighbourhoods(con, chosen, asked, placed, layer, tell, unplaced)
        found = profile(
            con, chosen, places, workspace=opened, as_of=as_of, smallest=smallest, placed=placed, progress=tell
        )
        written = []
        for number, one in enumerate(found):
            tell(f"Writing {one.title}", number, len(found))
            files = render(profile_document(one), out, places[number].id, tuple(forms))
            written.append(Written(one, files))
    return Profiles(written, left_out, unplaced)


def place_stock(con: duckdb.DuckDBPyConnection, pack: Pack, workspace: Workspace, tell: Progress) -> str:
    """Every unit of the lake in an area of the pack's finest layer, as a table of ``con``; its name."""
    show_homes(con, workspace)
    return place(con, pack, own.ONE_HOME, progress=tell)


def _with_every_unit(con: duckdb.DuckDBPyConnection, made: Neighbourhoods, column: str) -> Neighbourhoods:
    """The same neighbourhoods with their garages and the units that left the stock: records hang on those too."""
    units: dict[str, tuple[str, ...]] = {
        name: tuple(refs)
        for name, refs in con.execute(
            f"select {named(column)}::varchar, list(home_ref order by home_ref) from {own.ONE_HOME} group by 1"
        ).fetchall()
    }
    every = Neighbourhoods(replace(one, homes=units[one.name]) for one in made)
    every.left_out = made.left_out
    return every


def neighbourhoods(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    asked: Asked,
    placed: str | None,
    layer: str | None,
    tell: Progress = quiet,
    unplaced: list[tuple[Any, ...]] | None = None,
) -> tuple[list[Any], list[tuple[str, str]]]:
    """The neighbourhoods asked for, of whole areas of ``layer`` (default: the pack's finest), and what was left out.

    The postcodes of a file that are in no area are added to ``unplaced``, as :data:`UNPLACED`.
    """

    def keep_unplaced() -> None:
        if unplaced is not None:
            unplaced.extend(
                con.execute(
                    "select home_ref, name, postcode, reason from _postcode_placed where area is null "
                    "order by reason, home_ref::bigint"
                ).fetchall()
            )

    there = placed
    if placed and pack.layer(layer) != pack.finest:
        there = place(con, pack, own.ONE_HOME, layer, into="placed_in_layer", progress=tell)
    name = {"name": asked.name} if asked.name else {}
    groups: list[Any] = []
    if asked.column:
        if there is None:
            raise Refusal(f"{asked.column!r} is a column of homes in a lake", next="Give --workspace DIR as well.")
        made = neighbourhoods_from_column(con, pack, there, asked.column, layer=layer, homes=HOMES)
        groups.append(_with_every_unit(con, made, asked.column))
    if asked.postcodes:
        groups.append(neighbourhoods_from_postcodes(con, pack, asked.postcodes, layer=layer, progress=tell, **name))
        keep_unplaced()
    if asked.named_postcodes:
        groups.append(neighbourhoods_from_named_postcodes(con, pack, asked.named_postcodes, layer=layer, progress=tell))
        keep_unplaced()
    if asked.codes:
        groups.append(neighbourhoods_from_codes(con, pack, asked.codes, layer=layer, placed=there, **name))
    if asked.polygon:
        groups.append(neighbourhoods_from_polygon(con, pack, asked.polygon, layer=layer, placed=there, **name))
    if asked.circle:
        groups.append(neighbourhoods_from_radius(con, pack, *asked.circle, layer=layer, placed=there, **name))
    found = [one for group in groups for one in group]
    left_out = [one for group in groups for one in group.left_out]
    if asked.only:
        names = [one.name for one in found]
        if unknown := [name for name in asked.only if name not in names]:
            known = ", ".join(sorted(names))
            raise Refusal(f"There is no {asked.column or 'place'} {unknown[0]!r}", next=f"There are: {known}.")
        found, left_out = [one for one in found if one.name in asked.only], []
    ids = make_ids(one.name for one in found)
    return [replace(one, id=id) for one, id in zip(found, ids, strict=True)], left_out
