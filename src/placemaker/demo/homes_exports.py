"""Exports 1 and 2: the properties of the housing system, and the stock surveys of the asset system."""

from __future__ import annotations

import numpy as np

from placemaker.demo import names
from placemaker.demo.spoiling import Batch, New, constant
from placemaker.demo.stock import Stock, Units
from placemaker.demo.writing import day_first, pounds, texts

PROPERTIES = (
    "PROP_REF", "UPRN", "TYPE", "BLOCK_REF", "BLOCK_NAME", "STOREYS", "EST_CODE", "EST_NAME", "PATCH", "ADDR_1",
    "ADDR_2", "TOWN", "POSTCODE", "BEDS", "YR_BUILT", "TENURE", "RENT_GRP", "OWNER", "OWNER_NAME", "MGR", "STATUS",
    "ACQ_DATE", "DISP_DATE", "WKLY_RENT",
)  # fmt: skip
ASSETS = (
    "ASSET_NO", "ASSET_ADDRESS", "POSTCODE", "ARCHETYPE", "BEDS", "TENURE", "BUILD_YEAR", "SAP", "BAND", "SURVEY_DATE",
    "SURVEYOR",
)  # fmt: skip
_TYPES = {"house": "HSE", "bungalow": "BUN", "flat": "FLT", "maisonette": "MAI", "bedsit": "BED"}
_KINDS = {"garage": "GAR", "shop": "SHP", "community": "COM"}
_ARCHETYPES = {"house": "House", "bungalow": "Bungalow", "flat": "Flat", "maisonette": "Maisonette", "bedsit": "Bedsit"}


def references(numbers: np.ndarray) -> np.ndarray:
    """The landlord's references as the housing system writes them, with leading noughts."""
    return texts(numbers, "{:08d}")


def block_references(posts: np.ndarray) -> np.ndarray:
    return texts(posts + 1, "B{:06d}")


def _addresses(stock: Stock, units: Units) -> tuple[np.ndarray, np.ndarray]:
    street = names.STREETS[stock.street[units.post]]
    door = texts(units.door)
    flat = stock.block[units.post] & (units.type != "")
    named = names.BLOCKS[units.post % len(names.BLOCKS)]
    first = np.where(flat, "Flat " + door, door + " " + street)
    other = np.select([units.kind == "garage", units.kind == "shop", units.kind == "community"],
                      ["Garage " + door, "Shop " + door, "Community Room " + door], first)  # fmt: skip
    second = np.where(flat, named + " " + street, np.where(units.kind == "garage", "rear of " + street, ""))
    second = np.where((units.kind == "shop") | (units.kind == "community"), street, second)
    return other.astype(object), second.astype(object)


def properties(stock: Stock, units: Units) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of a chunk's units."""
    count = len(units.post)
    first, second = _addresses(stock, units)
    dwelling = units.type != ""
    in_block = stock.block[units.post] & dwelling
    type_ = np.array([_TYPES.get(t) or _KINDS[k] for t, k in zip(units.type, units.kind, strict=True)], dtype=object)
    status = np.select([units.kind == "sold", units.kind == "demolished"], ["SOLD", "DEMO"], "MGD").astype(object)
    rent_group = np.select(
        [units.affordable, units.tenure == "rent", units.tenure == "shared"], ["AFF", "SOC", "INT"], "NON"
    )
    gone = ~np.isnat(units.left)
    own = (stock.built[units.post] > 2007) | (units.post == 0)
    return texts(units.number), {
        "PROP_REF": references(units.number) + "  ",
        "UPRN": np.where(dwelling, texts(units.number + 990_000_000_000), ""),
        "TYPE": type_,
        "BLOCK_REF": np.where(in_block, block_references(units.post), ""),
        "BLOCK_NAME": constant("", count),
        "STOREYS": constant("", count),
        "EST_CODE": texts(stock.estate[units.post] + 1, "E{:03d}"),
        "EST_NAME": np.array(stock.estate_names, dtype=object)[stock.estate[units.post]],
        "PATCH": np.array(stock.patch_names, dtype=object)[stock.patch[units.post]],
        "ADDR_1": first,
        "ADDR_2": second,
        "TOWN": constant("HOLLOWBROOK", count),
        "POSTCODE": stock.text[units.post].copy(),
        "BEDS": np.where(dwelling, texts(units.beds), ""),
        "YR_BUILT": np.where(dwelling, texts(stock.built[units.post]), ""),
        "TENURE": np.select(
            [units.tenure == "rent", units.tenure == "shared", units.tenure == "lease"], ["GN", "SO", "LH"], ""
        ),
        "RENT_GRP": np.where(dwelling, rent_group, ""),
        "OWNER": np.where(own, "HH", "HBC").astype(object),
        "OWNER_NAME": np.where(own, "Hollowbrook Homes", "Hollowbrook Borough Council").astype(object),
        "MGR": constant("HH", count),
        "STATUS": status,
        "ACQ_DATE": day_first(units.acquired),
        "DISP_DATE": day_first(units.left),
        "WKLY_RENT": np.where((units.rent > 0) & ~gone, pounds(units.rent), ""),
    }


