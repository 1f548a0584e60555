"""Making Figures of sums: the neighbourhood's, the our-homes', and the comparators'."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from placemaker.figure import Figure, Source, missing
from placemaker.insight.indicator import WEIGHTS, Indicator
from placemaker.insight.longtable import LongTable
from placemaker.insight.sums import Sums

PER_WORDS = {100: " × 100", 1000: " × 1,000"}


class Lazy(Sequence):
    """Lines that are made when somebody first looks: a batch of 7,264 profiles has two million of them."""

    def __init__(self, make: Callable[[], Sequence[Any]]) -> None:
        self._make: Callable[[], Sequence[Any]] | None = make
        self._made: tuple[Any, ...] = ()

    def _all(self) -> tuple[Any, ...]:
        if self._make is not None:
            self._made, self._make = tuple(self._make()), None
        return self._made

    def __getitem__(self, at):
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())


@dataclass(frozen=True)
class Told:
    """What every figure of one indicator says, worked out once."""

    how: str
    homes_how: str
    sources: tuple[Source, ...]
    top: tuple[str, str]  # unit and label of the numerator
    bottom: tuple[str, str]
    formula: str


@lru_cache(maxsize=4096)
def told(indicator: Indicator, sources: tuple[Source, ...]) -> Told:
    """The words of an indicator's figures."""
    weight = WEIGHTS.get(indicator.weight, "residents")
    if indicator.averaged:
        # The sum has no unit that a person would use, so its label says what it is.
        top = ("", f"Sum of each area's value times its {weight}")
        people = "people" if weight == "residents" else "households"
        bottom, formula = (people, f"Sum of the areas' {weight}"), "mean"
    else:
        named, of = indicator.of if all(indicator.of) else ("numerator", "denominator")
        top = (named, f"{indicator.title}: number" if indicator.of[0] == "" else _part(indicator, named))
        bottom = (of, of[:1].upper() + of[1:])
        formula = "share" if indicator.per == 100 else "rate"
    return Told(
        how=f"{indicator.how} {indicator.adding_rule}",
        homes_how=f"{indicator.how} Our homes: each area's value is weighted by the landlord's homes in it.",
        sources=sources,
        top=top,
        bottom=bottom,
        formula=formula,
    )


def _part(indicator: Indicator, named: str) -> str:
    return named[:1].upper() + named[1:] if "band" in named else f"{indicator.title}: {named}"


def place_figure(table: LongTable, indicator: Indicator, number: int, sums: Sums, row: int, layer: str,
                 asked: int, label: str, recipe: str) -> Figure:  # fmt: skip
    """The figure of a place that counts each area once. ``asked`` is how many areas of the layer the place has."""
    about = told(indicator, table.sources(indicator, layer))
    common = {"period": indicator.period, "how": about.how, "sources": about.sources, "places": indicator.places}
    num, den = float(sums.num[row, number]), float(sums.den[row, number])
    areas, unknown = int(sums.areas[row, number]), int(sums.unknown[row, number])
    known = areas - unknown
    absent = max(asked - areas, 0)
    if not known or (den <= 0 and indicator.kind != "count"):
        return missing(label, indicator.unit, _why_missing(indicator, asked, areas, known), **common)
    status, reason = _certainty(
        indicator, areas + absent, unknown, absent, int(sums.changed[row, number]), int(sums.partly[row, number])
    )
    common |= {"status": status, "reason": reason, "recipe": recipe}
    if indicator.kind == "count":
        return Figure(_whole(num), indicator.unit, label, **common)
    parts = (
        Figure(_whole(num), about.top[0], about.top[1], places=0, period=indicator.period),
        Figure(_whole(den), about.bottom[0], about.bottom[1], places=0, period=indicator.period),
    )
    value = parts[0].value / parts[1].value * indicator.per
    return Figure(value, indicator.unit, label, parts=parts, formula=about.formula, per=indicator.per, **common)


def homes_figure(table: LongTable, indicator: Indicator, number: int, sums: Sums, row: int, layer: str,
                 label: str, recipe: str) -> Figure | None:  # fmt: skip
    """The figure that weighs each area by the landlord's homes there; None of a count, or where no homes are known."""
    homes = float(sums.homes_den[row, number])
    if indicator.kind == "count" or homes <= 0:
        return None
    about = told(indicator, table.sources(indicator, layer))
    status, reason = _certainty(indicator, 0, 0, 0, int(sums.changed[row, number]), int(sums.partly[row, number]))
    num = float(sums.homes_num[row, number])
    parts = (
        Figure(
            num,
            "",
            "Sum of each area's value times our homes there",
            places=0,
        ),
        Figure(_whole(homes), "homes", "Our homes in areas with a figure", places=0),
    )
    return Figure(
        num / parts[1].value * indicator.per, indicator.unit, label, period=indicator.period, parts=parts,
        how=about.homes_how, sources=about.sources, status=status, reason=reason, formula="mean", per=indicator.per,
        places=indicator.places, recipe=recipe,
    )  # fmt: skip


def _why_missing(indicator: Indicator, asked: int, areas: int, known: int) -> str:
    if known:
        return "There is nothing here to divide by."
    if not areas:
        return "The place pack's dataset does not reach these areas."
    return f"None of its {asked:,} areas has a figure: {indicator.unknown}."


def _certainty(
    indicator: Indicator, areas: int, unknown: int, absent: int, changed: int, partly: int
) -> tuple[str, str]:
    """Whether the figure is as published or an estimate, and why."""
    reasons = []
    if unknown:
        least = "The true number is higher: " if indicator.kind == "count" else ""
        reasons.append(f"{least}{unknown:,} of {areas:,} areas are left out, because {indicator.unknown}.")
    if absent:
        reasons.append(f"{absent:,} of {areas:,} areas are not in the dataset.")
    if changed:
        reasons.append(f"{changed:,} areas changed since, and are joined as a best fit.")
    if partly:
        reasons.append(f"{partly:,} areas lie partly inside and count by the share of their residents there.")
    if indicator.estimated:
        modelled = (
            "The publisher models it. " if indicator.kind == "modelled" and "odelled" not in indicator.note else ""
        )
        reasons.append(f"{modelled}{indicator.note}".strip())
    return ("estimated", " ".join(reasons)) if reasons else ("shown", "")


def _whole(value: float) -> float | int:
    """A sum of counts as a whole number where it is one."""
    value = round(value, 6)
    return int(value) if value == int(value) else value
