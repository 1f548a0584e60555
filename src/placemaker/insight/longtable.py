"""Every published indicator of a pack as one long table: area, indicator, numerator, denominator.

Whatever the kind, an area's value is ``numerator / denominator * per``: a count has denominator 1, and a mean has its
weight there. So one query with two sums answers every indicator for every neighbourhood (a wide aggregate took 10 s
where this takes 30 ms). What a publisher withholds is null on both sides: it is counted, and never treated as nothing.

The table is made once for a pack and a catalogue, kept as Parquet, and read into the process once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from placemaker.figure import Source
from placemaker.insight import expression
from placemaker.insight.indicator import Indicator
from placemaker.lake.errors import Refusal
from placemaker.places.home import Progress, home_folder, quiet, quoted

if TYPE_CHECKING:
    from placemaker.places import Pack

#: Raised when the shape of the kept tables changes, so that old ones are not read.
VERSION = 2

#: In an expression, how many areas the dataset has (so "the most deprived 1%" follows the dataset).
AREAS_IN_DATASET = "areas_in_dataset"


@dataclass(frozen=True, eq=False)
class LongTable:
    """The long table of a pack, open in a connection.

    ``indicators`` are those that the pack has data for, their position being the number in the table. ``levels`` are
    the layers it holds, their position being ``level``. ``long`` (area, level, indicator, num, den) and ``area`` (area,
    level, code, population, and the parents lad, rgn, ctry) are table names in ``con``.
    """

    pack: Pack
    key: str
    indicators: tuple[Indicator, ...]
    levels: tuple[str, ...]
    long: str
    area: str
    parents: dict[str, str]

    @lru_cache(maxsize=4096)  # noqa: B019 - a pack's table lives as long as the process
    def at_level(self, indicator: Indicator, layer: str) -> str:
        """The layer from which the indicator is answered for a neighbourhood made of areas of ``layer``."""
        datasets = indicator.datasets()
        if layer in datasets and self.pack.has(datasets[layer]):
            return layer
        return indicator.layer

    @lru_cache(maxsize=4096)  # noqa: B019
    def sources(self, indicator: Indicator, layer: str | None = None) -> tuple[Source, ...]:
        """The datasets behind the indicator, on the layer it is answered from."""
        main = indicator.datasets().get(layer or indicator.layer, indicator.dataset)
        names = [main, *sorted(datasets_named(indicator) - {main})]
        found = [self.pack.resource(name).source() for name in names if self.pack.has(name)]
        if indicator.weight in ("population", "households") and indicator.averaged:
            found.append(self.pack.resource("areas").source())
        return tuple(found)


_tables: dict[str, LongTable] = {}


def datasets_named(indicator: Indicator) -> set[str]:
    """Other datasets that the indicator's expressions name (``dataset.column``)."""
    texts = (indicator.numerator, indicator.denominator, indicator.weight if indicator.averaged else "")
    trees = [expression.parse(text) for text in texts if text]
    return {column.table for tree in trees for column in tree.find_all(expression.exp.Column) if column.table}


def open_long(
    con: duckdb.DuckDBPyConnection, pack: Pack, indicators: dict[str, Indicator], progress: Progress = quiet
) -> LongTable:
    """The long table of the pack for these indicators, made if it is not there yet (some seconds for England)."""
    chosen = tuple(i for i in indicators.values() if _has_data(pack, i))
    levels = _levels(pack, chosen)
    key = _key(pack, chosen)
    parents = {word: layer for word in ("lad", "rgn", "ctry") for layer in pack.layers if layer.startswith(word)}
    table = _tables.setdefault(
        key, LongTable(pack, key, chosen, levels, f"insight_long_{key}", f"insight_area_{key}", parents)
    )
    try:
        con.execute(f"select 1 from {table.long} limit 0")
    except duckdb.CatalogException:
        folder = kept_folder(key)
        if not (folder / "long.parquet").is_file():
            _make(con, table, folder, progress)
        for name, file in ((table.area, "area.parquet"), (table.long, "long.parquet")):
            con.execute(f"create table {name} as from read_parquet({quoted(folder / file)})")
    return table


def kept_folder(key: str) -> Path:
    """Where the long table of this key is kept: in the installation's folder, or in a temporary one of this user."""
    for base in (home_folder() / "cache", Path(tempfile.gettempdir()) / f"placemaker-{os.getuid()}"):
        folder = base / f"insight-{key}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise Refusal("There is nowhere to keep the long table of indicators", str(base), "Set PLACEMAKER_HOME.")


def _has_data(pack: Pack, indicator: Indicator) -> bool:
    return pack.has(indicator.dataset) and all(pack.has(name) for name in datasets_named(indicator))


def _levels(pack: Pack, chosen: tuple[Indicator, ...]) -> tuple[str, ...]:
    used = {
        layer for indicator in chosen for layer, dataset in indicator.datasets().items()
        if pack.has(dataset) and layer in pack.layers
    }  # fmt: skip
    return tuple(layer for layer in pack.layers if layer in used)