def blocks(stock: Stock, posts: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the blocks of flats, which the housing system keeps among its properties."""
    posts = posts[stock.block[posts]]
    count = len(posts)
    empty = {name: constant("", count) for name in PROPERTIES}
    own = stock.built[posts] > 2007
    return empty | {
        "PROP_REF": block_references(posts),
        "UPRN": texts(posts + 991_000_000_000),
        "TYPE": constant("BLK", count),
        "BLOCK_REF": block_references(posts),
        "BLOCK_NAME": names.BLOCKS[posts % len(names.BLOCKS)],
        "STOREYS": texts(stock.storeys[posts]),
        "EST_CODE": texts(stock.estate[posts] + 1, "E{:03d}"),
        "EST_NAME": np.array(stock.estate_names, dtype=object)[stock.estate[posts]],
        "PATCH": np.array(stock.patch_names, dtype=object)[stock.patch[posts]],
        "ADDR_1": names.BLOCKS[posts % len(names.BLOCKS)],
        "ADDR_2": names.STREETS[stock.street[posts]],
        "TOWN": constant("HOLLOWBROOK", count),
        "POSTCODE": stock.text[posts],
        "YR_BUILT": texts(stock.built[posts]),
        "OWNER": np.where(own, "HH", "HBC").astype(object),
        "OWNER_NAME": np.where(own, "Hollowbrook Homes", "Hollowbrook Borough Council").astype(object),
        "MGR": constant("HH", count),
        "STATUS": constant("MGD", count),
        "ACQ_DATE": constant("", count),
    }


def spoil_properties(batch: Batch, units: Units) -> None:
    """What is wrong with a real property list. Types and states stay, so that homes still add up."""
    home, columns = units.kind == "home", batch.columns
    flats, garage, sold = (
        home & np.isin(units.type, ("flat", "maisonette")),
        units.kind == "garage",
        units.kind == "sold",
    )
    rented = home & (units.tenure == "rent")

    def spoil(fault: str, rule: str, field: str, share: float, where: np.ndarray, **new: New) -> None:
        batch.spoil(fault, rule, field, share, where, **new)

    spoil(
        "own reference in the UPRN column",
        "home-uprn-is-own-reference",
        "uprn",
        0.03,
        home,
        UPRN=lambda rows: references(units.number[rows]),
    )
    spoil("words in the UPRN column", "home.uprn.pattern", "uprn", 0.01, home, UPRN="NOT YET ISSUED")
    spoil(
        "block's UPRN on its flats",
        "home-uprn-is-its-buildings",
        "uprn",
        0.02,
        flats,
        UPRN=lambda rows: texts(units.post[rows] + 991_000_000_000),
    )
    spoil(
        "O for 0 in the postcode",
        "home.postcode.pattern",
        "postcode",
        0.01,
        home,
        POSTCODE=lambda rows: np.array(
            [text[:-3] + "O" + text[-2:] for text in columns["POSTCODE"][rows]], dtype=object
        ),
    )
    spoil("no postcode", "home-has-a-postcode", "postcode", 0.01, home, POSTCODE="")
    spoil("status nobody knows", "home.status.code", "status", 0.03, garage, STATUS="QRY")
    spoil("garage with bedrooms", "garage-with-bedrooms", "bedrooms", 0.03, garage, BEDS="2")
    spoil("tenure nobody knows", "home.stock_tenure.code", "stock_tenure", 0.01, rented, TENURE="GNX")
    spoil("rent group nobody knows", "home.rent_type.code", "rent_type", 0.01, rented, RENT_GRP="LOC")
    spoil("bedrooms not known", "home-has-its-bedrooms", "bedrooms", 0.01, home, BEDS="")
    spoil("thirty bedrooms", "home.bedrooms.range", "bedrooms", 0.01, home, BEDS="30")
    spoil("house without a bedroom", "house-without-a-bedroom", "bedrooms", 0.01, units.type == "house", BEDS="0")
    spoil(
        "block that is not there",
        "home.building_ref.parent",
        "building_ref",
        0.02,
        flats,
        BLOCK_REF=lambda rows: texts(units.number[rows], "B9{}"),
    )
    spoil("sold without a day", "home-gone-without-a-date", "left_date", 0.05, sold, DISP_DATE="")
    spoil("sold before it came", "home-left-before-it-came", "left_date", 0.05, sold, DISP_DATE="01/01/1901")
    spoil(
        "left but still in management",
        "home-gone-but-still-in-management",
        "status",
        0.01,
        rented,
        DISP_DATE="01/04/2025",
    )
    spoil("day that is none", "home.acquired_date.type", "acquired_date", 0.01, home, ACQ_DATE="31/02/1974")
    spoil(
        "rent with its point moved",
        "rent-out-of-the-usual",
        "weekly_rent",
        0.01,
        rented,
        WKLY_RENT=lambda rows: pounds(units.rent[rows] * 10),
    )
    spoil("built in 2085", "home-built-in-the-future", "year_built", 0.01, home, YR_BUILT="2085", ACQ_DATE="")
    batch.copy("the same property twice", "home.home_ref.unique", "home_ref", 0.004, home)


def assets(stock: Stock, units: Units) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of the surveys of a chunk's homes."""
    homes = slice(0, units.homes)
    post, sap = units.post[homes], units.sap[homes]
    bands = np.array(list("GFEDCBA"), dtype=object)[np.searchsorted([21, 39, 55, 69, 81, 92], sap, side="right")]
    first, second = _addresses(stock, units)
    keys = texts(units.number[homes])
    address = [f'"{a}, {b}"' if b else a for a, b in zip(first[homes], second[homes], strict=True)]
    tenure = units.tenure[homes]
    return keys, {
        "ASSET_NO": keys.copy(),
        "ASSET_ADDRESS": np.array(address, dtype=object),
        "POSTCODE": stock.text[post].copy(),
        "ARCHETYPE": np.array([_ARCHETYPES[t] for t in units.type[homes]], dtype=object),
        "BEDS": texts(units.beds[homes]),
        "TENURE": np.select([tenure == "rent", tenure == "shared"], ["Rented", "Shared ownership"], "Leasehold"),
        "BUILD_YEAR": texts(stock.built[post]),
        "SAP": texts(sap),
        "BAND": bands,
        "SURVEY_DATE": day_first(units.surveyed[homes]),
        "SURVEYOR": texts(units.number[homes] % 7 + 1, "Surveyor {}"),
    }  # fmt: skip


def spoil_assets(batch: Batch, units: Units) -> None:
    """What is wrong with real stock surveys: years nobody knew, and surveys copied from one home to the next."""
    batch.spoil("year 1900", "home-year-is-a-default", "year_built", 0.04, BUILD_YEAR="1900")
    batch.spoil(
        "band unlike its score",
        "epc-rating-fits-its-score",
        "epc_rating",
        0.02,
        BAND=lambda rows: np.where(batch.columns["BAND"][rows] == "C", "F", "C"),
    )
    batch.spoil("score of 0", "home.epc_score.range", "epc_score", 0.01, SAP="0", BAND="")
    batch.spoil("survey in the future", "epc-surveyed-in-the-future", "epc_date", 0.01, SURVEY_DATE="14/06/2091")
    batch.spoil("archetype nobody knows", "home.dwelling_type.code", "dwelling_type", 0.01, ARCHETYPE="Wimpey no-fines")
    for year in (2019, 2021, 2023):
        rows = batch.pick(0.01)
        types = set(units.type[rows])
        if len(rows) >= 5 and len(types) > 1:
            score = {2019: ("68", "D"), 2021: ("66", "D"), 2023: ("72", "C")}[year]
            batch.put(
                rows,
                "cloned survey",
                "epc-copied-from-another-home",
                "epc_score",
                SAP=score[0],
                BAND=score[1],
                SURVEY_DATE=f"25/12/{year}",
            )
