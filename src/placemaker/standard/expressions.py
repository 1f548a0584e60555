"""The SQL that rules and mappings may hold: conditions and values over one row, and queries over the standard's tables.

A mapping comes from outside, so its SQL is parsed by sqlglot and passes only if every node of the tree is on the list
below: no file, no other table, no setting, no subquery. What passes is written anew from the tree, so DuckDB runs
exactly what was looked at. The standard's own rules go through the same gate in the test suite; at run time they are
taken as they are, because importing sqlglot alone takes longer than checking a small file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from placemaker.lake.errors import Refusal

if TYPE_CHECKING:
    from sqlglot import Expression


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Nodes that make up a condition or a value, by sqlglot's names for them.
_VALUE_NODES = _words("""
    Add Alias And Array Between Boolean Bracket Case Cast Column DPipe DataType DataTypeParam Div EQ Escape GT GTE
    ILike Identifier If In IntDiv Interval Is LT LTE Like Literal Mod Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Or
    Paren RegexpFullMatch RegexpLike SimilarTo Sub TryCast Tuple Var
""")

#: Functions that read nothing but their arguments: sqlglot's names, then DuckDB's for those that sqlglot leaves as is.
_FUNCTIONS = _words("""
    Abs AddMonths ArrayContains ArraySize Ceil Coalesce Concat ConcatWs Contains DateAdd DateDiff DateFromParts DateSub
    DateTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear EndsWith Extract Floor Greatest Hour LastDay Least Left
    Length Levenshtein Lower Minute Month Monthname Nullif Quarter RegexpExtract RegexpReplace Replace Reverse Right
    Round Sign Split SplitPart StartsWith StrPosition StrToTime Substring TimeToStr TimestampTrunc Trim Upper Week
    WeekOfYear Year YearOfWeekIso
""")
_OTHER_FUNCTIONS = _words("""
    date_part datepart dayname damerau_levenshtein instr isodow isoyear jaro_winkler_similarity list_contains
    list_has_any ltrim monthname position prefix regexp_extract_all rtrim strftime string_split strptime suffix trunc
    try_strptime weekday yearweek
""")

#: What a query over whole tables needs besides.
_QUERY_NODES = _words("""
    All Any AnyValue ArgMax ArgMin ArrayAgg Avg CTE Count CountIf Distinct Except Exists Filter First From Group Having
    Intersect Join Lag Last Lead List LogicalAnd LogicalOr Max Median Min Order Ordered PartitionedByProperty Qualify
    RowNumber Select Star Subquery Sum Table TableAlias Union Where Window WindowSpec With
""")

#: Identifiers, leaving out quoted text; a name that a bracket follows is a function and not a column.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"((?:[^\"]|\"\")+)\"|([A-Za-z_]\w*)(\s*\()?")


def row_sql(text: str, columns: Iterable[str], where: str) -> str:
    """``text``, a condition or value over one row, as DuckDB is to run it.

    Raises Refusal, naming ``where`` it is written, if it is no SQL, names a column that is not among ``columns``
    (compared without case) or does anything but compute from its row.
    """
    tree = _parse(text, where)
    _allow(tree, _VALUE_NODES, where, text)
    known = {name.casefold() for name in columns}
    for column in tree.find_all(_nodes().Column):
        if column.table or column.name.casefold() not in known:
            raise Refusal(f"The expression `{text}` uses {column.sql('duckdb')}, which is no column here", where)
    return tree.sql("duckdb")


def query_sql(text: str, tables: Iterable[str], where: str) -> str:
    """``text``, a SELECT over the standard's ``tables`` alone, as DuckDB is to run it; else a Refusal."""
    tree = _parse(text, where)
    _allow(tree, _VALUE_NODES | _QUERY_NODES, where, text)
    if not isinstance(tree, _nodes().Query):
        raise Refusal(f"`{text}` is not a SELECT", where)
    own = {cte.alias.casefold() for cte in tree.find_all(_nodes().CTE)}
    known = {name.casefold() for name in tables} | own
    for used in tree.find_all(_nodes().Table):
        named = isinstance(used.this, _nodes().Identifier) and used.name.casefold() in known
        if not named or used.db or used.catalog:
            raise Refusal(f"The query `{text}` reads {used.sql('duckdb')}, which is no table of the standard", where)
    return tree.sql("duckdb")


@cache
def names_in(text: str) -> tuple[str, ...]:
    """The identifiers in an expression, in order and once each, in small letters: a cheap look, without sqlglot."""
    found: dict[str, None] = {}
    for quoted, plain, bracket in _TOKEN.findall(text):
        if quoted or (plain and not bracket):
            found[(quoted.replace('""', '"') or plain).casefold()] = None
    return tuple(found)


def identifier(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _parse(text: str, where: str) -> Expression:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse(text, read="duckdb")
    except (SqlglotError, RecursionError):
        parsed = []
    if len(parsed) != 1 or parsed[0] is None:
        raise Refusal(f"`{text}` is not an SQL expression", where, "Check its quotes and brackets.")
    return parsed[0]


def _allow(tree: Expression, nodes: frozenset[str], where: str, text: str) -> None:
    exp = _nodes()
    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            allowed, what = node.name.casefold() in _OTHER_FUNCTIONS, f"{node.name}()"
        else:
            allowed, what = kind in nodes or kind in _FUNCTIONS, node.sql("duckdb")
        if not allowed:
            raise Refusal(f"The expression `{text}` may not use `{what}`", where, "Use only what its own row holds.")


def _nodes():
    from sqlglot import exp

    return exp
