"""Places the landlord speaks of: patches and estates by postcode, one polygon, and a bare list of postcodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from placemaker.demo.borough import Country, Postcodes
from placemaker.demo.stock import Stock
from placemaker.demo.tiling import dissolve, signed_area, write_geojson
from placemaker.demo.writing import Table


def write_neighbourhoods(folder: Path, place: Country, posts: Postcodes, stock: Stock) -> None:
    """Write patches.csv, estates.csv (postcode,name), postcodes.csv (a row a home) and drawn.geojson."""
    patches = np.array(stock.patch_names, dtype=object)[stock.patch]
    estates = np.array(stock.estate_names, dtype=object)[stock.estate]
    for name, labels in (("patches", patches), ("estates", estates)):
        with Table(folder / f"{name}.csv", ("postcode", "name")) as table:
            table.write({"postcode": stock.text, "name": labels})
    with Table(folder / "postcodes.csv", ("postcode",)) as table:
        for chunk in stock.chunks():
            table.write({"postcode": np.repeat(stock.text[chunk], stock.homes[chunk])})
    areas, counts = np.unique(stock.area, return_counts=True)
    worst = areas[np.argmax(counts * (1 + np.clip(place.need[areas], 0, None)))]
    centres = place.tiling.centres[: place.local]
    near = np.argsort(np.hypot(*(centres - centres[worst]).T), kind="stable")[:6]
    inside = np.zeros(place.areas, dtype=np.int64)
    inside[near] = 1
    shapes = dissolve(place.tiling, inside)[1]
    ring = max((polygon[0] for polygon in shapes), key=signed_area)
    drawn = [[np.rint(ring[::3]).astype(np.int64)]]
    write_geojson(
        folder / "drawn.geojson", [({"name": "The Six Corners (made up)"}, drawn)], "A drawn neighbourhood (made up)"
    )
