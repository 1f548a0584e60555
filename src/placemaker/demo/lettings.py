"""Who lives where: tenancies, the people of each, empty spells between them, and what each account owes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placemaker.demo import names
from placemaker.demo.stock import Stock, Units

AS_AT = np.datetime64("2026-03-31")
NO_DAY = np.datetime64("NaT", "D")
END_REASONS = ("transfer", "moved_private", "moved_social", "death", "care", "eviction", "abandoned")


@dataclass(frozen=True)
class Tenancies:
    """One value a tenancy. `unit` is its place in the chunk's units; `live` ones run at AS_AT."""

    unit: np.ndarray
    order: np.ndarray
    """1 for a unit's first tenancy on the system, 2 for the next."""
    kind: np.ndarray
    """secure, introductory, shared_ownership, leasehold or garage."""
    start: np.ndarray
    end: np.ndarray
    reason: np.ndarray
    live: np.ndarray
    number: np.ndarray
    """Its reference as a number: the unit's number, then the order in two digits."""
    adults: np.ndarray
    children: np.ndarray
    joint: np.ndarray
    balance: np.ndarray
    """Pence owed at AS_AT; less than nothing is a credit."""


@dataclass(frozen=True)
class Voids:
    """Empty spells of homes that began in the last two years or are still empty."""

    unit: np.ndarray
    start: np.ndarray
    ready: np.ndarray
    end: np.ndarray
    reason: np.ndarray
    major: np.ndarray
    previous: np.ndarray
    next: np.ndarray
    """Tenancy numbers; 0 where there is none."""


@dataclass(frozen=True)
class People:
    """One value a person. `tenancy` is the place of the tenancy they belong to."""

    tenancy: np.ndarray
    place: np.ndarray
    """1 for the first tenant, then the others of the household."""
    role: np.ndarray
    """tenant, joint, partner, other or child."""
    born: np.ndarray
    woman: np.ndarray
    given: np.ndarray
    family: np.ndarray
    joined: np.ndarray


def let(units: Units, stock: Stock, rng: np.random.Generator) -> tuple[Tenancies, Voids]:
    """The tenancies of a chunk's units, newest last for each unit, and the empty spells of its homes."""
    count = len(units.post)
    need = stock.need[units.post]
    home, garage = units.kind == "home", units.kind == "garage"
    rented = home & (units.tenure == "rent")
    empty = rented & (rng.random(count) < 0.016 + 0.006 * np.clip(need, 0, 2))
    empty |= garage & (rng.random(count) < 0.35)
    has_live = (home | garage) & ~empty

    long_ago = rng.exponential(3_300 - 500 * np.clip(need, -1, 2), count).astype(np.int64) + 5
    first_day = np.maximum(units.acquired, np.datetime64("1974-04-01"))
    start = np.maximum(AS_AT - np.minimum(long_ago, 17_000), first_day)
    gap = rng.gamma(2.2, 14 + 5 * np.clip(need, 0, 3), count).astype(np.int64) + 4
    since = rng.exponential(45, count).astype(np.int64) + 4
    ended = np.where(empty, AS_AT - np.minimum(since, 700), start - gap)
    earlier_start = ended - rng.exponential(2_400, count).astype(np.int64) - 60
    earlier_start = np.maximum(earlier_start, first_day)
    recent = empty | (start > AS_AT - 730)
    has_earlier = rented & recent & (ended - earlier_start > np.timedelta64(30, "D"))
    new_build = (
        rented & empty & ~has_earlier
    )  # empty with nobody before: let it, so that every void has a tenancy before
    has_live |= new_build
    empty &= ~new_build

    kind = np.select([garage, units.tenure == "shared", units.tenure == "lease", start >= np.datetime64("2025-08-01")],
                     ["garage", "shared_ownership", "leasehold", "introductory"], "secure")  # fmt: skip
    unit = np.concatenate([np.flatnonzero(has_earlier), np.flatnonzero(has_live)])
    earlier = np.arange(len(unit)) < has_earlier.sum()
    order = np.where(earlier, 1, 1 + has_earlier[unit])
    n = len(unit)
    reason = rng.choice(np.array(END_REASONS, dtype=object), n, p=[0.22, 0.2, 0.18, 0.17, 0.07, 0.08, 0.08])
    reason[~earlier] = ""
    is_garage = kind[unit] == "garage"
    adults = np.where(is_garage, 1, 1 + rng.binomial(2, 0.3, n))
    children = np.where(is_garage | (units.beds[unit] < 2), 0, rng.choice(5, n, p=[0.56, 0.2, 0.15, 0.07, 0.02]))
    tenancies = Tenancies(
        unit=unit, order=order, kind=np.where(earlier, "secure", kind[unit]).astype(object),
        start=np.where(earlier, earlier_start[unit], start[unit]), end=np.where(earlier, ended[unit], NO_DAY),
        reason=reason, live=~earlier, number=units.number[unit] * 100 + order, adults=adults, children=children,
        joint=(adults > 1) & (rng.random(n) < 0.55), balance=_balances(rng, need[unit], earlier, units.rent[unit]),
    )  # fmt: skip
    voids = _voids(units, rng, has_earlier, has_live, ended, start, reason[: has_earlier.sum()])
    return _by_unit(tenancies), voids


