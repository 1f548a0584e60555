"""The made-up country as the official downloads would come: CSV and GeoJSON, with a recipe that makes a place pack."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from placemaker.demo import measures
from placemaker.demo.borough import AUTHORITIES, REGIONS, Country, Postcodes, numbered
from placemaker.demo.tiling import dissolve, write_geojson
from placemaker.demo.writing import write_table

MADE_UP = "made up"
_TITLES = {
    "iod2025_lsoa21": ("Indices of Deprivation 2025, scores, ranks and deciles", "2025"),
    "iod2025_indicators_lsoa21": ("Indices of Deprivation 2025, underlying indicators", "2025"),
    "iod2025_lad24": ("Indices of Deprivation 2025, summaries of authorities", "2025"),
    "iod2019_lsoa11": ("Indices of Deprivation 2019", "2019"),
    "iod2019_indicators_lsoa11": ("Indices of Deprivation 2019, underlying indicators", "2019"),
    "census21_tenure_lsoa21": ("Census 2021, tenure", "21 March 2021"),
    "census21_accommodation_lsoa21": ("Census 2021, accommodation type", "21 March 2021"),
    "census21_occupancy_lsoa21": ("Census 2021, occupancy rating for bedrooms", "21 March 2021"),
    "census21_deprivation_lsoa21": ("Census 2021, dimensions of deprivation", "21 March 2021"),
    "census21_disability_lsoa21": ("Census 2021, disability", "21 March 2021"),
    "census21_ethnic_group_lsoa21": ("Census 2021, ethnic group", "21 March 2021"),
    "census21_religion_lsoa21": ("Census 2021, religion", "21 March 2021"),
    "census21_age6_lsoa21": ("Census 2021, age in six bands", "21 March 2021"),
    "fuel_poverty_lsoa21": ("Fuel poverty", "2021 and 2022"),
    "loneliness_modelled_lsoa21": ("Loneliness, modelled", "2020/21"),
}


def write_place(folder: Path, seed: int, place: Country, posts: Postcodes) -> None:
    """Write place/: areas, boundaries, postcodes, datasets and recipe.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    _areas(folder, place)
    _boundaries(folder, place)
    lad = np.full(len(posts.text), numbered("X07", 1)[0], dtype=object)
    write_table(folder / "postcodes.csv", {
        "postcode": posts.text, "lad24cd": lad, "e": posts.xy[:, 0], "n": posts.xy[:, 1],
        "lsoa21cd": place.codes[posts.area],
    })  # fmt: skip
    tables = datasets(seed, place)
    for name, columns in tables.items():
        write_table(folder / "data" / f"{name}.csv", columns)
    (folder / "recipe.yaml").write_text(_recipe(tables), "utf-8")


def datasets(seed: int, place: Country) -> dict[str, measures.Columns]:
    """Every made-up dataset by name."""
    rng = np.random.default_rng([seed, 3])
    iod = measures.deprivation(rng, place)
    numbers = measures.underlying(rng, place, iod)
    tables = {"iod2025_lsoa21": iod, "iod2025_indicators_lsoa21": numbers}
    tables |= {"iod2025_lad24": measures.summaries(place, iod, numbers)}
    tables |= measures.census(rng, place) | measures.others(rng, place)
    return tables | measures.earlier(rng, place)


def _areas(folder: Path, place: Country) -> None:
    centres = np.rint(place.tiling.centres).astype(np.int64)
    msoa, ward = numbered("X02", place.msoa.max() + 1), numbered("X05", place.ward.max() + 1)
    lad, rgn = numbered("X07", len(AUTHORITIES)), numbered("X12", len(REGIONS))
    write_table(folder / "areas.csv", {
        "lsoa21cd": place.codes, "lsoa21nm": place.names, "msoa21cd": msoa[place.msoa], "ward24cd": ward[place.ward],
        "lad24cd": lad[place.lad], "rgn24cd": rgn[place.rgn[place.lad]], "ctrycd": ["X92000001"] * place.areas,
        "e": centres[:, 0], "n": centres[:, 1], "population": place.population, "households": place.households,
    })  # fmt: skip
    write_table(folder / "middle_areas.csv", {
        "msoa21cd": msoa, "msoa21nm": place.msoa_names, "lad24cd": lad[place.lad_of(place.msoa)],
    })  # fmt: skip
    write_table(folder / "wards.csv", {
        "ward24cd": ward, "ward24nm": place.ward_names, "lad24cd": lad[place.lad_of(place.ward)],
    })  # fmt: skip
    write_table(folder / "authorities.csv", {
        "lad24cd": lad, "lad24nm": [f"{name} ({MADE_UP})" for name in AUTHORITIES], "rgn24cd": rgn[place.rgn],
    })  # fmt: skip
    write_table(folder / "regions.csv", {
        "rgn24cd": rgn, "rgn24nm": [f"{name} ({MADE_UP})" for name in REGIONS], "ctrycd": ["X92000001"] * len(rgn),
    })  # fmt: skip
    write_table(
        folder / "countries.csv", {"ctrycd": ["X92000001"], "ctrynm": [f"Marlshire and the Saltings ({MADE_UP})"]}
    )
    write_table(folder / "lsoa11_lsoa21.csv", {
        "lsoa11cd": place.codes, "lsoa21cd": place.codes, "change": ["U"] * place.areas,
    })  # fmt: skip


