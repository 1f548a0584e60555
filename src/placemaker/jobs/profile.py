"""Profiles of neighbourhoods, written as web page, PDF and Word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from placemaker.insight import profile, profile_document
from placemaker.jobs.place import choose_pack
from placemaker.lake import Refusal, Workspace, connect
from placemaker.report import render

FORMS = ("html", "pdf", "docx")


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
    files: dict[str, Path] = field(default_factory=dict)


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
) -> list[Written]:
    """Profile the places asked for and write each in every form to ``out``.

    Without a workspace there are no own-data indicators and nothing personal is read. Raises Refusal where no pack is
    installed, a place is unknown, or a column needs a workspace.
    """
    tell = progress or (lambda *_: None)
    opened = Workspace.open(workspace) if workspace else None
    chosen = choose_pack(pack, opened)
    with ExitStack() as stack:
        con = stack.enter_context(opened.read(as_of)) if opened else connect("spatial")
        tell("Finding the places")
        places = neighbourhoods(con, chosen, asked, opened, layer)
        tell("Computing the indicators")
        smallest = opened.settings.get("smallest_count", 5) if opened else 5
        profiles = profile(con, chosen, places, workspace=opened, as_of=as_of, smallest=smallest)
        out.mkdir(parents=True, exist_ok=True)
        written = []
        for number, one in enumerate(profiles):
            tell(f"Writing {one.title}", number, len(profiles))
            written.append(Written(one, render(profile_document(one), out, stem(one.title), tuple(forms))))
    return written


def neighbourhoods(con: Any, pack: Any, asked: Asked, workspace: Workspace | None, layer: str | None) -> list[Any]:
    """The neighbourhoods asked for, made of whole areas of ``layer`` (default: the pack's finest)."""
    from placemaker import places

    placed = places.place(con, pack, "home", layer) if workspace else None
    found: list[Any] = []
    if asked.column:
        if placed is None:
            raise Refusal(f"The column {asked.column!r} is a column of homes in a lake", next="Give --workspace DIR.")
        found += places.neighbourhoods_from_column(con, placed, asked.column)
        if asked.only:
            names = sorted(place.name for place in found)
            if unknown := [name for name in asked.only if name not in names]:
                raise Refusal(f"There is no {asked.column} {unknown[0]!r}", next=f"There are: {', '.join(names)}.")
            found = [place for place in found if place.name in asked.only]
    return found


def stem(title: str) -> str:
    """A file name without its ending: ``north-moor``."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "profile"
