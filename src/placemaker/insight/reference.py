"""The catalogue's reference pages, written from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from placemaker.insight.indicator import Indicator, OwnIndicator, catalogue, own_catalogue


def write(folder: Path) -> None:
    """Write ``index.md``, ``published.md`` and ``own.md`` into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("index", index()), ("published", published()), ("own", own())):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def index() -> str:
    """The page that leads to the two lists, and says how areas are added up."""
    return f"""# Indicators

{len(catalogue())} published indicators of areas, and {len(own_catalogue())} that a landlord's own records give. Each is
a few lines in a YAML file: a new indicator is a new entry, and no code.

A count sums. A rate is a sum over a sum. A mean, a score or a modelled value is averaged with residents or households
as weights. Ranks and deciles are never averaged: they come in only as the share of areas, or of homes, inside a band.
What a publisher withholds is never treated as nothing: the figure says how many areas are left out.

```{{toctree}}
:maxdepth: 2

published
own
```
"""


def published() -> str:
    """Every published indicator by theme, as Markdown."""
    return _page("Published indicators", catalogue().values(), _published)


def own() -> str:
    """Every indicator of the landlord's own by theme, as Markdown."""
    return _page("The landlord's own indicators", own_catalogue().values(), _own)


def _page(title: str, indicators: Iterable[Any], entry: Callable[[Any], list[str]]) -> str:
    lines = [f"# {title}", ""]
    for theme, some in _by_theme(indicators).items():
        lines += [f"## {theme}", ""]
        for indicator in some:
            lines += entry(indicator)
    return "\n".join(lines)


def _by_theme(indicators: Iterable[Indicator | OwnIndicator]) -> dict[str, list]:
    themes: dict[str, list] = {}
    for indicator in indicators:
        themes.setdefault(indicator.theme, []).append(indicator)
    return themes


def _published(indicator: Indicator) -> list[str]:
    over = f" over `{indicator.denominator}`" if indicator.denominator else ""
    layers = ", ".join(f"{layer} (`{dataset}`)" for layer, dataset in indicator.datasets().items())
    facts = [
        f"Identifier `{indicator.id}`; {indicator.kind}, in {indicator.unit}; {indicator.polarity}.",
        f"Period: {indicator.period}. Layers: {layers}.",
        f"`{indicator.numerator}`{over}",
        f"Adding up: {indicator.adding_rule}",
    ]
    return _entry(indicator.title, indicator.how, facts, indicator.note)


def _own(indicator: OwnIndicator) -> list[str]:
    over = f" over `{indicator.denominator}`" if indicator.denominator else ""
    if indicator.base:
        over = f" over the indicator `{indicator.base}`"
    tables = ", ".join(f"`{name}`" for name in (indicator.table, *(table for table, _ in indicator.join)))
    facts = [
        f"Identifier `{indicator.id}`; {indicator.kind}, in {indicator.unit}; {indicator.polarity}.",
        f"Period: {indicator.period}. Tables: {tables}.",
        f"`{indicator.numerator}`{over}",
        f"Rows: `{indicator.where}`",
    ]
    if indicator.interval:
        facts.append(f"95% interval: {'Wilson' if indicator.interval == 'wilson' else 'Byar, exact below ten events'}.")
    if indicator.personal:
        facts.append("Small numbers are withheld.")
    return _entry(indicator.title, indicator.how, facts, indicator.note)


def _entry(title: str, how: str, facts: list[str], note: str) -> list[str]:
    return [f"### {title}", "", how, "", *(f"- {fact}" for fact in facts), *([f"- Note: {note}"] if note else []), ""]
