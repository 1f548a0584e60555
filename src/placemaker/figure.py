"""A number that explains itself, and the one rule for small numbers.

A :class:`Figure` carries every number that a person sees: on a page, in a report, through the API. It says what it
measures, in what unit and period, what it is made of, how it was computed, from which data, and how sure it is. Nothing
above this module formats a number or hides one on its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

Status = Literal["shown", "estimated", "suppressed", "missing"]

#: How a value follows from its parts; :func:`recompute` knows each. ``given`` has no parts that add up.
Formula = Literal["given", "sum", "difference", "share", "rate", "mean"]

#: Counts of the landlord's own people and events below this are withheld (ONS practice for local counts is 3 to 10).
SMALLEST_COUNT = 5


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset behind a figure: its publisher, version and licence, and the lake snapshot for own data."""

    dataset: str
    title: str
    publisher: str
    version: str = ""
    licence: str = ""
    url: str = ""
    snapshot: int | None = None

    def cite(self) -> str:
        """The source as one line for a footnote."""
        edition = f"snapshot {self.snapshot}" if self.snapshot is not None else self.version
        return ", ".join(word for word in (self.title, self.publisher, edition, self.licence) if word)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with all that explains it. Immutable; :meth:`to_json` and :meth:`from_json` carry it whole.

    ``value`` is in ``unit`` (``people``, ``homes``, ``£``, ``%``, ``days``, ``per 1,000 homes``, ``score``); a share
    holds 34.0 for 34%. ``interval`` is the 95% interval in the same unit. ``parts`` stop at numerator and denominator:
    anything deeper is opened through ``recipe``, an indicator with its place and snapshot. ``how`` is the formula in
    words and ``formula`` the same for :func:`recompute`, with ``per`` the multiplier of a share or a rate. A withheld
    or missing figure has no value, interval or parts, and ``reason`` says why.
    """

    value: float | int | None
    unit: str
    label: str
    period: str = ""
    interval: tuple[float, float] | None = None
    parts: tuple[Figure, ...] = ()
    how: str = ""
    sources: tuple[Source, ...] = ()
    status: Status = "shown"
    reason: str = ""
    formula: Formula = "given"
    per: float = 1
    places: int = 0
    recipe: str = ""

    def __post_init__(self) -> None:
        if self.status in ("suppressed", "missing"):
            if self.value is not None or self.parts or self.interval:
                raise ValueError(f"A {self.status} figure carries no value, interval or parts: {self.label}")
            if not self.reason:
                raise ValueError(f"A {self.status} figure says why: {self.label}")
        elif self.value is None or not math.isfinite(self.value):
            raise ValueError(f"A {self.status} figure needs a finite value: {self.label}")

    @property
    def known(self) -> bool:
        """Whether there is a value to show."""
        return self.value is not None

    def text(self) -> str:
        """The value as people read it: ``12,061``, ``£1,104,220.50``, ``34.0%``, ``withheld``, ``not available``."""
        if self.value is None:
            return "withheld" if self.status == "suppressed" else "not available"
        return write_number(self.value, self.unit, self.places)

    def interval_text(self) -> str:
        """The 95% interval as people read it, ``31.2% to 36.9%``, or nothing."""
        if self.interval is None:
            return ""
        return " to ".join(write_number(end, self.unit, self.places) for end in self.interval)

    def withheld(self, reason: str) -> Figure:
        """The same figure without its value, parts and interval, and with the reason."""
        return replace(self, value=None, interval=None, parts=(), status="suppressed", reason=reason, formula="given")

    def to_json(self) -> dict[str, Any]:
        """A plain object for JSON, without the empty parts of the figure."""
        plain: dict[str, Any] = {"value": self.value, "unit": self.unit, "label": self.label, "status": self.status}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in plain or value == field.default:
                continue
            plain[field.name] = value
        if self.parts:
            plain["parts"] = [part.to_json() for part in self.parts]
        if self.sources:
            plain["sources"] = [
                {f.name: getattr(source, f.name) for f in fields(source) if getattr(source, f.name) != f.default}
                for source in self.sources
            ]
        if self.interval is not None:
            plain["interval"] = list(self.interval)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Figure:
        """The figure that :meth:`to_json` wrote."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        values["parts"] = tuple(cls.from_json(part) for part in plain.get("parts", ()))
        values["sources"] = tuple(Source(**source) for source in plain.get("sources", ()))
        if plain.get("interval") is not None:
            values["interval"] = tuple(plain["interval"])
        return cls(**values)


def missing(label: str, unit: str, reason: str, **about: Any) -> Figure:
    """A figure that cannot be had, with the reason."""
    return Figure(None, unit, label, status="missing", reason=reason, **about)


