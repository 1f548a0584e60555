"""The allow-list: what an expression of a mapping, a rule or a pack may be made of, node by node of sqlglot's tree.

What is not on a list here is not allowed. DuckDB knows some 600 functions and gains more with each version, among them
readers of files, settings and the environment; a list of what is forbidden would be out of date on the day it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import Expression


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Nodes that make up a condition or a value, by sqlglot's names for them.
VALUE_NODES = _words("""
    Add And Array Between Boolean Bracket Case Cast Column DPipe DataType DataTypeParam Div EQ Escape GT GTE ILike
    Identifier If In IntDiv Interval Is LT LTE Like Literal Mod Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Or Paren
    RegexpFullMatch RegexpLike SimilarTo Sub TryCast Tuple Var
""")

#: Functions that read nothing but their arguments: sqlglot's names, then DuckDB's for those that sqlglot leaves as is.
FUNCTIONS = _words("""
    Abs AddMonths ArrayContains ArraySize Ceil Coalesce Concat ConcatWs Contains DateAdd DateDiff DateFromParts DateSub
    DateTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear EndsWith Extract Floor Greatest Hour LastDay Least Left
    Length Levenshtein Lower Minute Month Monthname Nullif Quarter RegexpExtract RegexpReplace Replace Reverse Right
    Round Sign Split SplitPart StartsWith StrPosition StrToTime Substring TimeToStr TimestampTrunc Trim Upper Week
    WeekOfYear Year YearOfWeekIso
""")
OTHER_FUNCTIONS = _words("""
    date_part datepart dayname damerau_levenshtein instr isodow isoyear jaro_winkler_similarity list_contains
    list_has_any ltrim monthname position prefix regexp_extract_all rtrim strftime string_split strptime suffix trunc
    try_strptime weekday yearweek
""")

#: What a query over whole tables needs besides.
QUERY_NODES = _words("""
    Alias All Any AnyValue ArgMax ArgMin ArrayAgg Avg CTE Count CountIf Distinct Except Exists Filter First From Group
    Having Intersect Join Lag Last Lead List LogicalAnd LogicalOr Max Median Min Order Ordered PartitionedByProperty
    Qualify RowNumber Select Star Subquery Sum Table TableAlias Union Where Window WindowSpec With
""")

#: Types that a value may be cast to: plain ones, which name nothing outside the expression.
TYPES = _words("""
    ARRAY BIGINT BOOLEAN CHAR DATE DECIMAL DOUBLE FLOAT INT INT128 INTERVAL LIST SMALLINT TEXT TIME TIMESTAMP
    TIMESTAMPNTZ TINYINT UBIGINT UINT USMALLINT UTINYINT VARCHAR
""")

#: Characters of an expression, and nodes inside each other, above which nobody wrote it by hand.
LONGEST, DEEPEST = 50_000, 250

#: Characters that an expression may make of cells of a hundred: nested replacements double, and memory is not endless.
LARGEST = 1_000_000
_CELL = 100

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_NUMBER = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE | re.ASCII)
#: Outside quotes: letters, digits and the signs of SQL; no comment, and no letter that makes a quoted text another.
_STRANGE = re.compile(
    r"--|/\*|\*/|(?<![a-z0-9_])(?:[bceinrux]|u&)'|[^a-z0-9_\s.,()+*/%<>=!|:\[\]~'\"-]", re.IGNORECASE | re.ASCII
)


def strange_sign(text: str) -> str:
    """A sign outside quotes that DuckDB and sqlglot may read differently, or an empty text: comments, ``$$``, ``E''``.

    What is left out here means the same to both, so that nothing gets by in what one of the two takes for a comment.
    """
    found = _STRANGE.search(_QUOTED.sub("''", text))
    return found[0] if found else ""


def not_allowed(tree: Expression, nodes: frozenset[str]) -> str:
    """What in a tree is not allowed, as SQL, or an empty text where all of it is."""
    from sqlglot import exp

    for node in tree.walk():
        kind = type(node).__name__
        if isinstance(node, exp.Anonymous):
            # Its name as text: a quoted or dotted function is another kind of node.
            if not isinstance(node.this, str) or node.this.casefold() not in OTHER_FUNCTIONS:
                return f"{node.name}()"
        elif kind not in nodes and kind not in FUNCTIONS:
            return _sql(node) or kind.lower()
        elif isinstance(node, exp.DataType) and (
            not isinstance(node.this, exp.DataType.Type) or node.this.value.upper() not in TYPES
        ):
            return f"cast as {_sql(node)}"
        elif isinstance(node, exp.Literal) and not node.is_string and not _NUMBER.fullmatch(node.name):
            return node.name
        elif isinstance(node, exp.With) and node.args.get("recursive"):
            return "recursive"
    return ""


def bad_division(tree: Expression) -> str:
    """A division in a tree by what may be nothing, as SQL; empty where each is by a number or ``nullif(…, 0)``."""
    from sqlglot import exp

    for node in tree.find_all(exp.Div, exp.IntDiv, exp.Mod):
        if not _is_never_zero(node.expression):
            return _sql(node)
    return ""


def depth(tree: Expression) -> int:
    """How many nodes are inside each other at most; counted without recursion."""
    deepest, left = 0, [(tree, 1)]
    while left:
        node, level = left.pop()
        deepest = max(deepest, level)
        left += [(child, level + 1) for child in node.iter_expressions()]
    return deepest


def length(node: Expression) -> float:
    """How many characters an expression may make, at most and roughly, of cells of a hundred characters each.

    Replacements multiply: what is put in may be put in as often as there are characters.
    """
    from sqlglot import exp

    if isinstance(node, exp.Literal):
        return len(node.name)
    if isinstance(node, exp.Column):
        return _CELL
    if isinstance(node, exp.Replace | exp.RegexpReplace):
        put_in = node.args.get("replacement")
        times = length(put_in) if put_in is not None else 0
        if isinstance(node, exp.RegexpReplace):
            # A pattern may match between all characters, and \\1 puts in what was found.
            times = 2 * times if times else 1
        return min(length(node.this) * max(times, 1), 1e30)
    return min(sum(length(child) for child in node.iter_expressions()), 1e30)


def columns(tree: Expression) -> Iterator[tuple[str, str]]:
    """The columns that a tree names, each as written and in small letters without its table."""
    from sqlglot import exp

    for column in tree.find_all(exp.Column):
        if not isinstance(column.this, exp.Star):
            yield _sql(column), column.name.casefold()


def _is_never_zero(node: Expression) -> bool:
    from sqlglot import exp

    while isinstance(node, exp.Paren | exp.Neg | exp.Cast | exp.TryCast):
        node = node.this
    if isinstance(node, exp.Nullif):
        other = node.expression
        return isinstance(other, exp.Literal) and not other.is_string and float(other.name) == 0
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) != 0


def _sql(node: Expression) -> str:
    """A node as SQL, short enough for a message."""
    text = node.sql("duckdb", comments=False)
    return text if len(text) <= 100 else f"{text[:99]}…"
