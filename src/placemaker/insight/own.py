"""The landlord's own indicators by place: what its records say, from the same rows that a figure opens to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from placemaker.figure import Figure, Source, missing
from placemaker.insight import expression, intervals, small
from placemaker.insight.arrays import put
from placemaker.insight.indicator import OwnIndicator
from placemaker.insight.model import Line
from placemaker.standard.schema import table as standard_table

if TYPE_CHECKING:
    from placemaker.lake import Workspace

#: The homes table as one row a home, where several sources describe the same home (properties and energy, say).
ONE_HOME = "insight_one_home"
#: What is read in place of a standard table.
READ_FROM = {"home": ONE_HOME}
#: A piece of rows that no home is known for, but a patch: answers of a survey, mostly.
PATCH = "patch "
#: Which piece of the stock each unit is in: pieces are the sets of homes that the same neighbourhoods share.
PIECE_OF = "insight_piece_of"


@dataclass(frozen=True)
class Count:
    """An indicator's sums over some homes. ``num`` and ``den`` are weighted; the rest count rows.

    ``n`` rows were judged, ``yes`` of them count in the numerator, ``unknown`` could not be judged, and ``squares`` is
    the sum of squared weights of those judged.
    """

    num: float = 0
    den: float = 0
    n: int = 0
    yes: int = 0
    unknown: int = 0
    squares: float = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.num + other.num, self.den + other.den, self.n + other.n, self.yes + other.yes,
            self.unknown + other.unknown, self.squares + other.squares,
        )  # fmt: skip


NOTHING = Count()


@dataclass(frozen=True)
class Place:
    """A neighbourhood for own indicators: its id, title and the pieces that it is made of.

    ``larger`` are published areas that hold it, or that it holds, by the pieces of each.
    """

    id: str
    title: str
    pieces: tuple[str, ...]
    larger: tuple[tuple[str, ...], ...] = ()


def as_at_date(workspace: Workspace, as_of: int | None = None) -> date:
    """The day that own figures are of, unless the setting ``as_at`` says another.

    It is the day of the rent balances, where these were loaded (the day that most of them bear), since exports of a day
    may be loaded much later; else the date of the newest load up to ``as_of``.
    """
    set_to = workspace.settings.get("as_at")
    if set_to:
        return set_to if isinstance(set_to, date) else date.fromisoformat(str(set_to))
    days = [load.at.date() for load in workspace.loads() if not load.undone and (as_of is None or load.number <= as_of)]
    newest = max(days, default=date.today())
    with workspace.read(as_of) as con:
        if {"rent_account"} <= _loaded(con):
            day = con.execute("select mode(balance_date) from rent_account where balance_date is not null").fetchone()[
                0
            ]
            if day and day <= newest:
                return day
    return newest


def words(as_at: date) -> dict[str, str]:
    """The dates that expressions may name. ``year_before`` is the last day before the twelve months."""
    try:
        before = as_at.replace(year=as_at.year - 1)
    except ValueError:  # 29 February
        before = as_at.replace(year=as_at.year - 1, day=28)
    return {"as_at": f"DATE '{as_at}'", "year_before": f"DATE '{before}'"}


def prepare(con: duckdb.DuckDBPyConnection) -> bool:
    """Make the view of homes with one row a home; False where no homes were loaded."""
    if "home" not in _loaded(con):
        return False
    columns = [field.name for field in standard_table("home").fields if field.name != "home_ref"]
    there = {row[0] for row in con.execute("describe home").fetchall()}
    # Of two sources that describe a home, the one with more units is the register of the stock, and is believed first.
    chosen = ", ".join(f'any_value("{name}" order by believed) as "{name}"' for name in columns if name in there)
    several = con.execute("select count(*) > count(distinct home_ref) from home").fetchone()[0]
    con.execute(f"create or replace temp view {ONE_HOME} as from home")
    if several:
        con.execute(f"""
            create or replace temp table {ONE_HOME}_kept as
            with source as (
                select _organisation, _source, row_number() over (order by count(*) desc, _source) as believed
                from home group by _organisation, _source)
            select home_ref, {chosen}, any_value(_source order by believed) as _source,
                any_value(_load order by believed) as _load, any_value(_row order by believed) as _row
            from home join source using (_organisation, _source) where home_ref is not null group by home_ref""")
        con.execute(f"create or replace temp view {ONE_HOME} as from {ONE_HOME}_kept")
    return True


def rows_sql(indicator: OwnIndicator, as_at: date, read_from: Mapping[str, str] = READ_FROM) -> str:
    """The rows that make the indicator: home_ref, patch, key, num, den, weight, _source, _load, _row.

    ``read_from`` names what is read in place of a standard table. ``patch`` is null unless the table holds a patch.
    """
    values = words(as_at)
    name = indicator.table
    standard = standard_table(name)

    def sql(text: str) -> str:
        return expression.sql(text, values)

    source = f"{read_from.get(name, name)} as {name}"
    for other, on in indicator.join:
        read = read_from.get(other, other)
        if standard_table(other).key == on:
            # One row for each key, so that a join to a table filled from two sources does not count twice.
            read = f'(from {read} qualify row_number() over (partition by "{on}" order by _load desc, _source) = 1)'
        source += f' left join {read} as {other} on {other}."{on}" = {_owner(indicator, other, on)}."{on}"'
    once = ""
    if indicator.once_per:
        newest = f"{sql(indicator.newest_by)} desc nulls last, " if indicator.newest_by else ""
        once = (
            f" qualify row_number() over (partition by {sql(indicator.once_per)} "
            f"order by {newest}{name}._load desc, {name}._row) = 1"
        )
    patch = f"{name}.patch" if "patch" in standard.names else "null::varchar"
    den = sql(indicator.denominator) if indicator.denominator else "1"
    weight = f"coalesce({sql(indicator.weight)}, 1)" if indicator.weight else "1"
    return f"""
        select cast({sql(indicator.home)} as varchar) as home_ref, {patch} as patch, {name}."{standard.key}" as key,
            cast({sql(indicator.numerator)} as double) as num, cast({den} as double) as den,
            cast({weight} as double) as weight, {name}._source, {name}._load, {name}._row
        from {source} where {sql(indicator.where)}{once}"""


def _owner(indicator: OwnIndicator, joined: str, on: str) -> str:
    """The table before ``joined`` that holds the field it is joined on."""
    before = [indicator.table]
    for other, _ in indicator.join:
        if other == joined:
            break
        before.append(other)
    return next(name for name in before if on in standard_table(name).names)


def put_pieces(con: duckdb.DuckDBPyConnection, piece_of: Mapping[str, str]) -> None:
    """Put the piece of each unit (by its home_ref) into the connection."""
    put(con, PIECE_OF, home_ref=("text", list(piece_of)), piece=("text", list(piece_of.values())))


def counts(
    con: duckdb.DuckDBPyConnection, indicators: Mapping[str, OwnIndicator], as_at: date
) -> dict[str, dict[str, Count] | str]:
    """For each indicator its counts by piece (units outside every piece under ``""``), or why there are none."""
    loaded = _loaded(con)
    read_from = _read_once(con, indicators, loaded)
    found: dict[str, dict[str, Count] | str] = {}
    for indicator in indicators.values():
        absent = sorted({indicator.table, *(table for table, _ in indicator.join)} - loaded)
        if absent:
            found[indicator.id] = f"No load has filled {' or '.join(absent).replace('_', ' ')}."
            continue
        try:
            rows = con.execute(f"""
                select coalesce(piece, if(rows.home_ref is null, '{PATCH}' || patch, null), '') as piece,
                    coalesce(sum(weight * num) filter (known), 0),
                    coalesce(sum(weight * den) filter (known), 0), count(*) filter (known and den > 0),
                    count(*) filter (known and num > 0), count(*) filter (not known),
                    coalesce(sum(weight * weight) filter (known and den > 0), 0)
                from (select *, num is not null and den is not null as known
                    from ({rows_sql(indicator, as_at, read_from)})) as rows
                left join {PIECE_OF} as piece_of using (home_ref) group by 1""").fetchall()
        except duckdb.BinderException:
            found[indicator.id] = "The lake's tables do not have the fields that it needs."
            continue
        found[indicator.id] = {
            piece: Count(num, den, n, yes, unknown, squares) for piece, num, den, n, yes, unknown, squares in rows
        }
    for name in read_from.values():
        if name != ONE_HOME:
            con.execute(f"drop table {name}")
    return found


def _read_once(
    con: duckdb.DuckDBPyConnection, indicators: Mapping[str, OwnIndicator], loaded: set[str]
) -> dict[str, str]:
    """Copies of the fields that the indicators use: a query of the lake costs far more than of a temporary table."""
    used: dict[str, set[str]] = {}
    for indicator in indicators.values():
        tables = {indicator.table, *(table for table, _ in indicator.join)}
        texts = (
            indicator.numerator, indicator.denominator, indicator.home, indicator.where, indicator.once_per,
            indicator.newest_by, indicator.weight,
        )  # fmt: skip
        named = {name for text in texts if text for name in expression.columns(text)}
        named |= {on for _, on in indicator.join} | {"patch"}
        for table in tables:
            used.setdefault(table, set()).update(named)
    read_from = dict(READ_FROM)
    for table in sorted((set(used) & loaded) - {"home"}):
        key = standard_table(table).key
        there = [row[0] for row in con.execute(f"describe {table}").fetchall()]
        chosen = [name for name in there if name in used[table] or name == key or name in ("_source", "_load", "_row")]
        read_from[table] = f"insight_read_{table}"
        con.execute(
            f"create or replace temp table {read_from[table]} as select "
            + ", ".join(f'"{name}"' for name in chosen)
            + f" from {table}"
        )
    return read_from


def _loaded(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The standard's tables that the connection can read."""
    return {row[0] for row in con.execute("select view_name from duckdb_views() where not internal "
                                          "union select table_name from duckdb_tables()").fetchall()}  # fmt: skip


