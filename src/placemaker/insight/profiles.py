"""Profiles of neighbourhoods: one query for the whole batch, and figures made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from placemaker.figure import SMALLEST_COUNT, Figure, Source, missing
from placemaker.insight import bridge, indices, own, stock
from placemaker.insight.figures import Lazy, homes_figure, place_figure
from placemaker.insight.indicator import Indicator, catalogue, own_catalogue
from placemaker.insight.longtable import LongTable, open_long
from placemaker.insight.model import Comparator, Line, Profile
from placemaker.insight.sums import Comparisons, Sums, add_up
from placemaker.places.home import Progress, quiet
from placemaker.places.neighbourhood import percent

if TYPE_CHECKING:
    from placemaker.lake import Workspace
    from placemaker.places import Pack

#: The places to compare with, in the order in which they are shown.
COMPARATORS = ("authority", "region", "england", "stock", "social")

#: The shares of the country whose most deprived areas are looked for, and the indicator of each.
MOST_DEPRIVED = {share: f"imd-worst-{share}-percent" for share in (1, 5, 10, 20)}

_comparisons: dict[str, Comparisons] = {}


def profile(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    neighbourhoods: Sequence[Any],
    *,
    comparators: Sequence[str] = COMPARATORS,
    workspace: Workspace | None = None,
    as_of: int | None = None,
    as_at: date | None = None,
    smallest: int = SMALLEST_COUNT,
    placed: str | None = None,
    social: int | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    progress: Progress = quiet,
) -> list[Profile]:
    """The profile of each neighbourhood, in their order.

    ``con`` comes from :func:`placemaker.lake.connect`; the first call in it reads the pack's long table (a second), and
    the first of all for a pack makes that (some twenty seconds for England). ``comparators`` are keys of
    :data:`COMPARATORS`. With a ``workspace`` the landlord's own figures are there too, as of load ``as_of`` and for the
    day ``as_at`` (the newest load's); without it only places are looked at. ``placed`` names a table of ``con`` with
    home_ref and area, as :func:`placemaker.places.place` makes; it is made from the workspace when there is none.
    ``smallest`` is the smallest count of the landlord's own that is shown, and ``social`` how many social rented
    households make a social housing area (20 of an output area and 150 of an LSOA). Raises Refusal where the pack or
    the workspace cannot be read.
    """
    chosen = dict(catalogue() if indicators is None else indicators)
    table = open_long(con, pack, chosen, progress)
    bridge.open_links(con, table)
    if table.key not in _comparisons:
        _comparisons[table.key] = Comparisons(con, table)
    with ExitStack() as stack:
        holder = stack.enter_context(stock.reading(con, workspace, as_of)) if workspace else None
        placed = stock.placed_homes(con, pack, holder, placed)
        batch = _Batch(con, table, _comparisons[table.key], tuple(comparators), placed, social)
        profiles: list[Profile | None] = [None] * len(neighbourhoods)
        own_lines: list[Sequence[Line]] = [()] * len(neighbourhoods)
        snapshot = None
        if workspace and holder is not None:
            day = as_at or own.as_at_date(workspace, as_of)
            snapshot = workspace.snapshot() if as_of is None else as_of
            about = stock.source(workspace, snapshot)
            pieces, places = stock.pieces(con, table, neighbourhoods, placed, holder)
            own.put_pieces(holder, pieces)
            found = own.counts(holder, own_catalogue(), day)
            own_lines = own.lines(
                found, own_catalogue(), places, as_at=day, source=about, smallest=smallest,
                with_stock="stock" in comparators,
            )  # fmt: skip
        for layer in dict.fromkeys(one.layer for one in neighbourhoods):
            numbers = [n for n, one in enumerate(neighbourhoods) if one.layer == layer]
            made = batch.profiles(
                [neighbourhoods[n] for n in numbers], layer, [own_lines[n] for n in numbers], snapshot
            )
            for number, one in zip(numbers, made, strict=True):
                profiles[number] = one
    return [one for one in profiles if one is not None]


@dataclass(frozen=True)
class _Where:
    """Where a neighbourhood lies, by parent (lad, rgn, ctry): the one that holds most, and how many there are.

    Most of the homes where those are known, and of the residents where not. ``shares`` are 0 to 1 of ``basis``, and
    ``whole`` are the parents that the neighbourhood is exactly.
    """

    codes: dict[str, str]
    shares: dict[str, float]
    many: dict[str, int]
    whole: frozenset[str]
    basis: str  # homes or residents
    residents: float
    homes_share: float | None  # the homes over the households of the areas
    areas: dict[int, int]  # how many areas of each level
    changed: int


class _Batch:
    """A batch of neighbourhoods of one pack."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, table: LongTable, comparisons: Comparisons, comparators: tuple[str, ...],
        placed: str | None, social: int | None,
    ) -> None:  # fmt: skip
        self.con, self.table, self.comparisons, self.comparators = con, table, comparisons, comparators
        self.placed, self.social = placed, social
        self.numbers = {indicator.id: number for number, indicator in enumerate(table.indicators)}
        self.beside: dict[str, dict[int, Figure | None]] = {}

    def profiles(
        self, some: Sequence[Any], layer: str, own_lines: Sequence[Sequence[Line]], snapshot: int | None
    ) -> list[Profile]:
        """The profiles of neighbourhoods that are made of areas of one layer."""
        con, table = self.con, self.table
        made_of = ((n, code, share * _homes_inside(one)) for n, one in enumerate(some) for code, share in one.areas)
        base = bridge.put_neighbourhoods(con, table, layer, made_of)
        bridge.put_homes(con, table, base, [one.homes for one in some], self.placed)
        if self.placed:
            bridge.put_stock(con, table, base, len(some), self.placed)
        bridge.make_bridge(con, table, base)
        sums = add_up(con, table, base, len(some) + 1)
        wheres = self._where(len(some), base)
        summaries = indices.summary(con, table, base, len(some))
        return [
            self._profile(one, n, sums, wheres[n], base, len(some), summaries.get(n), own_lines[n], snapshot)
            for n, one in enumerate(some)
        ]

    def _where(self, places: int, base: str) -> list[_Where]:
        level = self.table.levels.index(base)
        words = list(self.table.parents)
        residents: list[dict[tuple[str, str], float]] = [{} for _ in range(places)]
        homes: list[dict[tuple[str, str], float]] = [{} for _ in range(places)]
        held_areas: list[dict[tuple[str, str], int]] = [{} for _ in range(places)]
        areas: list[dict[int, int]] = [{} for _ in range(places)]
        total, households, changed = [0.0] * places, [0.0] * places, [0] * places
        own = [0.0] * places
        for number, at, count, people, held, ours, old, *codes in self.con.execute(f"""
            select nb, level, count(*) filter (w > 0), coalesce(sum(w * population), 0),
                coalesce(sum(w * households), 0), coalesce(sum(h), 0), count(*) filter (changed)
                {"".join(", " + word for word in words)}
            from {bridge.BRIDGE} join {self.table.area} using (area) where nb < {places} group by all""").fetchall():
            areas[number][at] = areas[number].get(at, 0) + count
            changed[number] += old
            if at == level:
                total[number] += people
                households[number] += held
                own[number] += ours
                for pair in zip(words, codes, strict=True):
                    if pair[1] and count:
                        # Areas without residents still say where the place is.
                        residents[number][pair] = residents[number].get(pair, 0) + (people or count * 1e-6)
                        homes[number][pair] = homes[number].get(pair, 0) + ours
                        held_areas[number][pair] = held_areas[number].get(pair, 0) + count
        size = self._sizes(level)
        found = []
        for number in range(places):
            basis = "homes" if own[number] else "residents"
            held_by = homes[number] if own[number] else residents[number]
            most: dict[str, str] = {}
            for word, code in sorted(held_by, key=lambda pair: (held_by[pair], residents[number][pair])):
                most[word] = code
            every = {word: sum(value for (at, _), value in held_by.items() if at == word) for word in most}
            found.append(_Where(
                codes=most,
                shares={word: held_by[word, code] / every[word] for word, code in most.items() if every[word]},
                many={word: sum(at == word for at, _ in held_by) for word in most},
                whole=frozenset(
                    word for word, code in most.items()
                    if held_areas[number][word, code] == areas[number].get(level, 0) == size.get((word, code))
                ),
                basis=basis,
                residents=total[number],
                homes_share=own[number] / households[number] if own[number] and households[number] else None,
                areas=areas[number],
                changed=changed[number],
            ))  # fmt: skip
        return found

    def _sizes(self, level: int) -> dict[tuple[str, str], int]:
        """How many areas of a level each authority, region and country has."""
        asked = " union all ".join(
            f"select '{word}', {word}, count(*) from {self.table.area} where level = {level} group by 2"
            for word in self.table.parents
        )
        return {(word, code): count for word, code, count in self.con.execute(asked).fetchall()} if asked else {}

    def _profile(
        self, one: Any, row: int, sums: Sums, where: _Where, base: str, stock_row: int,
        summary: Callable[[], list[Line]] | None, own_lines: Sequence[Line], snapshot: int | None,
    ) -> Profile:  # fmt: skip
        table = self.table
        beside = self._comparators(where, sums, stock_row, base)

        def lines() -> list[Line]:
            made = []
            for number, indicator in enumerate(table.indicators):
                layer = table.at_level(indicator, base)
                recipe = f"published:{indicator.id}?place={one.id}&pack={table.pack.name}&layer={layer}"
                asked = where.areas.get(table.levels.index(layer), 0)
                place = place_figure(table, indicator, number, sums, row, layer, asked, indicator.title, recipe)
                homes = homes_figure(
                    table, indicator, number, sums, row, layer, f"{indicator.title}, our homes", recipe
                )
                made.append(Line(indicator, place, homes, self._figures(beside, number, indicator)))
            return made

        most = {share: self._most_deprived(share, row, sums, base, one) for share in MOST_DEPRIVED}
        return Profile(
            neighbourhood=one,
            title=one.name,
            layer=base,
            comparators=tuple(Comparator(key, title) for key, (title, *_) in beside.items()),
            lines=Lazy(lines),
            own=own_lines,
            most_deprived=most,
            summary=Lazy(lambda: self._summary(summary, beside)),
            homes_count=self._homes(row, sums, one, snapshot),
            residents=self._residents(where),
            homes_share=where.homes_share,
            sources=self._sources(base),
            made_up=table.pack.made_up,
            snapshot=snapshot,
            notes=self._notes(one, where),
            draw=lambda: stock.draw(self.con, table, one, base),
        )

    # --- comparators ----------------------------------------------------------------------------------------------

    def _comparators(
        self, where: _Where, sums: Sums, stock_row: int, base: str
    ) -> dict[str, tuple[str, str, Sums, int]]:
        """For each comparator that there is: its title, its key for keeping, its sums and their row."""
        comparisons, found = self.comparisons, {}
        words = {"authority": "lad", "region": "rgn", "england": "ctry"}
        for key in self.comparators:
            if key in ("authority", "region") and words[key] in where.whole:
                continue  # the place itself
            if key in words and (code := where.codes.get(words[key])) and (held := comparisons.of(code)):
                found[key] = (comparisons.names.get(code, code), code, *held)
            elif key == "stock" and self.placed:
                found[key] = ("All our homes", f"stock {base}", sums, stock_row)
            elif key == "social" and (country := where.codes.get("ctry")):
                held = comparisons.social(self.con, country, self.social)
                if held:
                    limit = comparisons.social_limit(self.social)
                    name = comparisons.names.get(country, country)
                    title = f"Social housing areas of {name} ({limit} or more social rented households)"
                    found[key] = (title, f"social {country} {limit}", *held)
        return found

    def _figures(
        self, beside: dict[str, tuple[str, str, Sums, int]], number: int, indicator: Indicator
    ) -> dict[str, Figure]:
        found = {}
        for key, (title, kept, sums, row) in beside.items():
            # The stock is this batch's own; every other comparator stays the same for as long as the pack does.
            keep = self.beside if key == "stock" else self.comparisons.figures
            held = keep.setdefault(f"{key} {kept}", {})
            if number not in held:
                held[number] = self._comparator_figure(key, title, kept, sums, row, number, indicator)
            if held[number] is not None:
                found[key] = held[number]
        return found

    def _comparator_figure(
        self, key: str, title: str, kept: str, sums: Sums, row: int, number: int, indicator: Indicator
    ) -> Figure | None:
        label = f"{indicator.title}, {title}"
        recipe = f"published:{indicator.id}?place={kept}&pack={self.table.pack.name}"
        base = self.comparisons.base
        layer = self.table.at_level(indicator, base)
        if key == "stock":
            return homes_figure(self.table, indicator, number, sums, row, layer, label, recipe)
        asked = int(sums.areas[row, number])
        return place_figure(self.table, indicator, number, sums, row, layer, asked, label, recipe)

    def _summary(
        self, make: Callable[[], list[Line]] | None, beside: dict[str, tuple[str, str, Sums, int]]
    ) -> list[Line]:
        lines = make() if make else []
        if not lines or "authority" not in beside:
            return lines
        return indices.beside_authority(self.con, self.table, lines, beside["authority"][1])

    # --- the head of the profile ----------------------------------------------------------------------------------

    def _most_deprived(self, share: int, row: int, sums: Sums, base: str, one: Any) -> Figure:
        label = f"Our homes in the country's most deprived {share}%"
        number = self.numbers.get(MOST_DEPRIVED[share])
        if number is None:
            return missing(label, "%", "The place pack has no ranks of deprivation.")
        indicator = self.table.indicators[number]
        homes = float(sums.homes_den[row, number])
        if homes <= 0:
            return missing(label, "%", "No home of ours is placed here.", period=indicator.period)
        inside = round(float(sums.homes_num[row, number]), 6)
        parts = (
            Figure(_tidy(inside), "homes", f"Homes in areas of the most deprived {share}%"),
            Figure(_tidy(homes), "homes", "Homes placed in an area with a rank"),
        )
        return Figure(
            parts[0].value / parts[1].value * 100, "%", label, period=indicator.period, parts=parts, formula="share",
            per=100, places=1, how=f"{indicator.how} Homes are counted by the area they stand in.",
            sources=self.table.sources(indicator), recipe=f"published:{indicator.id}?place={one.id}",
        )  # fmt: skip

    def _homes(self, row: int, sums: Sums, one: Any, snapshot: int | None) -> Figure:
        number = self.numbers.get("residents", 0)
        homes = float(sums.homes_den[row, number]) if self.placed and self.table.indicators else 0.0
        if not self.placed:
            return _given(one)
        source = (Source("home", "Our homes", "The landlord", snapshot=snapshot),)
        return Figure(_tidy(homes), "homes", "Our homes here", how="Homes that could be placed in an area.",
                      sources=source, recipe=f"own:homes?place={one.id}")  # fmt: skip

    def _residents(self, where: _Where) -> Figure:
        areas = self.table.pack.resource("areas")
        if where.residents <= 0:
            return missing("Residents", "people", "The place pack has no residents for these areas.")
        return Figure(
            _tidy(where.residents), "people", "Residents", period=areas.period, sources=(areas.source(),),
            how="Usual residents of the areas, each by the share of it inside.",
        )  # fmt: skip

    def _sources(self, base: str) -> tuple[Source, ...]:
        found: dict[Source, None] = {}
        for indicator in self.table.indicators:
            found.update(dict.fromkeys(self.table.sources(indicator, self.table.at_level(indicator, base))))
        return tuple(found)

    def _notes(self, one: Any, where: _Where) -> tuple[str, ...]:
        notes = []
        if self.table.pack.made_up:
            notes.append(f"{self.table.pack.title} is made up: no figure here is of a real place.")
        for word, many in (("lad", "local authorities"), ("rgn", "regions")):
            if where.many.get(word, 0) > 1:
                name = self.comparisons.names.get(where.codes[word], where.codes[word])
                share = where.shares.get(word, 0)
                held = percent(share) if share > 0.5 else f"the most ({percent(share)})"
                notes.append(
                    f"It lies in {where.many[word]} {many}. {name} holds {held} of the {where.basis}, and is the one "
                    "that it is compared with."
                )
        if where.changed:
            notes.append(
                f"{where.changed:,} of its areas of 2011 changed by 2021 (split, merged or redrawn): figures of the "
                "Indices of 2019 take those as a best fit through the official lookup."
            )
        if note := getattr(one, "note", ""):
            notes.append(note)
        return tuple(notes)


def _homes_inside(one: Any) -> int:
    """How many homes the neighbourhood itself says are placed in its areas."""
    fit = getattr(one, "fit", None)
    return fit.inside if fit is not None and one.homes_count else 0


def _given(one: Any) -> Figure:
    """The homes that a list of postcodes places, of all that it gives; each row of the list is a home."""
    fit = getattr(one, "fit", None)
    if one.homes_count is None or fit is None or fit.basis != "homes":
        return missing("Our homes here", "homes", "No homes were given.")
    return Figure(
        fit.inside, "homes", "Our homes here", how="Homes whose postcode could be placed in an area.",
        parts=(Figure(fit.inside, "homes", "Homes placed"), Figure(fit.total, "homes", "Homes given")),
        sources=(Source("homes", "The list of homes that was given", "The landlord"),),
        recipe=f"given:homes?place={one.id}",
    )  # fmt: skip


def _tidy(value: float) -> float | int:
    value = round(value, 6)
    return int(value) if value == int(value) else value
