"""The summary measures of the Indices of Deprivation, by MHCLG's published method.

*The English Indices of Deprivation 2019: research report*, section 3.8, and the 2025 report alike: average score and
average rank are weighted by residents, ranks being turned round so that the most deprived area has the highest; the
proportion is of areas among the country's most deprived tenth; the extent is the share of residents in the most
deprived three tenths, those in the worst tenth in full and then 0.95 in the 11th percentile down to 0.05 in the 30th;
the local concentration is the average turned rank of the most deprived areas that hold exactly a tenth of residents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb

from placemaker.figure import Figure, Source, missing
from placemaker.insight import bridge
from placemaker.insight.indicator import Indicator
from placemaker.insight.longtable import LongTable
from placemaker.insight.model import Line

#: A summary of fewer areas than this says more of single areas than of the place.
FEWEST_AREAS = 10

DATASET = "iod2025_lsoa21"

#: The eight measures of which MHCLG publishes summaries, by the names of their columns.
MEASURES = {
    "imd": "Index of Multiple Deprivation", "income": "Income", "employment": "Employment",
    "education": "Education, skills and training", "health": "Health deprivation and disability", "crime": "Crime",
    "barriers": "Barriers to housing and services", "environment": "Living environment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """The five summary measures of one place; ``areas`` LSOAs and ``residents`` behind them. Shares are 0 to 1."""

    areas: float
    residents: float
    average_score: float
    average_rank: float
    proportion: float
    extent: float
    local_concentration: float


def summaries_sql(areas: str, columns: str = "imd", count: str = "(select count(*) from areas)") -> str:
    """SQL for the summaries of places.

    ``areas`` is a query giving place, w (the share of the area inside), residents (of the whole area), score and rank
    (1 is the most deprived); ``count`` is how many areas the country has. Result: place and the fields of Summary.
    """
    return f"""
        with areas as materialized ({areas}),
        ranked as (
            select *, w * residents as people, {count} + 1 - rank as turned, ceil(100.0 * rank / {count}) as percentile,
                sum(w * residents) over (partition by place) as all_people,
                sum(w * residents) over (partition by place order by rank, residents
                    rows between unbounded preceding and current row) - w * residents as before
            from areas where w > 0 and rank is not null)
        select place, sum(w) as areas, sum(people) as residents, sum(people * score) / sum(people) as average_score,
            sum(people * turned) / sum(people) as average_rank,
            sum(w) filter (rank <= 0.1 * {count}) / sum(w) as proportion,
            sum(people * case when percentile <= 10 then 1 when percentile <= 30
                then 0.95 - (percentile - 11) * 0.9 / 19 else 0 end) / sum(people) as extent,
            sum(turned * greatest(least(people, 0.1 * all_people - before), 0))
                / sum(greatest(least(people, 0.1 * all_people - before), 0)) as local_concentration
        from ranked group by place having sum(people) > 0"""


def authorities(con: duckdb.DuckDBPyConnection, table: LongTable, measure: str = "imd") -> dict[str, Summary]:
    """The summaries of every local authority of the pack, by its code, for one of :data:`MEASURES`."""
    resource = table.pack.resource(DATASET)
    level = table.levels.index(resource.layer)
    query = summaries_sql(
        f"""select lad as place, 1.0 as w, population as residents, {measure}_score as score, {measure}_rank as rank
        from {table.area} join {resource.sql()} as data on data."{resource.code}" = code where level = {level}""",
        count=_country(table, measure),
    )
    return {place: Summary(*(float(v or 0) for v in rest)) for place, *rest in con.execute(query).fetchall()}


def _ranks(con: duckdb.DuckDBPyConnection, table: LongTable) -> str:
    """A table of area, level, population, score and rank, and how many areas the ranks run over; made once."""
    name = f"{table.area}_ranks"
    resource = table.pack.resource(DATASET)
    con.execute(f"""
        create table if not exists {name} as
        select area, level, population, imd_score as score, imd_rank as rank, {_country(table, "imd")} as country
        from {table.area} join {resource.sql()} as data on data."{resource.code}" = code
        where level = {table.levels.index(resource.layer)}""")
    return name


def _country(table: LongTable, measure: str) -> str:
    """How many areas the ranks run over: all of the dataset, or more where a part pack keeps the country's ranks."""
    return f"(select greatest(count(*), max({measure}_rank)) from {table.pack.sql(DATASET)})"


