"""A profile: what the indicators say of one neighbourhood, beside its comparators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from placemaker.figure import Figure, Source
from placemaker.insight.indicator import Indicator, OwnIndicator


@dataclass(frozen=True, slots=True)
class Comparator:
    """A place to compare with. ``key`` is one of authority, region, england, stock, social."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: the neighbourhood's figure, the our-homes figure, and the comparators' figures by key.

    ``place`` counts each area of the neighbourhood once; ``homes`` weighs each area by the landlord's homes there, and
    is None where that means nothing (counts) or the landlord's homes are not known. Own indicators have ``place`` only.
    """

    indicator: Indicator | OwnIndicator
    place: Figure
    homes: Figure | None = None
    comparators: dict[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """All that is said of one neighbourhood. ``lines`` are published indicators and ``own`` the landlord's own."""

    neighbourhood: Any  # placemaker.places.Neighbourhood
    title: str
    layer: str
    comparators: tuple[Comparator, ...]
    lines: Sequence[Line]
    own: Sequence[Line]
    most_deprived: dict[int, Figure]  # 1, 5, 10 and 20 -> share of the homes in that share of the country's areas
    summary: Sequence[Line]
    homes_count: Figure
    residents: Figure
    sources: tuple[Source, ...]
    made_up: bool
    snapshot: int | None
    notes: tuple[str, ...]
    homes_share: float | None = None  # the landlord's homes over the households of the areas, 0 to 1
    draw: Callable[[], dict[str, Any]] = field(default=dict, repr=False, compare=False)

    @cached_property
    def map(self) -> dict[str, Any]:
        """GeoJSON in metres (EPSG:27700): each area with code, name and value, its decile of deprivation."""
        return self.draw()
