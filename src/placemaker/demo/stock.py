"""The landlord's stock: what stands at each of its postcodes. One value a postcode, so it stays small at any scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from placemaker.demo import names
from placemaker.demo.borough import Country, Postcodes
from placemaker.demo.tiling import share_out

FIRST_NUMBER = 100_001
"""The landlord's own number of its first unit."""
CHUNK_HOMES = 16_000
EXTRAS = ("garage", "shop", "community", "sold", "demolished")


@dataclass(frozen=True)
class Stock:
    """The landlord's postcodes in order. `homes` are in management; `extras` (five columns, as EXTRAS) are the rest."""

    area: np.ndarray
    need: np.ndarray
    text: np.ndarray
    xy: np.ndarray
    homes: np.ndarray
    extras: np.ndarray
    estate: np.ndarray
    patch: np.ndarray
    block: np.ndarray
    """Whether the homes at the postcode are one block of flats."""
    built: np.ndarray
    storeys: np.ndarray
    street: np.ndarray
    estate_names: tuple[str, ...]
    patch_names: tuple[str, ...]
    patch_of_estate: np.ndarray

    @property
    def total(self) -> int:
        """Homes in management."""
        return int(self.homes.sum())

    def chunks(self) -> Iterator[np.ndarray]:
        """Runs of postcodes of about 16,000 homes each."""
        run = np.cumsum(self.homes) // CHUNK_HOMES
        yield from np.split(np.arange(len(self.homes)), np.flatnonzero(np.diff(run)) + 1)


def make_stock(seed: int, place: Country, posts: Postcodes) -> Stock:
    """What the landlord has at each postcode where it has homes."""
    rng = np.random.default_rng([seed, 4])
    used = np.flatnonzero(posts.homes)
    area, homes = posts.area[used], posts.homes[used]
    need = place.need[area]
    count = len(used)

    areas = np.unique(area)
    weight = place.homes[areas]
    estates = min(len(areas), max(6, round(homes.sum() / 260)))
    patches = min(estates, max(3, round(homes.sum() / 800)))
    centres = place.tiling.centres[areas]
    patch_of_area = share_out(centres, patches, weight)
    estate_of_area = np.zeros(len(areas), dtype=np.int64)
    patch_of_estate: list[int] = []
    for patch in range(patches):
        members = np.flatnonzero(patch_of_area == patch)
        parts = min(len(members), max(1, round(estates * weight[members].sum() / weight.sum())))
        estate_of_area[members] = len(patch_of_estate) + share_out(centres[members], parts, weight[members])
        patch_of_estate += [patch] * parts
    at = np.searchsorted(areas, area)

    block = rng.random(count) < np.clip(0.34 + 0.12 * need, 0.05, 0.75)
    block &= homes >= 3
    garages = np.where(~block & (rng.random(count) < 0.1), rng.integers(6, 13, count), 0)
    shops = (rng.random(count) < 0.05) * rng.integers(1, 3, count)
    halls = (rng.random(count) < 0.03).astype(np.int64)
    sold = rng.binomial(homes, 0.0125)
    gone = np.where(rng.random(count) < 0.006, 8, 0)
    built = np.clip(np.rint(rng.normal(1962, 19, count) + 6 * block), 1905, 2021).astype(np.int64)
    built = np.where(rng.random(count) < 0.06, rng.integers(2008, 2023, count), built)
    return Stock(
        area=area, need=need, text=posts.text[used], xy=posts.xy[used], homes=homes,
        extras=np.stack([garages, shops, halls, sold, gone], axis=1), estate=estate_of_area[at],
        patch=patch_of_area[at],
        block=block, built=built,
        storeys=np.where(rng.random(count) < 0.15, rng.integers(5, 9, count), rng.integers(2, 5, count)),
        street=rng.integers(0, len(names.STREETS), count),
        estate_names=tuple(names.unique(names.ESTATES, n) for n in range(len(patch_of_estate))),
        patch_names=tuple(names.unique(names.PATCHES, n) for n in range(patches)),
        patch_of_estate=np.array(patch_of_estate),
    )  # fmt: skip


