"""The queries that derive a pack's values for every row of an export and find what its rules say of them.

The rows stream through the layers of :func:`placemaker.standard.derived.layered` and are asked all the rules at once. A
filter over the layers would make the engine write each derived value out in full wherever it is used, and grow with
every layer; so what each row breaks is kept as a list, with the few derived values that a message quotes, and made into
findings by a second query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from placemaker.standard.derived import RAW, Derived, layered
from placemaker.standard.expressions import identifier, literal, names_in
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


def verdicts(rows: str, checks: Sequence[RowCheck], kept: Iterable[str]) -> str:
    """The query for the rows of the query ``rows`` with the numbers of the ``checks`` that each breaks, as ``_rules``.

    Beside them are the derived values ``kept`` for messages.
    """
    numbers = ", ".join(
        f"case when not ({check.holds}) and not ({check.unread}) then {n} end" for n, check in enumerate(checks)
    )
    names = ", ".join(["_row", *map(identifier, kept)])
    return f"select {names}, list_filter([{numbers}]::integer[], lambda n: n is not null) as _rules from ({rows})"


def quoted_values(checks: Iterable[RowCheck], derivation: Derivation) -> list[str]:
    """The derived values that the messages of ``checks`` quote."""
    used = {name for check in checks for name in names_in(check.message)}
    return [name for name in derivation.values if name in used]


def layered_findings(
    broken: str, texts: str, table: Table, checks: Sequence[RowCheck], raw: Mapping[str, str], key: str
) -> str:
    """The query for the findings of ``checks``, one for each field of a broken rule, and the ``_stage`` of each.

    ``broken`` is a table of :func:`verdicts`, ``texts`` the query for the rows with the texts of their fields.
    """
    places = {name: place for place, name in enumerate(table.names)}
    pairs = ", ".join(
        f"({n}, {places.get(name, -1)}, {literal(table.names[name].label if name in places else '')}, "
        f"{literal(check.rule)}, {literal(check.severity)}, {check.stage}, "
        # A message that quotes nothing is the same for every row.
        f"{'null' if names_in(check.message) else check.message})"
        for n, check in enumerate(checks)
        for name in check.fields
    )
    used = sorted({places[name] for check in checks for name in check.fields if name in raw})
    names = list(table.names)
    cells = _pick("p.place", ((place, raw[names[place]]) for place in used))
    said = _pick("b._rule", ((n, check.message) for n, check in enumerate(checks) if names_in(check.message)))
    return (
        f"select _row as row, {key} as key, p.field as field, {cells} as value, p.rule as rule, p.severity as severity,"
        f" coalesce(p.message, {said}) as message, {literal(table.name)} as table_name, p.stage as _stage "
        f"from (select _row, unnest(_rules) as _rule from {broken} where len(_rules) > 0) b "
        f"join (values {pairs or '(-1, -1, null, null, null, 1, null)'}) "
        f"p(number, place, field, rule, severity, stage, message) on b._rule = p.number "
        f"join {broken} d using (_row) join ({texts}) s using (_row)"
    )


def first_stages(found: str) -> str:
    """The query for the findings in the table ``found`` without what a later stage says of a field of a row."""
    return (
        f"select f.* exclude (_stage) from {found} f semi join "
        f"(select row, field, min(_stage) as _stage from {found} group by row, field) e "
        "on f.row = e.row and f.field = e.field and f._stage = e._stage"
    )


def _pick(what: str, values: Iterable[tuple[int, str]]) -> str:
    cases = " ".join(f"when {n} then {value}" for n, value in values)
    return f"case {what} {cases} end" if cases else "cast(null as varchar)"