def _boundaries(folder: Path, place: Country) -> None:
    tiling = place.tiling
    fine = (({"lsoa21cd": place.codes[area], "lsoa21nm": place.names[area]}, tiling.outline(area))
            for area in range(place.areas))  # fmt: skip
    write_geojson(folder / "lsoa21.geojson", fine, f"Areas of Hollowbrook and its country ({MADE_UP})")
    coarse = (
        ("msoa21", "X02", place.msoa, place.msoa_names, "Middle areas"),
        ("ward24", "X05", place.ward, place.ward_names, "Wards"),
        ("lad24", "X07", place.lad, list(AUTHORITIES), "Authorities"),
        ("rgn24", "X12", place.rgn[place.lad], list(REGIONS), "Regions"),
    )
    for layer, prefix, groups, names, title in coarse:
        shapes = dissolve(tiling, groups)
        features = (({f"{layer}cd": f"{prefix}{g + 1:06d}", f"{layer}nm": names[g]}, shapes[g]) for g in shapes)
        write_geojson(folder / f"{layer}.geojson", features, f"{title} ({MADE_UP})")


def _recipe(tables: dict[str, measures.Columns]) -> str:
    entries = []
    for name in tables:
        title, period = _TITLES[name]
        code = next(iter(tables[name]))
        entries.append(
            f"  - {{name: {name}, title: '{title} ({MADE_UP})', file: data/{name}.csv, "
            f"layer: {code.removesuffix('cd')}, code: {code}, period: '{period}'}}"
        )
    return _RECIPE + "\n".join(entries) + "\n"


_RECIPE = f"""# How the files of this folder make a place pack. Everything here is made up: no such place exists.
name: hollowbrook
title: Hollowbrook ({MADE_UP})
covers: the borough of Hollowbrook and its country, which are made up
vintage: '2026'
made_up: true
publisher: Placemaker demo
licence: CC0 1.0 ({MADE_UP} figures)
attribution: Hollowbrook, its country and every figure about them are made up by Placemaker's demo.
areas:
  - layer: lsoa21
    title: Areas ({MADE_UP})
    file: areas.csv
    code: lsoa21cd
    name: lsoa21nm
    parents: {{msoa21: msoa21cd, ward24: ward24cd, lad24: lad24cd, rgn24: rgn24cd, ctry: ctrycd}}
    e: e
    n: n
    population: population
    households: households
  - {{layer: lsoa11, title: Areas of 2011 ({MADE_UP}), file: areas.csv, code: lsoa21cd, name: lsoa21nm,
     parents: {{lad24: lad24cd, rgn24: rgn24cd, ctry: ctrycd}}, population: population, households: households}}
  - layer: msoa21
    title: Middle areas ({MADE_UP})
    file: middle_areas.csv
    code: msoa21cd
    name: msoa21nm
    parents: {{lad24: lad24cd}}
  - {{layer: ward24, title: Wards ({MADE_UP}), file: wards.csv, code: ward24cd, name: ward24nm,
     parents: {{lad24: lad24cd}}}}
  - layer: lad24
    title: Authorities ({MADE_UP})
    file: authorities.csv
    code: lad24cd
    name: lad24nm
    parents: {{rgn24: rgn24cd}}
  - {{layer: rgn24, title: Regions ({MADE_UP}), file: regions.csv, code: rgn24cd, name: rgn24nm,
     parents: {{ctry: ctrycd}}}}
  - {{layer: ctry, title: The country ({MADE_UP}), file: countries.csv, code: ctrycd, name: ctrynm}}
layers:
  - {{layer: lsoa21, file: lsoa21.geojson, code: lsoa21cd, name: lsoa21nm}}
  - {{layer: msoa21, file: msoa21.geojson, code: msoa21cd, name: msoa21nm}}
  - {{layer: ward24, file: ward24.geojson, code: ward24cd, name: ward24nm}}
  - {{layer: lad24, file: lad24.geojson, code: lad24cd, name: lad24nm}}
  - {{layer: rgn24, file: rgn24.geojson, code: rgn24cd, name: rgn24nm}}
postcodes: {{file: postcodes.csv, postcode: postcode, lad: lad24cd, e: e, n: n, codes: {{lsoa21: lsoa21cd}}}}
links:
  - {{from: lsoa11, to: lsoa21, file: lsoa11_lsoa21.csv, from_code: lsoa11cd, to_code: lsoa21cd, change: change}}
datasets:
"""
