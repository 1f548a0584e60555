"""The standard's SQL, written for DuckDB, in Spark's dialect: the same tree with the same meaning, or a Refusal.

:data:`CARRIED` is the whole list of what is carried over, by sqlglot's names of the nodes; each is tested on both
engines. Spark casts, divides, counts days and rounds otherwise than DuckDB, so how a node is carried depends on the
*kind* of what stands under it: text, whole, decimal, double, truth, date, moment, interval or null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from placemaker.lake.errors import Refusal
from placemaker.standard.spark_nodes import AGGREGATES, NODES, Carrying, Kind, NotCarried
from placemaker.standard.spark_text import TEXT_NODES
from placemaker.standard.spark_time import TIME_NODES

#: How each node is carried over: its name, and the function that writes it anew and tells its kind.
CARRIED: dict[str, Callable[[Carrying, exp.Expression], tuple[exp.Expression, Kind]]] = {
    **NODES,
    **AGGREGATES,
    **TEXT_NODES,
    **TIME_NODES,
}

#: Parts of a query that hold no value of their own.
_PARTS = frozenset(
    [
        "All",
        "CTE",
        "DataType",
        "DataTypeParam",
        "Distinct",
        "Except",
        "Exists",
        "Filter",
        "From",
        "Group",
        "Having",
        "Identifier",
        "Intersect",
        "Join",
        "Limit",
        "Order",
        "Ordered",
        "Qualify",
        "Select",
        "Star",
        "Subquery",
        "Table",
        "TableAlias",
        "Tuple",
        "Union",
        "Var",
        "Where",
        "Window",
        "WindowSpec",
        "With",
    ]
)

#: The kinds of DuckDB's types.
KINDS: dict[str, Kind] = {
    "VARCHAR": "text",
    "BIGINT": "whole",
    "DECIMAL(18,4)": "decimal",
    "DATE": "date",
    "TIMESTAMP": "moment",
    "BOOLEAN": "truth",
    "DOUBLE": "double",
}


@lru_cache(maxsize=4096)
def carry_row(sql: str, columns: tuple[tuple[str, str], ...], where: str) -> str:
    """A condition or value over one row in Spark's dialect; ``columns`` are the names and DuckDB types there.

    Raises Refusal, naming ``where`` it is written, where something in it is not carried over.
    """
    tree = _parse(f"select ({sql})", where)
    kinds = {name.casefold(): (name, KINDS.get(type_, "unknown")) for name, type_ in columns}

    def column(node: exp.Column) -> tuple[exp.Expression, Kind]:
        if node.table or node.name.casefold() not in kinds:
            raise NotCarried(f"the name {node.sql('duckdb')}")
        name, kind = kinds[node.name.casefold()]
        return exp.column(name, quoted=True), kind

    _carry(tree, column, Carrying(where))
    return tree.selects[0].sql("spark")


@lru_cache(maxsize=4096)
def carry_query(
    sql: str, tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], where: str
) -> tuple[exp.Query, tuple[tuple[str, Kind], ...]]:
    """A query over whole tables for Spark, and its columns with their kinds; ``tables`` are names and columns.

    The names of tables stand in it as they are: see :func:`with_views`. Raises Refusal as :func:`carry_row` does.
    """
    schema = {name: dict(columns) for name, columns in tables}
    try:
        tree = qualify(_parse(sql, where), schema=schema, dialect="duckdb", quote_identifiers=True)
    except SqlglotError:
        raise Refusal("The query cannot be understood for Spark", where, "Name each column with its table.") from None
    carrying = Carrying(where)
    scopes = {id(column): scope for scope in traverse_scope(tree) for column in scope.columns}

    def column(node: exp.Column) -> tuple[exp.Expression, Kind]:
        if id(node) not in scopes:
            # A name that the query itself gives, in `order by` or `having`.
            return node, "unknown"
        source = _source(scopes[id(node)], node.table)
        if isinstance(source, exp.Table):
            return node, KINDS[schema[source.name][node.name]]
        if isinstance(source, Scope):
            return node, _projected(source, node.name, carrying.kinds)
        raise NotCarried(f"the name {node.sql('duckdb')}")

    _carry(tree, column, carrying)
    names = [(one.alias_or_name, carrying.kinds.get(id(one), "unknown")) for one in tree.selects]
    return tree, tuple(names)


def with_views(tree: exp.Query, views: Mapping[str, str]) -> str:
    """Spark's SQL of a carried query, the tables read from ``views`` of other names."""
    tree = tree.copy()
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name.casefold() not in own:
            alias = table.alias or table.name
            table.set("this", exp.to_identifier(views[table.name], quoted=True))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return tree.sql("spark")


def _parse(sql: str, where: str) -> exp.Query:
    try:
        return parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        raise Refusal(f"`{sql}` is not an SQL expression", where, "Check its quotes and brackets.") from None


def _carry(tree: exp.Query, column: Callable[[exp.Column], tuple[exp.Expression, Kind]], carrying: Carrying) -> None:
    """Write every node of the tree anew, from the leaves up, and note the kinds of the nodes by their ids."""
    for node in _leaves_first(tree):
        name = node.name.lower() + "()" if isinstance(node, exp.Anonymous) else type(node).__name__
        try:
            if node.args.get("negate") and not isinstance(node, exp.Like):
                raise NotCarried(f"`{node.sql('duckdb')}`")
            if isinstance(node, exp.Column):
                new, kind = column(node)
            elif name in CARRIED:
                new, kind = CARRIED[name](carrying, node)
            elif name in _PARTS:
                new, kind = node, _part_kind(carrying, node)
            else:
                raise NotCarried(f"`{node.sql('duckdb')}`")
        except NotCarried as error:
            raise Refusal(
                f"{error} is not carried over to Spark", carrying.where, "Say it with what docs/spark.md lists."
            ) from None
        carrying.kinds[id(new)] = kind
        carrying.keep.append(node)
        if new is not node:
            node.replace(new)


def _leaves_first(tree: exp.Expression) -> list[exp.Expression]:
    """The nodes in an order in which each comes after those under it, and a query after what it reads from."""
    found: list[exp.Expression] = []

    def visit(node: exp.Expression) -> None:
        parts = list(node.iter_expressions())
        # The kinds of what a query gives rest on those of the tables and queries that it reads.
        for part in sorted(parts, key=_reading_order):
            visit(part)
        found.append(node)

    visit(tree)
    return found


def _reading_order(node: exp.Expression) -> int:
    return next((place for place, kind in enumerate((exp.With, exp.From, exp.Join)) if isinstance(node, kind)), 3)


def _part_kind(carrying: Carrying, node: exp.Expression) -> Kind:
    if isinstance(node, exp.Exists):
        return "truth"
    if isinstance(node, exp.Filter | exp.Window | exp.Ordered):
        return carrying.kind(node.this)
    if isinstance(node, exp.Subquery | exp.Query) and len(node.selects) == 1:
        return carrying.kind(node.selects[0])
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        raise NotCarried("`distinct on`")
    if isinstance(node, exp.Distinct) and len(node.expressions) == 1:
        return carrying.kind(node.expressions[0])
    return "unknown"


def _source(scope: Scope | None, name: str) -> exp.Expression | Scope | None:
    """What a query, or one around it, reads under that name."""
    while scope is not None:
        if name in scope.sources:
            return scope.sources[name]
        scope = scope.parent
    return None


def _projected(scope: Scope, name: str, kinds: Mapping[int, Kind]) -> Kind:
    """The kind of a column that an inner query gives."""
    for one in scope.expression.selects:
        if one.alias_or_name == name:
            return kinds.get(id(one), "unknown")
    return "unknown"
