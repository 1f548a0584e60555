"""Which polygon of a layer a point lies in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from placemaker.lake import connect
from placemaker.places.home import quoted
from placemaker.places.pack import Pack

if TYPE_CHECKING:
    import numpy as np
    from shapely import STRtree

#: A point outside every polygon takes the nearest one up to this far, in metres: coasts and rivers are generalised.
SNAP_LIMIT = 500


def locate(
    pack: Pack, layer: str, e: np.ndarray, n: np.ndarray, limit: float = SNAP_LIMIT
) -> tuple[np.ndarray, np.ndarray]:
    """For each point (metres, EPSG:27700) the code of its area, None where there is none, and how far it was snapped.

    A point on the edge of two areas belongs to the one whose code sorts first.
    """
    import numpy as np
    import shapely

    codes, tree = _polygons(pack.resource(f"layer_{layer}").path)
    points = shapely.points(e, n)
    found = np.full(len(points), None, dtype=object)
    distance = np.zeros(len(points))
    for position, polygon, away in _matches(tree, points, limit):
        # Written from the last to the first, so that the polygon whose code sorts first stays.
        order = np.argsort(-polygon, kind="stable")
        found[position[order]] = codes[polygon[order]]
        distance[position] = away
    return found, np.ceil(distance).astype(int)


def _matches(tree: STRtree, points: np.ndarray, limit: float):
    """Pairs of point and polygon, with the distance: first those inside, then the nearest of those outside."""
    import numpy as np

    point, polygon = tree.query(points, predicate="intersects")
    yield point, polygon, 0.0
    outside = np.setdiff1d(np.arange(len(points)), point)
    if len(outside):
        (point, polygon), away = tree.query_nearest(points[outside], max_distance=limit, return_distance=True)
        yield outside[point], polygon, away


@lru_cache(maxsize=4)
def _polygons(path: Path) -> tuple[np.ndarray, STRtree]:
    import numpy as np
    import shapely

    rows = connect().execute(f"select code, geometry from read_parquet({quoted(path)}) order by code").fetchnumpy()
    shapes = shapely.from_wkb(np.array([bytes(shape) for shape in rows["geometry"]], dtype=object))
    return np.asarray(rows["code"], dtype=object), shapely.STRtree(shapes)
