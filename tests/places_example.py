"""A made-up district of nine square LSOAs, one kilometre each, for tests of places: the folder, recipe and a home."""

from __future__ import annotations

import csv
import json
from importlib.metadata import version
from pathlib import Path

import duckdb
import yaml

from placemaker.places.directory import WHEEL

#: The lower left corner of the district, in metres of the National Grid.
E0, N0 = 400_000, 300_000

#: The nine LSOAs, X01000001 at the lower left, X01000003 at the lower right, X01000009 at the upper right.
LSOAS = [f"X0100000{at}" for at in range(1, 10)]

RECIPE = {
    "name": "squares",
    "title": "The squares",
    "covers": "Squareshire",
    "vintage": "2021",
    "made_up": True,
    "publisher": "Nobody's Office for Statistics",
    "licence": "CC0",
    "attribution": "Made up.",
    "recodes": {"file": "recodes.csv", "code": "code", "live": "live", "name": "name", "country": "country"},
    "areas": [
        {
            "layer": "lsoa21",
            "file": "lsoas.csv",
            "code": "lsoa",
            "name": "name",
            "parents": {"msoa21": "msoa", "lad24": "lad"},
            "population": {"file": "residents.csv", "code": "lsoa", "value": "total"},
            "households": "households",
        },
        {"layer": "msoa21", "file": "lsoas.csv", "code": "msoa", "parents": {"lad24": "lad"}},
        {"layer": "lad24", "file": "lsoas.csv", "code": "'X07000001'", "name": "'Squareshire'"},
    ],
    "layers": [{"layer": "lsoa21", "file": "lsoas.geojson", "code": "lsoa"}],
    "postcodes": {
        "file": "postcodes.csv",
        "postcode": "postcode",
        "lad": "lad",
        "e": "e",
        "n": "n",
        "snap": "snap",
        "codes": {"lsoa21": "lsoa"},
    },
    "datasets": [
        {
            "name": "tenure_lsoa21",
            "title": "Tenure",
            "file": "tenure.csv",
            "layer": "lsoa21",
            "code": "lsoa",
            "version": "Census 2021",
            "publisher": "The census of squares",
        },
        {
            "name": "health_lsoa21",
            "title": "Health",
            "file": "health_long.csv",
            "where": "measure = 'Count'",
            "layer": "lsoa21",
            "code": "area",
            "long": {"column": "split_part(category, ':', 1)", "value": "value"},
        },
    ],
}


def square(at: int) -> list[list[int]]:
    """The ring of the LSOA at this position, 0 to 8."""
    e, n = E0 + 1000 * (at % 3), N0 + 1000 * (at // 3)
    return [[e, n], [e + 1000, n], [e + 1000, n + 1000], [e, n + 1000], [e, n]]


def postcodes() -> list[tuple[str, str, int, int]]:
    """Four postcodes in each LSOA, at 200 and 800 m from its corner: (postcode, lsoa, e, n)."""
    rows = []
    for at, lsoa in enumerate(LSOAS):
        e, n = square(at)[0]
        for number, (right, up) in enumerate(((200, 200), (800, 200), (200, 800), (800, 800))):
            rows.append((f"ZZ{at + 1} {number + 1}AA", lsoa, e + right, n + up))
    return rows


def write_folder(folder: Path) -> Path:
    """The files of the squares in ``folder``, with recipe.yaml; returns the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    # MSOA X02000001 is the lower six squares, X02000002 the upper three; the lookup has the district's older code.
    lsoas = [
        (lsoa, f"Square {at + 1}", "X02000001" if at < 6 else "X02000002", "X07000009", 100 + at)
        for at, lsoa in enumerate(LSOAS)
    ]
    _write(folder / "lsoas.csv", ["lsoa", "name", "msoa", "lad", "households"], lsoas)
    # A row of another place: it must not come into the pack.
    residents = [(lsoa, 200 + 10 * at) for at, lsoa in enumerate(LSOAS)] + [("E01000001", 5)]
    _write(folder / "residents.csv", ["lsoa", "total"], residents)
    recodes = [
        ("X07000001", "X07000001", "Squareshire", "Nowhere"),
        ("X07000009", "X07000001", "Squareshire", "Nowhere"),
    ]
    _write(folder / "recodes.csv", ["code", "live", "name", "country"], recodes)
    rows = [(code, lsoa, e, n, 7 if code == "ZZ9 4AA" else 0, "X07000009") for code, lsoa, e, n in postcodes()]
    _write(folder / "postcodes.csv", ["postcode", "lsoa", "e", "n", "snap", "lad"], rows)
    tenure = [(lsoa, 100, 10 * at) for at, lsoa in enumerate(LSOAS)] + [("E01000001", 1, 1)]
    _write(folder / "tenure.csv", ["lsoa", "total", "social_rented"], tenure)
    long = [
        (lsoa, category, "Count", value)
        for lsoa in LSOAS
        for category, value in (("Good: very", 3), ("Good: quite", 4), ("Bad or very bad", 2))
    ]
    _write(folder / "health_long.csv", ["area", "category", "measure", "value"], [*long, (LSOAS[0], "Bad", "%", 99)])
    features = [
        {
            "type": "Feature",
            "properties": {"lsoa": lsoa},
            "geometry": {"type": "Polygon", "coordinates": [square(at)]},
        }
        for at, lsoa in enumerate(LSOAS)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    plain = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "lsoas.geojson").write_text(json.dumps(plain), "utf-8")
    return write_recipe(folder)


def write_recipe(folder: Path, **changes: object) -> Path:
    """recipe.yaml of the squares with some of its keys changed (None takes one out)."""
    recipe = {key: value for key, value in {**RECIPE, **changes}.items() if value is not None}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, sort_keys=False), "utf-8")
    return path


def write_uk_postcodes(home: Path) -> None:
    """A few real postcodes as the installation's own file, so that a test need not read the whole wheel."""
    home.mkdir(parents=True, exist_ok=True)
    rows = [
        ("EH1 1YZ", "S12000036", 325_800, 673_900),
        ("CF10 1EP", "W06000015", 318_400, 176_400),
        ("BT1 5GS", "N09000003", 333_800, 374_000),
        ("SW1A 1AA", "E09000033", 529_090, 179_645),
        ("JE2 3AB", "L93000001", None, None),
        ("AB11 3AG", None, None, None),
    ]
    con = duckdb.connect()
    con.execute("create table uk (postcode varchar, lad varchar, e integer, n integer)")
    con.executemany("insert into uk values (?, ?, ?, ?)", rows)
    con.execute(
        f"copy (from uk order by postcode) to '{home / 'postcodes.parquet'}' "
        f"(format parquet, kv_metadata {{edition: '{version(WHEEL)}'}})"
    )


def _write(path: Path, heading: list[str], rows: list[tuple]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)