def lines(
    found: Mapping[str, dict[str, Count] | str],
    indicators: Mapping[str, OwnIndicator],
    places: Sequence[Place],
    *,
    as_at: date,
    source: Source,
    smallest: int,
    with_stock: bool = True,
) -> list[list[Line]]:
    """The own lines of each place, beside the whole stock; small counts withheld over the whole batch."""
    made: list[list[Line]] = [[] for _ in places]
    for indicator in indicators.values():
        by_piece = found[indicator.id]
        about = _about(indicator, as_at, source)
        if isinstance(by_piece, str):
            figure = missing(indicator.title, indicator.unit, by_piece, **about)
            for own in made:
                own.append(Line(indicator, figure))
            continue
        base = found.get(indicator.base) if indicator.base else None
        hidden = _hidden(indicator, by_piece, base, places, smallest)
        label = f"{indicator.title}, all our homes"
        stock = make(indicator, _total(by_piece), _total(base), label, f"own:{indicator.id}?place=stock", about)
        if indicator.personal and _small(indicator, _total(by_piece), smallest):
            stock = stock.withheld(_why(smallest)) if stock.known else stock
        beside = {"stock": stock} if with_stock else {}
        for position, place in enumerate(places):
            recipe = f"own:{indicator.id}?place={place.id}&snapshot={source.snapshot}&as_at={as_at}"
            figure = make(
                indicator,
                _total(by_piece, place.pieces),
                _total(base, place.pieces),
                f"{indicator.title}",
                recipe,
                about,
            )
            if place.id in hidden and figure.known:
                figure = figure.withheld(_why(smallest))
            made[position].append(Line(indicator, figure, None, beside))
    return made


