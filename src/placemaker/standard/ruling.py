"""Which rules hold for an export, and the SQL of a rule and of its message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from placemaker.standard.derived import RAW
from placemaker.standard.expressions import literal, names_in, query_sql, row_sql
from placemaker.standard.schema import Rule, Table, table_names
from placemaker.standard.schema import table as table_of

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: What a query reads; a column may have a table's name (``outcome``), so that a name alone says nothing.
_READS = re.compile(r"(?<!distinct )\b(?:from|join)\s+\"?([a-z_]\w*)\"?(?!\s*[.(])", re.IGNORECASE)
_TODAY = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|\btoday\b(?!\s*\()", re.IGNORECASE)


def row_rules(table: Table, filled: Iterable[str], today: date, nation: str, others: Iterable[str] = ()) -> list[Rule]:
    """The table's rules over one row that can be looked at in an export that fills the fields ``filled``.

    ``others`` are the names of a pack that have a value in any export: what is derived, and parameters.
    """
    unfilled, known = set(table.names) - set(filled), {*table.names, *others}
    if others:  # in a pack's table the texts of the cells have names of their own
        known |= {f"{RAW}{name}" for name in table.names}
    return [
        rule
        for rule in table.rules
        if rule.expect
        and _holds_here(rule, today, nation)
        and unfilled.isdisjoint(set(names_in(rule.expect)).difference(rule.optional))
        and not unfilled.issuperset(known.intersection(names_in(rule.expect)))
    ]


def set_rules(
    table: Table, filled: Iterable[str], there: Callable[[str], bool], today: date, nation: str
) -> list[Rule]:
    """The table's rules over many rows whose tables are all ``there`` and whose own fields are all ``filled``."""
    unfilled = set(table.names) - set(filled)
    found = []
    for rule in table.rules:
        if not rule.breaks or not _holds_here(rule, today, nation) or not all(map(there, tables_of(rule))):
            continue
        needed = unfilled.intersection(names_in(rule.breaks)).difference(rule.optional)
        # A name may be another table's field too; then the rule is run, and a field that is not filled reads as empty.
        others = [table_of(name).names for name in tables_of(rule) if needed and name != table.name]
        if needed <= set().union(*others):
            found.append(rule)
    return found


def _holds_here(rule: Rule, today: date, nation: str) -> bool:
    return rule.in_force(today) and (not rule.nations or nation in rule.nations)


def tables_of(rule: Rule) -> tuple[str, ...]:
    """The tables that a set rule reads: the standard's, and its own where that is a form's."""
    read = dict.fromkeys(name.casefold() for name in _READS.findall(rule.breaks))
    return tuple(name for name in read if name in table_names() or name == rule.table)


def rule_sql(rule: Rule, table: Table, today: date) -> str:
    """The SQL of a rule with ``today`` put in; a rule that nobody vouches for must pass the allow-list."""
    text = rule.expect or rule.breaks
    if not rule.vouched and (table.name not in table_names() or rule not in table_of(table.name).rules):
        check_rule(rule, table)
    return _TODAY.sub(lambda found: found[1] or f"date '{today}'", text)


def message_sql(template: str, values: dict[str, str], today: date) -> str:
    """SQL for a rule's message, its placeholders filled from the SQL texts ``values``; an empty one reads as empty."""
    pieces = []
    for place, piece in enumerate(_PLACEHOLDER.split(template)):
        if place % 2 == 0:
            pieces += [literal(piece)] if piece else []
        elif piece == "today":
            pieces.append(literal(today.isoformat()))
        elif piece in values:
            pieces.append(f"coalesce({shortened(values[piece])}, 'empty')")
        else:
            pieces.append("'not given'")
    return " || ".join(pieces) or "''"


def shortened(text: str) -> str:
    """SQL for a text as a message quotes it, at most 100 characters."""
    return f"case when length({text}) > 100 then left({text}, 100) || '…' else {text} end"


def check_rule(rule: Rule, table: Table | None = None) -> None:
    """Raise Refusal if a rule's SQL is not on the allow-list; the test suite asks it of every rule of the standard."""
    table, where = table or table_of(rule.table), f"rules/{rule.table}.yaml, rule {rule.id}"
    if rule.expect:
        row_sql(rule.expect, [*table.names, "today"], where)
    else:
        query_sql(rule.breaks, table_names(), where)