def write_number(value: float | int, unit: str, places: int = 0) -> str:
    """A number with its unit as people read it; the unit is left out where the column heading says it."""
    sign = "-" if round(value, places) < 0 else ""
    digits = f"{abs(value):,.{places}f}"
    if unit.startswith("£"):
        return f"{sign}£{digits}"
    return f"{sign}{digits}%" if unit == "%" else f"{sign}{digits}"


def recompute(figure: Figure) -> float | int | None:
    """The value that the figure's parts give by its formula; None where it is given or has no known parts.

    ``sum`` adds all parts; ``difference`` takes the others from the first; ``share`` and ``rate`` are first over
    second times ``per``; ``mean`` is first (a total) over second (how many).
    """
    values = [part.value for part in figure.parts]
    if figure.formula == "given" or not values or any(value is None for value in values):
        return None
    if figure.formula == "sum":
        return sum(values)
    if figure.formula == "difference":
        return values[0] - sum(values[1:])
    return values[0] / values[1] * figure.per if values[1] else None


# --- small numbers -------------------------------------------------------------------------------------------------


def withhold(
    cells: Mapping[str, int], totals: Mapping[str, Iterable[str]] | None = None, smallest: int = SMALLEST_COUNT
) -> frozenset[str]:
    """The names of the cells and totals that must be withheld so that no small count can be read or worked out.

    ``cells`` are counts by name; ``totals`` name the sets of cells whose sums are published too (row and column totals
    of a table, a saved neighbourhood, a published area). A count from 1 to ``smallest - 1`` is withheld, and zeros are
    shown. A reader who knows what is published can still bound each withheld number by linear programming; wherever
    those bounds are closer than ``smallest - 1`` one number more is withheld: the smallest cell that shares a published
    total with the exposed one, or that total itself where no cell is left. This is the audit of cell suppression in
    Hundepool and others, *Statistical Disclosure Control* (2012), chapter 4.

    Raises ValueError where a total names an unknown cell or a count is negative.
    """
    members = {name: frozenset([name]) for name in cells}
    members |= {name: frozenset(of) for name, of in (totals or {}).items()}
    unknown = {cell for of in members.values() for cell in of} - set(cells)
    if unknown:
        raise ValueError(f"A total names cells that are not in the table: {', '.join(sorted(unknown))}")
    if any(count < 0 for count in cells.values()):
        raise ValueError("A count cannot be negative.")
    sums = {name: sum(cells[cell] for cell in of) for name, of in members.items()}
    hidden = {name for name, count in sums.items() if 0 < count < smallest}
    # Withholding more never narrows the bounds of another number, so each is audited only until it is safe.
    doubtful = set(hidden)
    while exposed := {name for name in doubtful if _spread(members[name], cells, members, hidden) < smallest - 1}:
        more: set[str] = set()
        for name in sorted(exposed):
            giving = _giving(name, cells, members, hidden)
            if not giving & more:
                more.add(min(giving, key=lambda one: (one not in cells, sums[one] == 0, sums[one], one)))
        hidden |= more
        doubtful = exposed | more
    return frozenset(hidden)


def _giving(
    exposed: str, cells: Mapping[str, int], members: Mapping[str, frozenset[str]], hidden: set[str]
) -> set[str]:
    """The published totals that hold a part of an exposed number, and the published cells in them.

    A total that holds it only through other withheld cells counts too: each total found passes the search on.
    """
    reached = set(members[exposed] & hidden)
    found: set[str] = set()
    while True:
        through = {n for n in members if n not in cells and n not in hidden and members[n] & reached} - found
        if not through:
            return found
        found |= through
        beside = {cell for name in through for cell in members[name]}
        found |= beside - hidden
        if beside - hidden:
            return found
        reached |= beside


def _spread(
    target: frozenset[str], cells: Mapping[str, int], members: Mapping[str, frozenset[str]], hidden: set[str]
) -> float:
    """How far apart the largest and the smallest value of a withheld number are for a reader of all that is published.

    The unknowns are the withheld cells, none of them negative; the equations are the published totals that hold any.
    """
    from scipy.optimize import linprog

    unknowns = sorted(hidden & set(cells))
    rows, left = [], []
    for name, of in members.items():
        if name not in cells and name not in hidden and of & hidden:
            rows.append([1.0 if cell in of else 0.0 for cell in unknowns])
            left.append(sum(cells[cell] for cell in of & hidden))
    bounded = {cell for position, cell in enumerate(unknowns) if any(row[position] for row in rows)}
    if (target & hidden) - bounded:
        return math.inf
    aim = [1.0 if cell in target else 0.0 for cell in unknowns]
    low, high = (linprog([sign * one for one in aim], A_eq=rows, b_eq=left, bounds=(0, None)).fun for sign in (1, -1))
    return round(-high - low, 6)


def differencing_unsafe(larger: int, smaller: int, smallest: int = SMALLEST_COUNT) -> bool:
    """Whether two published counts, one of a place inside the other, give away a small count by subtraction."""
    return 0 < larger - smaller < smallest
