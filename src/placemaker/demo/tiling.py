"""Areas that tile a made-up country without a gap: hexagons with moved corners and bent edges.

Neighbours share corners and edges by number, so a border is drawn once and any set of areas can be dissolved by leaving
out the edges that two of its members share. Coordinates are whole metres of the British National Grid, in the middle of
the North Sea, where nobody lives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEA = (560_000, 560_000)
"""Middle of the made-up country, metres (EPSG:27700): open sea, 130 km off the coast."""
SIDE = 430.0
"""Side of a hexagon, metres; about half a square kilometre."""
BENDS = 3
"""Points between the two ends of an edge."""

# Corners of a hexagon anticlockwise, in steps of half a width across and half a side up.
_CORNERS = np.array([(0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1), (1, 1)])


@dataclass(frozen=True)
class Tiling:
    """`corners` holds six corner numbers an area, `edges` six edge numbers; `points` the shape of each edge, first to
    last corner, in the direction low corner to high corner."""

    corners: np.ndarray  # areas x 6
    edges: np.ndarray  # areas x 6: edge i runs from corner i to corner i + 1
    xy: np.ndarray  # corners x 2, metres
    points: np.ndarray  # edges x (BENDS + 2) x 2, whole metres

    @property
    def centres(self) -> np.ndarray:
        """Middle of each area's corners, metres."""
        return self.xy[self.corners].mean(axis=1)

    def ring(self, corners: np.ndarray, edges: np.ndarray) -> np.ndarray:
        """The points along a walk over `edges` that starts from each of `corners`."""
        shapes = self.points[edges]
        ends = np.roll(corners, -1)
        backward = corners > ends
        shapes[backward] = shapes[backward][:, ::-1]
        return shapes[:, :-1].reshape(-1, 2)

    def outline(self, area: int) -> list[list[np.ndarray]]:
        """The polygon of one area: one ring, anticlockwise."""
        return [[self.ring(self.corners[area], self.edges[area])]]

    def inside(self, rng: np.random.Generator, area: np.ndarray) -> np.ndarray:
        """A random point, whole metres, safely inside each of the areas given by number."""
        wedge = rng.integers(0, 6, len(area))
        a = self.xy[self.corners[area, wedge]]
        b = self.xy[self.corners[area, (wedge + 1) % 6]]
        u, v = rng.random((2, len(area), 1))
        over = u + v > 1
        u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
        centre = self.centres[area]
        return np.rint(centre + 0.84 * (u * (a - centre) + v * (b - centre))).astype(np.int64)


def tile(rng: np.random.Generator, count: int, core: float) -> Tiling:
    """A tiling of `count` areas in an irregular island; those within the share `core` of its radius are smaller."""
    reach = int(np.sqrt(count / 2)) + 6
    q, r = (grid.ravel() for grid in np.meshgrid(np.arange(-2 * reach, 2 * reach), np.arange(-reach, reach)))
    steps = np.stack([2 * q + r, 3 * r], axis=1)
    flat = steps * (SIDE * np.sqrt(3) / 2, SIDE / 2)
    distance, angle = np.hypot(*flat.T), np.arctan2(flat[:, 1], flat[:, 0])
    chosen = np.argsort(distance / _coast(rng, angle), kind="stable")[:count]
    steps = steps[np.sort(chosen)]

    keys, corners = np.unique((steps[:, None] + _CORNERS).reshape(-1, 2), axis=0, return_inverse=True)
    corners = corners.reshape(count, 6)
    xy = keys * (SIDE * np.sqrt(3) / 2, SIDE / 2) + rng.uniform(-0.2, 0.2, keys.shape) * SIDE
    radius = core * np.hypot(*xy.T).max()
    xy *= (0.6 + 0.4 * np.minimum(1, np.hypot(*xy.T) / radius))[:, None]
    xy = np.rint(xy + SEA)

    ends = np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2)
    pairs, edges = np.unique(np.sort(ends, axis=1), axis=0, return_inverse=True)
    a, b = xy[pairs[:, 0]][:, None], xy[pairs[:, 1]][:, None]
    along = np.linspace(0, 1, BENDS + 2)[None, :, None]
    bend = rng.uniform(-0.06, 0.06, (len(pairs), BENDS + 2, 1))
    bend[:, [0, -1]] = 0
    across = (b - a)[..., ::-1] * (-1, 1)
    points = np.rint(a + along * (b - a) + bend * across).astype(np.int64)
    return Tiling(corners, edges.reshape(count, 6), xy, points)


