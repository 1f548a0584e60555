"""Sentences written from figures: what is clearly different here, and nothing about why.

A difference is told only where it is sure and large enough to matter. Sure: the two 95% intervals do not touch, or the
other value lies outside the one interval there is. Large enough: a tenth of the comparator's value, and one point of a
percentage; a sixth where a figure is modelled, because publishers say that small differences then mean nothing. Where
only one of the two holds of a percentage, it is *slightly* higher or lower.

Where the landlord's homes are known and are a small part of the households of the areas, what is said of the people is
said of where the homes are (the our-homes view); else of the whole area. The sentence says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from placemaker.figure import Figure
from placemaker.insight.model import Comparator, Line, Profile

_LEAST_SHARE, _LEAST_SHARE_MODELLED, _LEAST_POINTS = 0.10, 1 / 6, 1.0
_MOST_SENTENCES = 8

#: Where the landlord's homes are a smaller share of the households than this, sentences take the our-homes view.
_SMALL_PART = 0.30
#: Tables of the standard whose rows may name a patch and no home.
_BY_PATCH = ("survey_response",)
_DIRECTIONS = ("higher", "lower", "slightly higher", "slightly lower", "about the same")

Pieces = tuple[Any, ...]


@cache
def words() -> dict[str, Any]:
    """The words of a profile that are kept as data, in ``words.yaml``."""
    text = (files("placemaker.insight") / "words.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def compare(here: Figure, other: Figure) -> str:
    """One of the directions, such as ``higher`` or ``about the same``; ``""`` where one of them has no value."""
    if here.value is None or other.value is None:
        return ""
    distance = here.value - other.value
    modelled = "estimated" in (here.status, other.status)
    if not distance or not _apart(here, other):
        return "about the same"
    direction = "higher" if distance > 0 else "lower"
    large = abs(distance) > (_LEAST_SHARE_MODELLED if modelled else _LEAST_SHARE) * abs(other.value)
    if here.unit != "%":
        return direction if large else "about the same"
    points = abs(distance) > min(_LEAST_POINTS, abs(other.value))
    if large and points:
        return direction
    # A small difference between modelled figures means nothing, however many points it is.
    return f"slightly {direction}" if large or (points and not modelled) else "about the same"


def _apart(one: Figure, other: Figure) -> bool:
    """Whether two values stay apart with what is known of their uncertainty."""
    low, high = one.interval or (one.value, one.value)
    other_low, other_high = other.interval or (other.value, other.value)
    return low > other_high or high < other_low


def beside(line: Line, comparators: Iterable[Comparator]) -> Pieces:
    """How a figure stands to its comparators, grouped by direction: ``higher than in England (17.1%)``."""
    groups: dict[str, list[Pieces]] = {}
    for comparator in comparators:
        other = line.comparators.get(comparator.key)
        if other is not None and (direction := compare(line.place, other)):
            groups.setdefault(direction, []).append((f"{_where(comparator)} (", other, ")"))
    said: list[Any] = []
    for direction in _DIRECTIONS:
        if direction in groups:
            joiner = " as " if direction == "about the same" else " than "
            said += [" and " if said else "", direction, joiner, *_and(groups[direction])]
    return tuple(piece for piece in said if piece != "")


def _where(comparator: Comparator) -> str:
    if comparator.key == "stock":
        return "across all our homes"
    if comparator.key == "social":
        return "in social housing areas"
    return f"in {comparator.title}"


def _and(groups: Sequence[Pieces]) -> list[Any]:
    said: list[Any] = []
    for position, group in enumerate(groups):
        if position:
            said.append(" and " if position == len(groups) - 1 else ", ")
        said += group
    return said


def country(profile: Profile) -> str:
    """The country whose areas are ranked, by the name of its comparator."""
    return next((c.title for c in profile.comparators if c.key == "england"), "England")


def count(number: int, one: str, many: str) -> str:
    """``1 area``, ``14 areas``."""
    return f"{number:,} {one if number == 1 else many}"


def where_homes_are(profile: Profile) -> bool:
    """Whether what is told of the people is of where the landlord's homes are, and not of the whole area."""
    return profile.homes_share is not None and profile.homes_share < _SMALL_PART


def viewed(profile: Profile) -> list[Line]:
    """The published lines with the figure of the view that is told as ``place``."""
    if not where_homes_are(profile):
        return list(profile.lines)
    return [replace(line, place=line.homes) for line in profile.lines if line.homes is not None]


def in_short(profile: Profile) -> list[Pieces]:
    """Five to eight sentences: the place, its deprivation, what stands out in its people and homes, and our service."""
    said = [_size(profile), *_deprivation(profile)]
    own = _own(profile)
    said += _need(profile, _MOST_SENTENCES - len(said) - len(own))
    return [sentence for sentence in said + own if sentence][:_MOST_SENTENCES]


