"""From an own figure down to the rows it is made of: table, key, file and row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from placemaker.insight import own, stock
from placemaker.insight.arrays import put
from placemaker.insight.indicator import own_catalogue
from placemaker.lake.errors import Refusal

if TYPE_CHECKING:
    from placemaker.lake import Workspace


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row behind a figure: where it is in the standard, which file and record it came from, and what it counts."""

    table: str
    key: str | None
    home_ref: str | None
    file: str
    row: int
    load: int
    source: str
    numerator: float | None
    denominator: float | None
    counted: bool


def open_rows(
    workspace: Workspace,
    indicator_id: str,
    home_refs: Iterable[str] | None = None,
    neighbourhood: Any = None,
    as_of: int | None = None,
    as_at: date | None = None,
) -> list[OpenRow]:
    """The rows that make an own figure of these homes, of a neighbourhood's homes, or of the whole stock.

    ``as_of`` is a load number and ``as_at`` the day of the figure. Rows that could not be judged come too, with
    ``counted`` false. The rows hold no names, but they are personal data: ask who may see them. Raises Refusal where
    the indicator is unknown, or its table was never loaded, or the neighbourhood does not say which homes it has.
    """
    indicators = own_catalogue()
    if indicator_id not in indicators:
        raise Refusal(f"There is no own indicator {indicator_id!r}", next="See the list in the catalogue reference.")
    if home_refs is None and neighbourhood is not None:
        home_refs = neighbourhood.homes
        if home_refs is None:
            raise Refusal(
                "The neighbourhood does not say which homes it has",
                neighbourhood.name,
                "Give the references of its homes.",
            )
    indicator = indicators[indicator_id]
    day = as_at or own.as_at_date(workspace, as_of)
    with workspace.read(as_of) as con:
        if not own.prepare(con) or not {indicator.table, *(table for table, _ in indicator.join)} <= own._loaded(con):
            raise Refusal("The tables behind this figure were never loaded", indicator.table, "Load them first.")
        where = "true"
        if home_refs is not None:
            refs = list(home_refs)
            patches = stock.whole_patches(con, {ref: [0] for ref in refs}, 1).get(0, [])
            own.put_pieces(con, dict.fromkeys(refs, "here"))
            put(con, "insight_patches", patch=("text", patches))
            where = (
                f"rows.home_ref in (select home_ref from {own.PIECE_OF}) "
                "or rows.home_ref is null and rows.patch in (from insight_patches)"
            )
        rows = con.execute(f"""
            select key, rows.home_ref, coalesce(load.file, ''), rows._row, rows._load, rows._source, num, den
            from ({own.rows_sql(indicator, day)}) as rows
            left join (select number, table_name, any_value(file) as file from load group by all) as load
                on load.number = rows._load and load.table_name = '{indicator.table}'
            where {where} order by rows._load, rows._row""").fetchall()
    return [
        OpenRow(indicator.table, key, home, file, row, load, source, num, den, num is not None and den is not None)
        for key, home, file, row, load, source, num, den in rows
    ]


def open_recipe(workspace: Workspace, recipe: str, home_refs: Iterable[str] | None = None) -> list[OpenRow]:
    """The rows behind an own figure's ``recipe``, as of the snapshot and the day that it names."""
    kind, _, rest = recipe.partition(":")
    indicator_id, _, query = rest.partition("?")
    if kind != "own":
        raise Refusal(
            "Only the landlord's own figures open to rows", recipe, "A published figure opens to its dataset."
        )
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    snapshot = asked.get("snapshot", "")
    day = date.fromisoformat(asked["as_at"]) if "as_at" in asked else None
    return open_rows(workspace, indicator_id, home_refs, as_of=int(snapshot) if snapshot.isdigit() else None, as_at=day)