def make(
    indicator: OwnIndicator, count: Count, base: Count, label: str, recipe: str, about: Mapping[str, Any]
) -> Figure:
    """The figure of one own indicator from its sums, before any is withheld."""
    known = {**about, "recipe": recipe}
    unit = indicator.unit
    status, reason = "shown", ""
    if count.unknown and indicator.unknown_matters:
        whole = count.unknown + count.n
        status, reason = "estimated", f"{count.unknown:,} of {whole:,} rows {indicator.unknown}."
    if indicator.kind == "count":
        return Figure(_number(count.num), unit, label, status=status, reason=reason, **known)
    bottom = base.num if indicator.base else count.den
    if bottom <= 0:
        why = "There are no homes here to divide by." if indicator.base else "There is nothing here to divide by."
        return missing(label, unit, f"{why} {reason}".strip(), **about)
    top_word, bottom_word = indicator.of if all(indicator.of) else ("total", "rows")
    top_unit = "£" if unit == "£" else top_word
    parts = (
        Figure(_number(count.num), top_unit, _title(top_word), places=0 if top_unit != "£" else 2),
        Figure(_number(bottom), bottom_word, _title(bottom_word)),
    )
    value = parts[0].value / parts[1].value * indicator.per
    formula = "mean" if indicator.kind == "mean" else "share" if indicator.per == 100 else "rate"
    return Figure(
        value, unit, label, interval=_interval(indicator, count, bottom), parts=parts, formula=formula,
        per=indicator.per, status=status, reason=reason, **known,
    )  # fmt: skip