def _coast(rng: np.random.Generator, angle: np.ndarray) -> np.ndarray:
    """How far the coast lies in each direction, 1 on average."""
    waves = sum(
        size * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k, size in ((2, 0.14), (3, 0.10), (5, 0.06), (9, 0.03))
    )
    return 1 + waves


def share_out(centres: np.ndarray, parts: int, weights: np.ndarray | None = None) -> np.ndarray:
    """Group number (0 to parts - 1) of each point: the set is halved across its longer side until there are `parts`."""
    groups = np.zeros(len(centres), dtype=np.int64)
    weights = np.ones(len(centres)) if weights is None else weights + 1e-9
    waiting = [(np.arange(len(centres)), 0, parts)]
    while waiting:
        members, first, wanted = waiting.pop()
        if wanted == 1:
            groups[members] = first
            continue
        low = wanted // 2
        place = centres[members]
        side = int(np.ptp(place[:, 1]) > np.ptp(place[:, 0]))
        order = members[np.argsort(place[:, side], kind="stable")]
        cut = int(np.searchsorted(np.cumsum(weights[order]), weights[order].sum() * low / wanted))
        cut = min(max(cut, low), len(order) - (wanted - low))
        waiting += [(order[:cut], first, low), (order[cut:], first + low, wanted - low)]
    return groups


def dissolve(tiling: Tiling, groups: np.ndarray) -> dict[int, list[list[np.ndarray]]]:
    """Polygons of each group of areas: a list of polygons, each a list of rings (the outer one first)."""
    flat = tiling.edges.ravel()
    owner = np.repeat(groups, 6)
    order = np.argsort(flat, kind="stable")
    partner = np.full(len(flat), -1)
    twins = flat[order][:-1] == flat[order][1:]
    partner[order[:-1][twins]] = owner[order[1:][twins]]
    partner[order[1:][twins]] = owner[order[:-1][twins]]
    border = np.flatnonzero(partner != owner)
    start = tiling.corners.ravel()
    onward: dict[int, dict[int, tuple[int, int]]] = {}
    ends = np.roll(tiling.corners, -1, axis=1).ravel()
    for here in border.tolist():
        onward.setdefault(int(owner[here]), {})[int(start[here])] = (int(ends[here]), int(flat[here]))
    return {group: _rings(tiling, steps) for group, steps in sorted(onward.items())}


def _rings(tiling: Tiling, steps: dict[int, tuple[int, int]]) -> list[list[np.ndarray]]:
    outer, holes = [], []
    while steps:
        corner = next(iter(steps))
        corners, edges = [], []
        while corner in steps:
            corners.append(corner)
            corner, edge = steps.pop(corner)
            edges.append(edge)
        ring = tiling.ring(np.array(corners), np.array(edges))
        (outer if signed_area(ring) > 0 else holes).append(ring)
    polygons = [[ring] for ring in outer]
    for hole in holes:
        home = next(polygon for polygon in polygons if holds(polygon[0], hole.mean(axis=0)))
        home.append(hole)
    return polygons


def signed_area(ring: np.ndarray) -> float:
    """Area of a ring, square metres; less than nothing when it runs clockwise."""
    x, y = (ring - ring[0]).T.astype(float)
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def holds(ring: np.ndarray, point: np.ndarray) -> bool:
    """Whether a ring holds a point, by counting the edges to its right."""
    x, y = ring.T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (point[1] - y) / (y2 - y) * (x2 - x)
    return bool((crosses & (at > point[0])).sum() % 2)


def write_geojson(path: Path, features: Iterable[tuple[dict, list[list[np.ndarray]]]], title: str) -> None:
    """Write polygons as GeoJSON in EPSG:27700, one feature a line, so that no layer need fit in memory."""
    head = {"type": "FeatureCollection", "name": path.stem, "title": title, "crs": _CRS}
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(json.dumps(head)[:-1] + ', "features": [\n')
        for number, line in enumerate(_lines(features)):
            out.write((",\n" if number else "") + line)
        out.write("\n]}\n")


_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def _lines(features: Iterable[tuple[dict, list[list[np.ndarray]]]]) -> Iterator[str]:
    for properties, polygons in features:
        rings = [[np.vstack([ring, ring[:1]]).tolist() for ring in polygon] for polygon in polygons]
        many = len(rings) != 1
        geometry = {"type": "MultiPolygon" if many else "Polygon", "coordinates": rings if many else rings[0]}
        yield json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}, separators=(",", ":"))