def _size(profile: Profile) -> Pieces:
    areas = count(len(profile.neighbourhood.areas), "small area", "small areas")
    people = (profile.residents, " person lives" if profile.residents.value == 1 else " people live")
    if not profile.homes_count.known:
        return (*people, " here, in ", areas, ".") if profile.residents.known else ()
    homes = (profile.homes_count, " home" if profile.homes_count.value == 1 else " homes")
    if not profile.residents.known:
        return ("We have ", *homes, " here, in ", areas, ".")
    return ("We have ", *homes, " here, in ", areas, " where ", *people, ".")


def _deprivation(profile: Profile) -> list[Pieces]:
    """The narrowest band that holds a home, and the most deprived 10% beside it."""
    tenth = profile.most_deprived.get(10)
    if tenth is None or not tenth.known:
        return []
    whole = country(profile)
    if tenth.value == 0:
        fifth = profile.most_deprived.get(20)
        if fifth is None or not fifth.known or not fifth.value:
            return [(f"None of the homes here is in the most deprived 20% of {whole}.",)]
        start = f"None of the homes here is in the most deprived 10% of {whole}, and "
        return [(start, fifth, " are in the most deprived 20%.")]
    hundredth = profile.most_deprived.get(1)
    more: Pieces = ()
    if hundredth is not None and hundredth.value:
        more = (", and ", hundredth, " in the most deprived 1%")
    if profile.homes_count.value == 1:
        return [(f"The one home here is in the most deprived 10% of {whole}.",)]
    return [(tenth, f" of the homes here are in the most deprived 10% of {whole}", *more, ".")]


def _need(profile: Profile, most: int) -> list[Pieces]:
    """What differs most from the authority or the country, at most two of a theme, in the order of the words."""
    near = [comparator for comparator in profile.comparators if comparator.key in ("authority", "england")]
    sayings = words()["sayings"]
    found = []
    for line in viewed(profile):
        saying = sayings.get(line.indicator.id)
        if saying and (distance := _distance(line, near)):
            found.append((distance, list(sayings).index(line.indicator.id), line, saying))
    view = "Where our homes are, " if where_homes_are(profile) else ""
    if not view and profile.homes_count.known:
        view = "In the whole area, "
    chosen, themes = [], {}
    for _, position, line, saying in sorted(found, key=lambda one: -one[0]):
        theme = line.indicator.theme
        if len(chosen) < most and themes.get(theme, 0) < 2:
            themes[theme] = themes.get(theme, 0) + 1
            said = (line.place, f" {saying}: ", *beside(line, near), ".")
            chosen.append((position, (view, *said) if view else said))
    return [sentence for _, sentence in sorted(chosen, key=lambda one: one[0])]


def not_shown(profile: Profile, theme: str, lines: Sequence[Line]) -> str:
    """One sentence in place of the landlord's own figures of a theme, where none is to be had here; else nothing."""
    if any(line.place.status != "missing" for line in lines):
        return ""
    elsewhere = any((there := line.comparators.get("stock")) is not None and there.known for line in lines)
    if elsewhere and all(line.indicator.table in _BY_PATCH for line in lines):
        if profile.neighbourhood.how != "column":
            return (f"{theme} is not shown for this place: answers to surveys that name only a patch, and no home, can "
                    "be shown only for a place that is made of whole patches.")  # fmt: skip
        return f"{theme} is not shown for this place: no answer to the surveys is known to come from here."
    reasons = dict.fromkeys(line.place.reason for line in lines)
    return f"{theme} is not shown for this place. {' '.join(reasons)}"


def _distance(line: Line, comparators: Iterable[Comparator]) -> float:
    """How many times the comparator's value the figure is away from it; 0 where no difference is clear."""
    distances = [0.0]
    for comparator in comparators:
        other = line.comparators.get(comparator.key)
        if other is not None and compare(line.place, other) in ("higher", "lower"):
            size = max(abs(line.place.value or 0), abs(other.value or 0))
            distances.append(abs((line.place.value or 0) - (other.value or 0)) / size)
    return max(distances)


def _own(profile: Profile) -> list[Pieces]:
    """Our service here where it differs from all our homes, at most three; else the first that is known."""
    stock = [comparator for comparator in profile.comparators if comparator.key == "stock"]
    sayings = words()["own_sayings"]
    lines = [line for line in profile.own if line.indicator.id in sayings and line.place.known]
    lines.sort(key=lambda line: (-_distance(line, stock), list(sayings).index(line.indicator.id)))
    differing = [line for line in lines if _distance(line, stock)]
    said = []
    for line in differing[:3] or lines[:1]:
        more = beside(line, stock)
        ending: Pieces = (": ", *more, ".") if more else (".",)
        said.append((line.place, f" {sayings[line.indicator.id]}", *ending))
    return said