def summary(
    con: duckdb.DuckDBPyConnection, table: LongTable, base: str, places: int
) -> dict[int, Callable[[], list[Line]]]:
    """For each place in the bridge with at least ten areas, what makes its summary lines."""
    if not table.pack.has(DATASET) or table.pack.resource(DATASET).layer not in table.levels:
        return {}
    level = table.levels.index(table.pack.resource(DATASET).layer)
    ranks = _ranks(con, table)
    query = summaries_sql(
        f"""select nb as place, least(w, 1.0) as w, population as residents, score, rank
        from {bridge.BRIDGE} join {ranks} using (area) where level = {level} and nb < {places} and w > 0""",
        count=f"(select any_value(country) from {ranks})",
    )
    found = {}
    for place, *rest in con.execute(query).fetchall():
        numbers = Summary(*(float(value or 0) for value in rest))
        if numbers.areas >= FEWEST_AREAS:
            found[place] = lambda numbers=numbers: _lines(table, numbers)
    return found


def _lines(table: LongTable, numbers: Summary) -> list[Line]:
    source = (table.pack.resource(DATASET).source(), table.pack.resource("areas").source())
    weights = "Weighted by residents of the Census of 2021, where the publisher uses its own estimates less prisoners."
    lines = []
    for indicator, value in (
        (AVERAGE_SCORE, numbers.average_score),
        (AVERAGE_RANK, numbers.average_rank),
        (PROPORTION, numbers.proportion * 100),
        (EXTENT, numbers.extent * 100),
        (LOCAL_CONCENTRATION, numbers.local_concentration),
    ):
        figure = Figure(
            value, indicator.unit, indicator.title, period=indicator.period, how=f"{indicator.how} {weights}",
            sources=source, places=indicator.places, recipe=f"summary:{indicator.id}",
        )  # fmt: skip
        lines.append(Line(indicator, figure))
    return lines


#: The column of the publisher's summaries of authorities for each measure, and what makes it a figure here.
PUBLISHED = "iod2025_lad24"
PUBLISHED_COLUMNS = {
    "imd-average-score": ("imd_average_score", 1),
    "imd-average-rank": ("imd_average_rank", 1),
    "imd-proportion": ("imd_proportion_of_lso_as_in_most_deprived_10_percent_nationally", 100),
    "imd-extent": ("imd25_extent", 100),
    "imd-local-concentration": ("imd25_local_concentration", 1),
}


def beside_authority(con: duckdb.DuckDBPyConnection, table: LongTable, lines: list[Line], authority: str) -> list[Line]:
    """The lines with what the publisher says of one authority beside them, where the pack has it."""
    if not table.pack.has(PUBLISHED):
        return lines
    resource = table.pack.resource(PUBLISHED)
    there = {name for name, *_ in con.execute(f"describe from {resource.sql()}").fetchall()}
    if not {column for column, _ in PUBLISHED_COLUMNS.values()} <= there:
        return lines
    columns = ", ".join(f"{column} * {times}" for column, times in PUBLISHED_COLUMNS.values())
    row = con.execute(f'select {columns} from {resource.sql()} where "{resource.code}" = ?', [authority]).fetchone()
    if row is None:
        return lines
    values = dict(zip(PUBLISHED_COLUMNS, row, strict=True))
    return [
        replace(line, comparators={"authority": _published(line, values[line.indicator.id], resource.source())})
        for line in lines
    ]


def _published(line: Line, value: float | None, source: Source) -> Figure:
    one = line.indicator
    if value is None:
        return missing(one.title, one.unit, "The publisher gives no figure.", period=one.period)
    return Figure(
        float(value), one.unit, f"{one.title}, the authority", period=one.period, how="As the publisher gives it.",
        sources=(source,), places=one.places,
    )  # fmt: skip


def _measure(id: str, title: str, unit: str, places: int, how: str) -> Indicator:
    return Indicator(
        id=id, title=title, theme="Summary of deprivation", unit=unit, kind="score", numerator="imd_rank",
        period="English Indices of Deprivation 2025", how=how, dataset=DATASET, layer="lsoa21", places=places,
        polarity="higher is worse",
    )  # fmt: skip


AVERAGE_SCORE = _measure("imd-average-score", "Average score", "score", 2, "The areas' scores, averaged by residents.")
AVERAGE_RANK = _measure(
    "imd-average-rank", "Average rank: a high number is more deprived", "rank", 0,
    "The areas' ranks, turned round so that the most deprived has the highest, averaged by residents.",
)  # fmt: skip
PROPORTION = _measure(
    "imd-proportion", "Areas among the most deprived tenth", "%", 1,
    "The areas among the country's most deprived tenth, over all areas of the place.",
)  # fmt: skip
EXTENT = _measure(
    "imd-extent", "Extent of deprivation", "%", 1,
    "The share of residents in the country's most deprived three tenths of areas: the worst tenth counts in full, then "
    "0.95 in the 11th percentile down to 0.05 in the 30th.",
)  # fmt: skip
LOCAL_CONCENTRATION = _measure(
    "imd-local-concentration", "Local concentration, as a rank: a high number is more deprived", "rank", 0,
    "The average turned rank of the most deprived areas that hold exactly a tenth of the place's residents.",
)  # fmt: skip