def _interval(indicator: OwnIndicator, count: Count, bottom: float) -> tuple[float, float] | None:
    if indicator.interval == "wilson":
        size = intervals.effective(count.den, count.squares) if count.squares else count.den
        share = min(max(count.num / bottom, 0.0), 1.0)
        low, high = intervals.wilson(share * size, size)
        return low * indicator.per, high * indicator.per
    if indicator.interval == "byar":
        return intervals.rate(count.num, bottom, indicator.per)
    return None


def _hidden(
    indicator: OwnIndicator, by_piece: Mapping[str, Count], base: Mapping[str, Count] | str | None,
    places: Sequence[Place], smallest: int,
) -> frozenset[str]:  # fmt: skip
    """The places whose figure is withheld: by the count itself, by its base, and by what a share leaves over."""
    if not indicator.personal:
        return frozenset()
    vectors = [lambda count: count.yes, lambda count: count.n]
    if indicator.kind == "rate" and not indicator.base:
        vectors.append(lambda count: count.n - count.yes)
    pieces = {piece for place in places for piece in place.pieces} | set(by_piece)
    made_of = {place.id: place.pieces for place in places}
    hidden: frozenset[str] = frozenset()
    for vector in vectors:
        values = {piece: vector(by_piece.get(piece, NOTHING)) for piece in pieces}
        larger = [
            (place.id, sum(values.get(piece, 0) for piece in holder)) for place in places for holder in place.larger
        ]
        hidden |= small.to_withhold(values, made_of, larger, smallest)
    return hidden


def _small(indicator: OwnIndicator, count: Count, smallest: int) -> bool:
    """Whether the whole stock's own count is too small to show."""
    rest = count.n - count.yes if indicator.kind == "rate" and not indicator.base else 0
    return any(0 < number < smallest for number in (count.yes, count.n, rest))


def _why(smallest: int) -> str:
    return (
        f"It rests on fewer than {smallest} people or events, or would give away such a number beside another "
        "published figure."
    )


def _about(indicator: OwnIndicator, as_at: date, source: Source) -> dict[str, Any]:
    twelve = "Twelve months" in indicator.period
    day = f"{as_at.day} {as_at:%B %Y}"
    period = f"{_first(as_at)} to {day}" if twelve else day
    if "balances" in indicator.period:
        period = "Balances as last loaded"
    how = " ".join(text for text in (indicator.how, indicator.note) if text)
    own = replace(source, dataset=indicator.table, title=f"{source.title}: {standard_table(indicator.table).title}")
    return {"period": period, "how": how, "sources": (own,), "places": indicator.places}


def _first(as_at: date) -> str:
    before = date.fromisoformat(words(as_at)["year_before"].split("'")[1]) + timedelta(days=1)
    return f"{before.day} {before:%B %Y}"


def _total(by_piece: Mapping[str, Count] | str | None, pieces: Sequence[str] | None = None) -> Count:
    if not by_piece or isinstance(by_piece, str):
        return NOTHING
    chosen = by_piece.values() if pieces is None else (by_piece.get(piece, NOTHING) for piece in pieces)
    total = NOTHING
    for count in chosen:
        total += count
    return total


def _number(value: float) -> float | int:
    value = round(value, 6)
    return int(value) if value == int(value) else value


def _title(word: str) -> str:
    return word[:1].upper() + word[1:]
