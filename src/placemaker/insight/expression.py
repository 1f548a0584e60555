"""Expressions that a catalogue may hold: SQL of a short allow-list, checked by parsing it.

A catalogue file is data that anyone may write, so an expression can name columns, numbers and a few functions and
nothing else: no tables, no files, no sub-queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp

from placemaker.lake.errors import Refusal

_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs, exp.Round, exp.Greatest, exp.Least,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is, exp.And, exp.Or, exp.Not,
    exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Cast, exp.DataType, exp.Interval, exp.Var,
    exp.DateDiff, exp.Lower, exp.Trim, exp.Extract,
)  # fmt: skip

#: The node classes by name, so that subclasses (``read_text`` is Anonymous, files are Table) never slip through.
_NAMES = frozenset(kind.__name__ for kind in _ALLOWED)

#: DuckDB functions that sqlglot does not know by class, by name.
_FUNCTIONS = frozenset({"date_diff"})

_TYPES = frozenset({"DATE", "DOUBLE", "INT", "BIGINT", "BOOLEAN"})


@lru_cache(maxsize=4096)
def parse(text: str, where: str = "") -> exp.Expression:
    """The expression as a tree; Refusal where it cannot be read or holds anything outside the allow-list."""
    try:
        tree = sqlglot.parse_one(f"SELECT {text}", dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        raise Refusal(f"The expression cannot be read: {text}", where, "Write it as SQL, such as: a + b") from None
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or set(_given(tree)) - {"expressions", "kind"}:
        raise Refusal(f"This is not one expression: {text}", where, "Write one expression over the columns.")
    body = tree.expressions[0]
    for node in body.walk():
        name = type(node).__name__
        if name == "Anonymous" and node.name.lower() in _FUNCTIONS:
            continue
        if name not in _NAMES:
            raise Refusal(f"{name} is not allowed in an expression: {text}", where, "Use columns, numbers and + - * /.")
        if isinstance(node, exp.DataType) and node.this.name not in _TYPES:
            raise Refusal(
                f"The type {node.this.name} is not allowed: {text}", where, f"Use {', '.join(sorted(_TYPES))}."
            )
    return body


def _given(tree: exp.Expression) -> list[str]:
    return [name for name, value in tree.args.items() if value]


def columns(text: str) -> frozenset[str]:
    """The names of the columns in the expression, without their table."""
    return frozenset(column.name for column in parse(text).find_all(exp.Column))


def sql(text: str, values: Mapping[str, str] | None = None) -> str:
    """The expression as DuckDB writes it, with bare names in ``values`` replaced by their SQL (dates, mostly)."""
    return _sql(text, tuple(sorted((values or {}).items())))


@lru_cache(maxsize=4096)
def _sql(text: str, given: tuple[tuple[str, str], ...]) -> str:
    values = dict(given)
    body = parse(text).copy()
    for column in list(body.find_all(exp.Column)):
        if not column.table and column.name in values:
            new = sqlglot.parse_one(values[column.name], dialect="duckdb")
            if column is body:
                body = new
            else:
                column.replace(new)
        else:
            # Quoted, so that a column may be named 0_ideal or as a word of SQL.
            column.this.set("quoted", True)
    return body.sql(dialect="duckdb")
