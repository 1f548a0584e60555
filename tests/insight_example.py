"""A made-up country of 24 LSOAs in two districts, as a place pack, and a landlord there, for tests of insight."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from placemaker.insight import catalogue, expression
from placemaker.insight.longtable import datasets_named
from placemaker.places import Fit, Neighbourhood, Pack

#: Twelve LSOAs of the district X07000001, then twelve of X07000002. Their rank of deprivation is their number.
LSOAS = [f"X010000{at:02d}" for at in range(1, 25)]
RESIDENTS = {code: 1000 + 10 * at for at, code in enumerate(LSOAS, 1)}
HOUSEHOLDS = {code: 400 + at for at, code in enumerate(LSOAS, 1)}
#: This area's count of income-deprived people is withheld by the publisher.
WITHHELD = LSOAS[4]

OLD = [f"X011000{at:02d}" for at in range(1, 25)]
#: LSOAs of 2011: the first became two, the third and fourth became one, the others did not change.
#: Old and new LSOA, change and the share of the old one that went to the new one.
LINKS = (
    [(OLD[0], LSOAS[0], "S", 0.25), (OLD[0], LSOAS[1], "S", 0.75)]
    + [(OLD[2], LSOAS[2], "M", 1.0), (OLD[3], LSOAS[2], "M", 1.0)]
    + [(OLD[at], LSOAS[at], "U", 1.0) for at in range(4, 24)]
)
_OLD_CODES = sorted({old for old, *_ in LINKS})


def value(dataset: str, column: str, code: str) -> float | None:
    """The value of a column for an area: made of its number, so that a test can work it out."""
    at = int(code[-2:])
    if column == "population_mid2019":
        return 900 + at
    if column.endswith("_rank"):
        return at
    if column.endswith("_decile"):
        return (at - 1) * 10 // 24 + 1
    if column == "total":
        return HOUSEHOLDS[code] if "tenure" in dataset else RESIDENTS[code]
    if column.startswith("households_"):
        return HOUSEHOLDS[code]
    if column == "income_domain_numerator":
        return None if code == WITHHELD else 10 * at
    if column == "social_rented_other_social_rented":
        return 8 * at
    if column.endswith("_score"):
        return 100 - 3 * at
    return float(at)


def make_pack(folder: Path) -> Pack:
    """The pack in ``folder``."""
    (folder / "data").mkdir(parents=True)
    con = duckdb.connect()
    resources = []

    def write(name: str, path: str, rows: list[dict], **about) -> None:
        lines = folder / "rows.jsonl"
        lines.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        types = {name: _type(row[name] for row in rows) for name in rows[0]}
        con.execute(f"copy (from read_json('{lines}', format = 'newline_delimited', columns = {types})) "
                    f"to '{folder / path}' (format parquet)")  # fmt: skip
        lines.unlink()
        base = {"title": name, "publisher": "Nobody", "licence": "CC0", "version": "1", "hash": name, "layer": ""}
        resources.append({"name": name, "path": path, "rows": len(rows), **base, **about})

    empty = dict.fromkeys(("lsoa21", "lsoa11", "lad24", "rgn24", "ctry"))
    areas = [
        {"layer": "lsoa21", "code": code, "name": f"Area {at}", **empty, "lad24": _lad(at), "rgn24": "X12000001",
         "ctry": "X92000001", "population": RESIDENTS[code], "households": HOUSEHOLDS[code]}
        for at, code in enumerate(LSOAS, 1)
    ]  # fmt: skip
    areas += [
        {"layer": "lsoa11", "code": code, "name": code, **empty, "population": 900 + int(code[-2:]), "households": None}
        for code in _OLD_CODES
    ]
    for layer, code, name in (
        ("lad24", "X07000001", "Eastham"), ("lad24", "X07000002", "Westham"),
        ("rgn24", "X12000001", "The Ham"), ("ctry", "X92000001", "Hamland"),
    ):  # fmt: skip
        areas.append({"layer": layer, "code": code, "name": name, **empty, "population": None, "households": None})
    write("areas", "areas.parquet", areas, kind="areas", code="code")
    links = [{"lsoa11": o, "lsoa21": n, "change": c, "share_of_lsoa11": s} for o, n, c, s in LINKS]
    write("lsoa11_lsoa21", "links.parquet", links, kind="links")
    for dataset, columns in _columns().items():
        layer = dataset.rsplit("_", 1)[1]
        if layer not in ("lsoa21", "lsoa11"):
            continue
        codes = LSOAS if layer == "lsoa21" else _OLD_CODES
        rows = [{f"{layer}cd": code} | {name: value(dataset, name, code) for name in columns} for code in codes]
        write(dataset, f"data/{dataset}.parquet", rows, kind="dataset", layer=layer, code=f"{layer}cd")
    plain = {
        "name": "hamland", "title": "Hamland", "version": "2021", "covers": "Hamland", "made_up": True,
        "attribution": "Made up.", "finest": "lsoa21", "resources": resources,
        "layers": {"lsoa21": "LSOAs 2021", "lsoa11": "LSOAs 2011", "lad24": "Districts", "rgn24": "Regions",
                   "ctry": "Countries"},
    }  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(plain), "utf-8")
    return Pack.open(folder)


def neighbourhood(*numbers: int, id: str = "here", homes: dict[int, int] | None = None) -> Neighbourhood:
    """The neighbourhood of these LSOAs, 1 to 24, and how many homes the landlord has in each."""
    total = sum((homes or {}).values())
    areas = tuple((LSOAS[at - 1], (homes or {}).get(at, 0) / total if total else 0.0) for at in numbers)
    fit = Fit("homes", total, total, 1.0, None, "")
    return Neighbourhood(id, id.title(), "codes", areas, "lsoa21", fit, None, total or None)


def _type(values) -> str:
    kinds = {type(one) for one in values if one is not None}
    return "double" if float in kinds else "bigint" if int in kinds else "varchar"


def _lad(at: int) -> str:
    return "X07000001" if at <= 12 else "X07000002"


def _columns() -> dict[str, list[str]]:
    """The columns of each dataset that the catalogue names."""
    found: dict[str, set[str]] = {"iod2019_lsoa11": {"population_mid2019"}}
    for indicator in catalogue().values():
        main = found.setdefault(indicator.dataset, set())
        for text in (indicator.numerator, indicator.denominator, indicator.weight if indicator.averaged else ""):
            for column in expression.parse(text).find_all(expression.exp.Column) if text else ():
                if column.table:
                    found.setdefault(column.table, set()).add(column.name)
                elif column.name not in ("population", "households", "areas_in_dataset"):
                    main.add(column.name)
        assert datasets_named(indicator) <= set(found)
    return {name: sorted(columns) for name, columns in found.items()}
