"""Indicators as they are written down: published ones in ``catalogue/*.yaml``, the landlord's own in ``own/*.yaml``.

``kind`` decides how areas are added up, and nothing else does. A *count* sums. A *rate* is a sum over a sum. A *mean*,
a *score* or a *modelled* value is averaged with residents or households as weights. Ranks and deciles are never
averaged: they come in only as the share of areas, or homes, inside a band.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml

from placemaker.insight import expression
from placemaker.lake.errors import Refusal

Kind = Literal["count", "rate", "mean", "score", "modelled"]

KINDS = ("count", "rate", "mean", "score", "modelled")
POLARITIES = ("higher is worse", "higher is better", "neutral")

#: How areas are added up, in words, where the catalogue does not say it better.
ADDING = {
    "count": "The counts of the areas are added up.",
    "rate": "The counts of the areas are added up, top and bottom, and then divided.",
    "mean": "The areas' values are averaged, each weighted by its {weight}.",
    "score": "The areas' scores are averaged, each weighted by its {weight}; ranks and deciles are never averaged.",
    "modelled": "The areas' modelled values are averaged, each weighted by its {weight}.",
}
WEIGHTS = {"population": "residents", "households": "households"}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measured fact about areas, and its rule for adding areas up.

    ``numerator`` and ``denominator`` are expressions over the columns of ``dataset``; of a mean, score or modelled
    value ``numerator`` is the area's value and ``weight`` what it is weighted by: ``population`` or ``households`` of
    the pack's areas, or a column of the dataset (residents of its own year). ``layer`` is the lowest layer that the
    dataset reaches and ``also`` names datasets with the same columns on other layers. ``places`` are decimals.
    ``unknown`` says in words why an area may have no value; ``of`` says what numerator and denominator count.
    """

    id: str
    title: str
    theme: str
    unit: str
    kind: Kind
    numerator: str
    period: str
    how: str
    dataset: str = ""
    layer: str = ""
    denominator: str = ""
    per: float = 1
    weight: str = "population"
    polarity: str = "neutral"
    also: tuple[tuple[str, str], ...] = ()
    places: int = 1
    estimated: bool = False
    note: str = ""
    adding: str = ""
    unknown: str = "the publisher gives no figure for them"
    of: tuple[str, str] = ("", "")

    @property
    def adding_rule(self) -> str:
        """How areas are added up, in words."""
        return self.adding or ADDING[self.kind].format(weight=WEIGHTS.get(self.weight, "residents"))

    @property
    def averaged(self) -> bool:
        """Whether areas are averaged with weights, rather than added."""
        return self.kind in ("mean", "score", "modelled")

    def datasets(self) -> dict[str, str]:
        """The dataset for each layer that the indicator reaches."""
        return {self.layer: self.dataset, **dict(self.also)}


@dataclass(frozen=True, slots=True)
class OwnIndicator:
    """One fact that the landlord's own records give for each home.

    A row of the standard's ``table`` that meets ``where`` is one part of the figure, and the figure opens to those
    rows. ``join`` adds columns of other tables (table, field joined on). ``home`` gives the home of the row.
    ``once_per`` keeps one row for each value of an expression, the newest by ``newest_by``. ``numerator`` and
    ``denominator`` are expressions over the row; a row whose numerator is null cannot be judged and is left out of
    both. ``base`` names another own count to divide by. ``as_at`` and ``year_before`` are dates in every expression.
    ``personal`` figures fall under the small-number rule. ``weight`` is a column that weighs rows (a survey).
    Rows that could not be judged make the figure an estimate, unless leaving them out is the rule (not
    ``unknown_matters``: a survey's "don't know").
    """

    id: str
    title: str
    theme: str
    unit: str
    kind: Kind
    table: str
    numerator: str
    period: str
    how: str
    denominator: str = ""
    base: str = ""
    join: tuple[tuple[str, str], ...] = ()
    home: str = "home_ref"
    where: str = "true"
    once_per: str = ""
    newest_by: str = ""
    per: float = 1
    polarity: str = "neutral"
    personal: bool = False
    interval: Literal["", "wilson", "byar"] = ""
    weight: str = ""
    places: int = 1
    note: str = ""
    unknown: str = "could not be judged, because a field is empty"
    unknown_matters: bool = True
    of: tuple[str, str] = ("", "")

    @property
    def adding_rule(self) -> str:
        """How homes are added up, in words."""
        if self.kind == "count":
            return "The homes' counts are added up."
        return "The homes' counts are added up, top and bottom, and then divided."


def catalogue() -> dict[str, Indicator]:
    """The published indicators by id, in the order of the files."""
    return dict(_shipped("catalogue", Indicator))


def own_catalogue() -> dict[str, OwnIndicator]:
    """The landlord's own indicators by id, in the order of the files."""
    return dict(_shipped("own", OwnIndicator))


@cache
def _shipped(folder: str, kind: type) -> dict[str, Any]:
    return read(sorted(Path(str(files("placemaker.insight") / folder)).glob("*.yaml")), kind)


def read(paths: list[Path], kind: type) -> dict[str, Any]:
    """The indicators in YAML files, each checked; Refusal names the file, the indicator and what is wrong."""
    found: dict[str, Any] = {}
    for path in paths:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if not isinstance(entries, dict) or not isinstance(entries.get("indicators"), list):
            raise Refusal(
                "This file of indicators has no list named indicators.", path.name, "Compare it with a shipped one."
            )
        shared = entries.get("shared", {})
        for entry in entries["indicators"]:
            indicator = _make(kind, {**shared, **entry}, path.name)
            if indicator.id in found:
                raise Refusal(f"Two indicators have the id {indicator.id}.", path.name, "Give one of them another id.")
            found[indicator.id] = indicator
    for indicator in found.values():
        base = getattr(indicator, "base", "")
        if base and (base not in found or found[base].kind != "count"):
            raise Refusal(f"The base {base} is not an own count.", indicator.id, "Name an own indicator of kind count.")
    return found


def _make(kind: type, entry: dict[str, Any], file: str) -> Any:
    where = f"{file}, indicator {entry.get('id', '(no id)')}"
    known = {field.name: field for field in fields(kind)}
    unknown = set(entry) - set(known)
    if unknown:
        raise Refusal(f"Unknown words: {', '.join(sorted(unknown))}.", where, f"Known: {', '.join(known)}.")
    absent = [name for name, field in known.items() if field.default is MISSING and not entry.get(name)]
    if kind is Indicator:
        absent += [name for name in ("dataset", "layer") if not entry.get(name)]
    if absent:
        raise Refusal(f"Not said: {', '.join(absent)}.", where, "Add them.")
    values = dict(entry)
    for name in ("numerator", "denominator", "where", "home", "once_per", "newest_by"):
        if values.get(name):
            values[name] = str(values[name]).strip()
            expression.parse(values[name], where)
    for name in ("also", "join"):
        if values.get(name):
            values[name] = tuple((str(key), str(value)) for key, value in values[name].items())
    if "of" in values:
        values["of"] = tuple(values["of"])
    if values["kind"] not in KINDS:
        raise Refusal(f"The kind {values['kind']} is not known.", where, f"Use one of {', '.join(KINDS)}.")
    if values.get("polarity", "neutral") not in POLARITIES:
        raise Refusal(f"The polarity {values['polarity']} is not known.", where, f"Use one of {', '.join(POLARITIES)}.")
    if values["kind"] == "rate" and not (values.get("denominator") or values.get("base")):
        raise Refusal("A rate needs a denominator.", where, "Add denominator.")
    return kind(**values)