def _key(pack: Pack, chosen: tuple[Indicator, ...]) -> str:
    text = [str(VERSION), *(f"{name} {r.hash}" for name, r in sorted(pack.resources.items())), *map(repr, chosen)]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:16]


def _make(con: duckdb.DuckDBPyConnection, table: LongTable, folder: Path, progress: Progress) -> None:
    """Write area.parquet and long.parquet; the long one last, and each in one move, so that none is half there."""
    pack = table.pack
    progress("Preparing the indicators", 0, 3)
    layers = ", ".join(quoted(layer) for layer in table.levels)
    parents = ", ".join(f'"{layer}" as {word}' for word, layer in table.parents.items())
    # An area is in itself, and in the area of every coarser layer.
    within = ", ".join(f'if(layer = {quoted(layer)}, code, "{layer}") as in_{layer}' for layer in pack.layers)
    con.execute(f"""
        create or replace temp table insight_making_area as
        select (row_number() over (order by level, code) - 1)::integer as area, * from (
            select (list_position([{layers}], layer) - 1)::tinyint as level, code, name,
                population::double as population, households::double as households
                {", " + parents if parents else ""}, {within}
            from {pack.sql("areas")} where layer in ({layers}))""")
    progress("Preparing the indicators", 1, 3)
    selects = [
        _select(pack, table, number, indicator, layer, dataset)
        for number, indicator in enumerate(table.indicators)
        for layer, dataset in indicator.datasets().items()
        if layer in table.levels and pack.has(dataset)
    ]
    try:
        con.execute(f"""
            create or replace temp table insight_making_long as
            select area, level, indicator, if(num is null or den is null, null, num) as num,
                if(num is null or den is null, null, den) as den
            from ({" union all ".join(selects)})""")
        progress("Preparing the indicators", 2, 3)
        for name, order in (("area", "area"), ("long", "area, indicator")):
            new = folder / f".{name}-{os.getpid()}.parquet"
            con.execute(
                f"copy (from insight_making_{name} order by {order}) to {quoted(new)} "
                "(format parquet, compression zstd)"
            )
            new.replace(folder / f"{name}.parquet")
    except (duckdb.BinderException, duckdb.CatalogException):
        raise Refusal(
            "An indicator names a column that the pack's dataset does not have",
            _culprit(con, selects, table),
            "Build the pack again with the catalogue's column names.",
        ) from None
    finally:
        con.execute("drop table if exists insight_making_area; drop table if exists insight_making_long")
    progress("Prepared the indicators", 3, 3)


def _culprit(con: duckdb.DuckDBPyConnection, selects: list[str], table: LongTable) -> str:
    """The indicator whose query does not bind."""
    for select in selects:
        try:
            con.execute(f"explain {select}")
        except duckdb.Error:
            number = int(select.split("::smallint", 1)[0].rsplit(" ", 1)[-1])
            return f"indicator {table.indicators[number].id}, dataset {table.indicators[number].dataset}"
    return f"pack {table.pack.name}"


def _select(pack: Pack, table: LongTable, number: int, indicator: Indicator, layer: str, dataset: str) -> str:
    """The rows of one indicator on one layer."""
    resource = pack.resource(dataset)
    words = {AREAS_IN_DATASET: str(max(resource.rows, 1))}
    if AREAS_IN_DATASET in expression.columns(indicator.numerator):
        # A made-up or part pack may carry England's own ranks: the largest rank is then the number of areas.
        ranks = sorted(name for name in expression.columns(indicator.numerator) if name.endswith("_rank"))
        if ranks:
            words[AREAS_IN_DATASET] = f"(select greatest(count(*), max({ranks[0]})) from {resource.sql()})"
    num = f"({_expression(indicator.numerator, words)})::double"
    if indicator.kind == "count":
        den = "1::double"
    elif indicator.kind == "rate":
        den = f"({_expression(indicator.denominator, words)})::double"
    else:
        weight = f"area.{indicator.weight}" if indicator.weight in ("population", "households") else None
        den = f"({weight or _expression(indicator.weight, words)})::double"
        num = f"{num} * {den}"
    level = table.levels.index(layer)
    joins = "".join(
        f' left join {pack.sql(name)} as "{name}" on "{name}"."{pack.resource(name).code}" = data."{resource.code}"'
        for name in sorted(datasets_named(indicator))
    )
    return (
        f"select area.area, area.level, {number}::smallint as indicator, {num} as num, {den} as den "
        f'from {resource.sql()} as data join insight_making_area as area on area.code = data."{resource.code}" '
        f"and area.level = {level}{joins}"
    )


def _expression(text: str, words: dict[str, str]) -> str:
    """The expression over the dataset's columns, those without a dataset being of the main one."""
    body = expression.parse(text).copy()
    for column in list(body.find_all(expression.exp.Column)):
        column.this.set("quoted", True)
        if column.table:
            column.args["table"].set("quoted", True)
        elif column.name not in words:
            column.set("table", expression.exp.to_identifier("data"))
    written = body.sql(dialect="duckdb")
    for word, value in words.items():
        written = written.replace(f'"{word}"', value)
    return written