@dataclass(frozen=True)
class Units:
    """Units of one chunk: homes in management first, then the extras. `post` is the postcode's place in the stock."""

    post: np.ndarray
    number: np.ndarray
    """The landlord's own number; the reference is its text."""
    door: np.ndarray
    """House or flat number within the postcode, or the garage's."""
    kind: np.ndarray
    """home, or one of EXTRAS."""
    homes: int
    """How many of them are homes in management."""
    type: np.ndarray
    """house, bungalow, flat, maisonette or bedsit; empty for what is no home."""
    beds: np.ndarray
    tenure: np.ndarray
    """rent, shared, lease; empty for what is no home."""
    affordable: np.ndarray
    rent: np.ndarray
    """Weekly rent in pence, 0 where there is none."""
    acquired: np.ndarray
    left: np.ndarray
    sap: np.ndarray
    surveyed: np.ndarray


def units_of(stock: Stock, posts: np.ndarray, rng: np.random.Generator, as_at: np.datetime64) -> Units:
    """The units at these postcodes."""
    before_homes = int(stock.homes[: posts[0]].sum())
    before_extras = int(stock.extras[: posts[0]].sum())
    home_post = np.repeat(posts, stock.homes[posts])
    homes = len(home_post)
    extra_post = np.repeat(posts, stock.extras[posts].sum(axis=1))
    extra_kind = np.repeat(np.tile(np.array(EXTRAS, dtype=object), len(posts)), stock.extras[posts].ravel())
    post = np.concatenate([home_post, extra_post])
    kind = np.concatenate([np.full(homes, "home", dtype=object), extra_kind])
    number = FIRST_NUMBER + np.concatenate([
        before_homes + np.arange(homes), stock.total + before_extras + np.arange(len(extra_post)),
    ])  # fmt: skip
    door = np.concatenate([_within(home_post), _within(extra_post)]) + 1
    gone = (kind == "sold") | (kind == "demolished")
    door[gone] += 60  # numbers beyond those of the homes that are still there
    dwelling = (kind == "home") | gone

    count = len(post)
    block, chance = stock.block[post], rng.random(count)
    flat_kinds = np.where(chance < 0.8, "flat", np.where(chance < 0.93, "maisonette", "bedsit"))
    kinds = np.where(block, flat_kinds, np.where(chance < 0.8, "house", "bungalow")).astype(object)
    kinds[~dwelling] = ""
    beds = np.select(
        [kinds == "house", kinds == "bungalow", kinds == "flat", kinds == "maisonette"],
        [rng.choice([2, 3, 4, 5], count, p=[0.3, 0.58, 0.1, 0.02]), rng.choice([1, 2], count, p=[0.55, 0.45]),
         rng.choice([1, 2, 3], count, p=[0.48, 0.44, 0.08]), rng.choice([2, 3], count)], 0,
    )  # fmt: skip
    tenure = np.where(rng.random(count) < 0.97, "rent", np.where(block, "lease", "shared")).astype(object)
    tenure[~dwelling] = ""
    affordable = (rng.random(count) < np.where(stock.built[post] > 2007, 0.6, 0.03)) & (tenure == "rent")
    base = np.array([7_150, 8_020, 9_140, 10_230, 11_460, 12_900])[beds] * (1 - 0.02 * stock.need[post])
    rent = np.rint(base * np.where(affordable, 1.35, 1) * rng.uniform(0.94, 1.06, count)).astype(np.int64)
    rent[tenure == "shared"] = np.rint(rent[tenure == "shared"] * 0.7).astype(np.int64)
    rent[tenure == "lease"] = 0
    rent[kind == "garage"] = rng.integers(1_050, 1_650, (kind == "garage").sum())
    rent[gone] = 0

    april = (stock.built[post] + 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 91
    acquired = np.minimum(april, np.datetime64("2023-04-01"))
    span = (as_at - 60 - acquired).astype(np.int64)
    left = np.where(gone, acquired + (span * rng.uniform(0.5, 1, count)).astype(np.int64), np.datetime64("NaT", "D"))
    age = 2026 - stock.built[post]
    sap = np.clip(np.rint(rng.normal(74 - age * 0.11 - 1.2 * stock.need[post], 6)), 8, 96).astype(np.int64)
    surveyed = as_at - 40 - rng.integers(0, 3_300, count)
    surveyed = np.where(_christmas(surveyed), surveyed + 1, surveyed)
    return Units(post, number, door, kind, homes, kinds, beds, tenure, affordable, rent, acquired, left, sap, surveyed)


def _within(groups: np.ndarray) -> np.ndarray:
    """The place of each row among those of its group; groups come in runs."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def _christmas(days: np.ndarray) -> np.ndarray:
    months = days.astype("datetime64[M]")
    return ((months.astype(np.int64) % 12) == 11) & ((days - months).astype(np.int64) == 24)
