"""One query that derives a pack's values for every row of an export and finds what its rules say of them.

The rows stream through the layers of :func:`placemaker.standard.derived.layered`, are asked all the rules at once, and
only those that break one go on. A filter over the layers would make the engine write each derived value out in full
wherever it is used, and grow with every layer; so the rows are picked by unnesting the numbers of the broken rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placemaker.standard.derived import RAW, Derived, layered
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.schema import Table

if TYPE_CHECKING:
    from placemaker.standard.compile import RowCheck


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a pack brings to the rows of one table: its layers, SQL for its constants, and its reference tables."""

    layers: Sequence[Sequence[Derived]]
    constants: Mapping[str, str]
    lookups: Mapping[str, str]

    @property
    def values(self) -> dict[str, str]:
        """The names of the derived values and their types, in the order of the layers."""
        return {name: kind for layer in self.layers for one in layer for name, kind in one.gives.items()}

    def names(self) -> list[str]:
        """Every name that has a value whatever an export fills."""
        return [*self.values, *self.constants]

    def messages(self, table: Table) -> dict[str, str]:
        """SQL for how a message quotes what is no field: a derived value, a parameter, the text of a cell.

        A number is quoted without zeros at its end.
        """
        quoted = {name: sql for name, sql in self.constants.items() if name != "today"}
        quoted |= {f"{RAW}{name}": identifier(f"{RAW}{name}") for name in table.names}
        for name, kind in self.values.items():
            text = f"cast({identifier(name)} as varchar)"
            quoted[name] = f"rtrim(rtrim({text}, '0'), '.')" if kind == "number" else text
        return quoted

    def rows(self, base: str, table: Table, raw: Mapping[str, str]) -> str:
        """The query for the rows of ``base``, which has the table's fields, with their texts and all derived values.

        ``raw`` is SQL for the text of each field that the export fills.
        """
        texts = [
            f"{raw.get(name, 'cast(null as varchar)')} as {identifier(f'{RAW}{name}')}"
            for name in table.names
            if f"{RAW}{name}" not in table.names
        ]
        return layered(f"select *, {', '.join(texts)} from ({base})", self.layers, self.constants, self.lookups)


def layered_findings(rows: str, table: Table, checks: Sequence[RowCheck], raw: Mapping[str, str], key: str) -> str:
    """The query for the findings of ``checks`` on the rows of the query ``rows``: one for each field of a broken rule.

    What an earlier stage found on a field of a row leaves out what later stages find there.
    """
    numbers = ", ".join(
        f"case when not ({check.holds}) and not ({check.unread}) then {n} end" for n, check in enumerate(checks)
    )
    found = f"select *, unnest(list_filter([{numbers}], lambda n: n is not null)) as _rule from ({rows})"
    if not checks:
        return f"select null::bigint as row, null::varchar as message from ({rows}) limit 0"
    places = {name: place for place, name in enumerate(table.names)}
    pairs = ", ".join(
        f"({n}, {places.get(name, -1)}, {literal(table.names[name].label if name in places else '')}, "
        f"{literal(check.rule)}, {literal(check.severity)}, {check.stage})"
        for n, check in enumerate(checks)
        for name in check.fields
    )
    used = {name for check in checks for name in check.fields if name in raw}
    cells = _pick("p.place", ((places[name], raw[name]) for name in sorted(used, key=places.__getitem__)))
    query = (
        f"select b._row as row, {key} as key, p.field as field, {cells} as value, p.rule as rule, "
        f"p.severity as severity, {_pick('b._rule', enumerate(check.message for check in checks))} as message, "
        f"{literal(table.name)} as table_name, p.stage as _stage "
        f"from ({found}) b join (values {pairs}) p(number, place, field, rule, severity, stage) on b._rule = p.number"
    )
    if any(check.stage > 1 for check in checks):
        query += " qualify _stage = min(_stage) over (partition by row, field)"
    return f"select * exclude (_stage) from ({query})"


def _pick(what: str, values: Iterable[tuple[int, str]]) -> str:
    cases = " ".join(f"when {n} then {value}" for n, value in values)
    return f"case {what} {cases} end" if cases else "cast(null as varchar)"
