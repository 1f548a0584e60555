"""A neighbourhood: a place that the landlord defines, as whole areas of one layer, with how well they fit it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from placemaker.places.pack import Pack


@dataclass(frozen=True)
class Fit:
    """How well the chosen areas fit the neighbourhood.

    ``basis`` is what was counted: homes, postcodes or residents. ``coverage`` is the share of the neighbourhood's own
    that is inside the chosen areas, and ``outside`` the share of the chosen areas' that is not of the neighbourhood,
    both 0 to 1 or None where it cannot be known. ``words`` says the same in a sentence or two.
    """

    basis: str
    inside: int
    total: int
    coverage: float | None
    outside: float | None
    words: str


@dataclass(frozen=True)
class Neighbourhood:
    """A neighbourhood as whole areas of ``layer``.

    ``how`` is column, postcodes, codes, polygon or radius. ``areas`` are pairs of code and weight. The weights are for
    the view *our homes*: the share of the neighbourhood's homes (that are placed in these areas) in each, adding up to
    1; they are all 0.0 where no homes are known (``homes_count`` is None). The view *the neighbourhood* takes each area
    once, whatever its weight. ``homes`` are the references of the homes where they come from a workspace. ``shape`` is
    what was drawn, GeoJSON in metres (EPSG:27700). ``not_placed`` are the homes that could not be placed: pairs of the
    reason and how many, the most first.
    """

    id: str
    name: str
    how: str
    areas: tuple[tuple[str, float], ...]
    layer: str
    fit: Fit
    homes: tuple[str, ...] | None = None
    homes_count: int | None = None
    note: str = ""
    shape: dict[str, Any] | None = field(default=None, repr=False)
    not_placed: tuple[tuple[str, int], ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the areas, each once."""
        return tuple(code for code, _ in self.areas)


class Neighbourhoods(list[Neighbourhood]):
    """Several neighbourhoods, and what was left out: pairs of a name and the reason."""

    left_out: tuple[tuple[str, str], ...] = ()


def make_ids(names: Iterable[str]) -> list[str]:
    """An identifier for each name, of small letters, digits and hyphens, no two alike."""
    ids: list[str] = []
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "neighbourhood"
        candidate, count = plain, 1
        while candidate in ids:
            count += 1
            candidate = f"{plain}-{count}"
        ids.append(candidate)
    return ids


def shares(counts: dict[str, int]) -> tuple[tuple[str, float], ...]:
    """The areas with the share of the homes in each, by code."""
    total = sum(counts.values())
    return tuple((code, counts[code] / total if total else 0.0) for code in sorted(counts))


def say_areas(pack: Pack, layer: str, count: int) -> str:
    """How many areas of which layer, in words: "3 LSOAs (2021)", "1 of the LSOAs (2021)"."""
    title = re.sub(r" (\d{4})$", r" (\1)", pack.layer_titles[layer])
    title = title if title[:2].isupper() else title[:1].lower() + title[1:]
    return f"1 of the {title}" if count == 1 else f"{count:,} {title}"


def percent(share: float) -> str:
    """A share as a whole percentage that never reads 0% or 100% unless it is none or all."""
    if 0 < share < 1:
        return "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{share:.0%}"
    return f"{share:.0%}"