def _by_unit(tenancies: Tenancies) -> Tenancies:
    order = np.argsort(tenancies.number, kind="stable")
    return Tenancies(**{name: value[order] for name, value in vars(tenancies).items()})


def _balances(rng: np.random.Generator, need: np.ndarray, former: np.ndarray, rent: np.ndarray) -> np.ndarray:
    """Pence: most owe nothing or are a week or so ahead, a third owes something, a few owe much; more where need is."""
    n = len(need)
    chance = rng.random(n)
    owing = np.clip(0.3 + 0.07 * need, 0.1, 0.6)
    weeks = np.where(chance < owing, rng.gamma(0.75, 5.5 * np.exp(0.15 * need), n), -rng.gamma(0.8, 1.0, n))
    weeks = np.where((chance > 0.82) & ~former, 0, weeks)
    weeks = np.where(former, np.where(chance < 0.7, rng.gamma(0.9, 7, n), -rng.random(n)), weeks)
    return np.rint(weeks * np.where(rent > 0, rent, 1_500)).astype(np.int64)


def _voids(units: Units, rng: np.random.Generator, has_earlier: np.ndarray, has_live: np.ndarray, ended: np.ndarray,
           start: np.ndarray, reason: np.ndarray) -> Voids:  # fmt: skip
    unit = np.flatnonzero(has_earlier)
    n = len(unit)
    first, let_again = ended[unit] + 1, has_live[unit]
    end = np.where(let_again, start[unit], NO_DAY)
    length = (np.where(let_again, start[unit], AS_AT) - first).astype(np.int64)
    ready = first + np.maximum(0, (length * rng.uniform(0.55, 0.95, n)).astype(np.int64))
    ready = np.where(let_again | (rng.random(n) < 0.3), ready, NO_DAY)
    base = units.number[unit] * 100
    return Voids(unit, first, ready, end, reason, length > 60, base + 1, np.where(let_again, base + 2, 0))


def household(tenancies: Tenancies, rng: np.random.Generator) -> People:
    """Everyone of every tenancy: the first tenant, the other adults, the children."""
    size = tenancies.adults + tenancies.children
    tenancy = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(tenancy)) - np.repeat(np.cumsum(size) - size, size) + 1
    n = len(tenancy)
    second = place == 2
    adult = place <= tenancies.adults[tenancy]
    role = np.select([place == 1, adult & second & tenancies.joint[tenancy], adult & second, adult],
                     ["tenant", "joint", "partner", "other"], "child").astype(object)  # fmt: skip
    start = tenancies.start[tenancy]
    stop = np.where(tenancies.live[tenancy], AS_AT, tenancies.end[tenancy])
    length = (stop - start).astype(np.int64) // 365
    grown = start - (365.25 * np.clip(rng.gamma(5.5, 6, n), 18.5, np.maximum(19, 92 - length))).astype(np.int64)
    young = stop - (365.25 * rng.uniform(0.4, 17.4, n)).astype(np.int64)
    born = np.where(role == "child", young, grown)
    joined = np.maximum(start, born)
    woman = rng.random(n) < 0.53
    given = np.where(
        woman, names.WOMEN[rng.integers(0, len(names.WOMEN), n)], names.MEN[rng.integers(0, len(names.MEN), n)]
    )
    family_of_tenancy = names.FAMILIES[rng.integers(0, len(names.FAMILIES), len(size))]
    own = rng.random(n) < 0.12
    family = np.where(own, names.FAMILIES[rng.integers(0, len(names.FAMILIES), n)], family_of_tenancy[tenancy])
    return People(tenancy, place, role, born, woman, given, family, joined)
