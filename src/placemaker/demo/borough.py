"""The made-up borough of Hollowbrook and the made-up country round it: areas, their need, their postcodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placemaker.demo.tiling import Tiling, share_out, tile

AUTHORITIES = (
    "Hollowbrook", "Ashmarrow", "Brackenmoor", "Cindermere", "Dunwold", "Eastwick Vale", "Fennelby", "Gorseden",
    "Harrowdale", "Inkpenshire", "Jackdaw Bay", "Kelderwick",
)  # fmt: skip
REGIONS = ("Upper Marl", "Lower Marl", "The Saltings")
WARDS = (
    "Abbey Lode", "Butterfield", "Castle Hythe", "Dovecote", "Elmsworthy", "Foundry", "Gallowtree", "Hollow Mill",
    "Ivystone", "Jubilee", "Kingfisher", "Lockside", "Mossgate", "Northolm", "Orchard Row", "Priory",
)  # fmt: skip
SMALLEST_SHARE = 40
"""Homes an area needs before a landlord of a few hundred homes is spread over one more."""
POSTCODES_AT_MOST = 1_100_000
"""The districts ZZ0 to ZZ99 and ZZ1A to ZZ9Y hold some more than this."""
HOMES_A_POSTCODE = 16
BOROUGH_NEED = 0.55
"""Latent deprivation of the borough as a whole: a place with more need than most, and leafy edges."""


@dataclass(frozen=True)
class Country:
    """Arrays of one value an area, the borough's own areas first (`local` of them)."""

    tiling: Tiling
    local: int
    lad: np.ndarray
    rgn: np.ndarray  # region of each authority
    msoa: np.ndarray
    ward: np.ndarray
    need: np.ndarray
    """Latent deprivation, about normal: 0 the middle of the country, 2 among its worst areas."""
    social: np.ndarray
    """Share of households that rent from the council."""
    households: np.ndarray
    population: np.ndarray
    homes: np.ndarray
    """The landlord's homes in each local area."""

    @property
    def areas(self) -> int:
        return len(self.lad)

    @cached_property
    def codes(self) -> np.ndarray:
        return numbered("X01", self.areas)

    @cached_property
    def names(self) -> list[str]:
        """A middle area's name and a letter, as the real ones are named."""
        letter = np.zeros(self.areas, dtype=np.int64)
        order = np.argsort(self.msoa, kind="stable")
        firsts = np.searchsorted(self.msoa[order], self.msoa[order])
        letter[order] = np.arange(self.areas) - firsts
        middle = self.msoa_names
        return [middle[m] + (chr(65 + n % 26) * (1 + n // 26)) for m, n in zip(self.msoa, letter, strict=True)]

    @cached_property
    def msoa_names(self) -> list[str]:
        lad = self.lad_of(self.msoa)
        firsts = np.searchsorted(lad, lad)
        return [
            f"{AUTHORITIES[a]} {number + 1:03d}" for a, number in zip(lad, np.arange(len(lad)) - firsts, strict=True)
        ]

    @cached_property
    def ward_names(self) -> list[str]:
        lad = self.lad_of(self.ward)
        firsts = np.searchsorted(lad, lad)
        numbers = np.arange(len(lad)) - firsts
        return [
            _ward_name(n) if a == 0 else f"{AUTHORITIES[a]} Ward {n + 1}" for a, n in zip(lad, numbers, strict=True)
        ]

    def lad_of(self, groups: np.ndarray) -> np.ndarray:
        """The authority of each group of areas, in the order of the groups."""
        found = np.zeros(groups.max() + 1, dtype=np.int64)
        found[groups] = self.lad
        return found


def _ward_name(number: int) -> str:
    again = number // len(WARDS)
    return WARDS[number % len(WARDS)] + (f" {again + 1}" if again else "")


def numbered(prefix: str, count: int) -> np.ndarray:
    """Codes such as X01000001, as text."""
    return np.array([f"{prefix}{number:06d}" for number in range(1, count + 1)], dtype=object)


def country(seed: int, homes: int) -> Country:
    """The country whose borough is big enough for so many homes: 150 areas for 12,000, more for more."""
    rng = np.random.default_rng([seed, 1])
    local = 150 * max(1, round(homes / 12_000))
    others = 1_200
    tiling = tile(rng, local + others, core=0.36)
    tiling = _borough_first(tiling, local)
    centres = tiling.centres
    reach = np.hypot(*(centres - centres.mean(axis=0)).T).max()

    lad = np.zeros(local + others, dtype=np.int64)
    lad[local:] = 1 + _round_the_middle(centres[local:] - centres[:local].mean(axis=0), len(AUTHORITIES) - 1)
    rgn = np.array([0] + [1 + (number * 2) // (len(AUTHORITIES) - 1) for number in range(len(AUTHORITIES) - 1)])
    rgn[[1, 2]] = 0  # the borough's region has two neighbours in it
    msoa, ward = np.zeros_like(lad), np.zeros_like(lad)
    for groups, size in ((msoa, 5), (ward, 12.5)):
        first = 0
        for authority in range(len(AUTHORITIES)):
            members = np.flatnonzero(lad == authority)
            parts = max(1, round(len(members) / size))
            groups[members] = first + share_out(centres[members], parts)
            first += parts

    need, pocket = _need(rng, centres, reach, local)
    share = 1 / (1 + np.exp(2.75 - 0.75 * need - 1.7 * pocket + rng.normal(0, 0.35, len(need))))
    households = np.clip(rng.normal(680, 110, len(need)), 420, 1_150).astype(np.int64)
    population = np.rint(households * np.clip(rng.normal(2.38 + 0.06 * need, 0.16, len(need)), 1.9, 3.1)).astype(
        np.int64
    )
    stock = _spread(share[:local] * households[:local], homes)
    return Country(tiling, local, lad, rgn, msoa, ward, need, share, households, population, stock)


def _borough_first(tiling: Tiling, local: int) -> Tiling:
    """The same tiling with the areas nearest its middle in front."""
    away = tiling.centres - tiling.centres.mean(axis=0)
    angle = np.arctan2(away[:, 1], away[:, 0])
    shape = 1 + 0.16 * np.cos(2 * angle + 0.8) + 0.09 * np.cos(3 * angle) + 0.05 * np.cos(7 * angle + 2)
    order = np.argsort(np.hypot(*away.T) / shape, kind="stable")
    order = np.concatenate([np.sort(order[:local]), np.sort(order[local:])])
    return Tiling(tiling.corners[order], tiling.edges[order], tiling.xy, tiling.points)


def _round_the_middle(away: np.ndarray, parts: int) -> np.ndarray:
    """Slices of a ring, of the same number of areas each."""
    turn = np.argsort(np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable"), kind="stable")
    return turn * parts // len(turn)


def _need(rng: np.random.Generator, centres: np.ndarray, reach: float, local: int) -> tuple[np.ndarray, np.ndarray]:
    """Latent deprivation: broad hills, estates as pockets, and chance; and the pockets alone."""
    hills = np.zeros(len(centres))
    for _ in range(14):
        top = centres[rng.integers(len(centres))]
        hills += rng.normal(0.3, 0.9) * np.exp(-((np.hypot(*(centres - top).T) / (0.22 * reach)) ** 2))
    pocket = np.zeros(len(centres))
    width = 0.85 * np.sqrt(np.hypot(*np.ptp(centres[:local], axis=0)) ** 2 / local)
    seats = np.concatenate(
        [
            rng.choice(local, max(5, local // 18), replace=False),
            local + rng.choice(len(centres) - local, (len(centres) - local) // 24, replace=False),
        ]
    )
    for seat in seats:
        near = np.exp(-((np.hypot(*(centres - centres[seat]).T) / width) ** 2))
        pocket = np.maximum(pocket, near * rng.uniform(0.7, 1.0))
    need = hills + 2.0 * pocket + rng.normal(0, 0.45, len(centres))
    need = (need - need.mean()) / need.std()
    middle = centres[:local].mean(axis=0)
    away = np.hypot(*(centres - middle).T) / np.hypot(*(centres[:local] - middle).T).max()
    fade = np.exp(-(away**6) / 4)
    for _ in range(3):  # each turn moves the borough, then sets the country's mean and spread again
        need -= (need[:local].mean() - BOROUGH_NEED) * fade / fade[:local].mean()
        need = (need - need.mean()) / need.std()
    return need, pocket


def _spread(weights: np.ndarray, homes: int) -> np.ndarray:
    """`homes` over areas in proportion to `weights`, whole numbers that add up; few homes go to few areas."""
    wanted = int(np.clip(homes // SMALLEST_SHARE, min(12, len(weights)), len(weights)))
    kept = np.zeros_like(weights)
    best = np.argsort(-weights, kind="stable")[:wanted]
    kept[best] = weights[best]
    exact = kept / kept.sum() * homes
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(-(exact - whole), kind="stable")[: homes - whole.sum()]] += 1
    return whole


@dataclass(frozen=True)
class Postcodes:
    """One value a postcode of the borough, in the order of its areas."""

    text: np.ndarray
    area: np.ndarray
    xy: np.ndarray
    homes: np.ndarray
    """The landlord's homes at each postcode."""


def postcodes(seed: int, place: Country) -> Postcodes:
    """Postcodes of 15 to 20 homes, for the landlord's homes and for some of their neighbours'."""
    rng = np.random.default_rng([seed, 2])
    needed = -(-place.homes // HOMES_A_POSTCODE)
    room = max(1, POSTCODES_AT_MOST // place.local)
    each = np.maximum(needed, np.minimum(-(-place.households[: place.local] // 17), room))
    area = np.repeat(np.arange(place.local), each)
    first = np.cumsum(each) - each
    number = np.arange(len(area)) - np.repeat(first, each)
    used = number < needed[area]
    count = np.maximum(needed[area], 1)
    share = place.homes[area] // count + (number < place.homes[area] % count)
    return Postcodes(postcode_texts(len(area)), area, place.tiling.inside(rng, area), np.where(used, share, 0))


_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def postcode_texts(count: int) -> np.ndarray:
    """The first `count` postcodes of the area ZZ, which Royal Mail does not use: ZZ1 1AA, ZZ1 1AB ..."""
    outward = [f"ZZ{n}" for n in range(1, 10)] + [f"ZZ{n}" for n in range(10, 100)]
    outward += [f"ZZ{n}{letter}" for n in range(1, 10) for letter in "ABCDEFGHJKLMNPQRSTUVWXY"] + ["ZZ0"]
    inward = [f"{(n + 1) % 10}{a}{b}" for n in range(10) for a in _LETTERS for b in _LETTERS]
    if count > len(outward) * len(inward):
        raise ValueError(f"there are {len(outward) * len(inward):,} made-up postcodes, fewer than {count:,}")
    # 1,000 a district, so that a small borough has several districts
    step = 1_000 if count <= 1_000 * len(outward) else len(inward)
    return np.array([f"{outward[n // step]} {inward[n % step]}" for n in range(count)], dtype=object)
