"""What is carried over to Spark: names, logic, comparisons, numbers, casts and what sums up many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from sqlglot import exp

Kind = Literal["text", "whole", "decimal", "double", "truth", "date", "moment", "interval", "null", "unknown"]
Carried = tuple[exp.Expression, Kind]

NUMBERS: tuple[Kind, ...] = ("whole", "decimal", "double")
TIMES: tuple[Kind, ...] = ("date", "moment")


class NotCarried(Exception):
    """Something with no certain meaning on both engines; its text says what."""


class Carrying:
    """One tree on its way: the kinds of the nodes that are carried already, by their ids."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.kinds: dict[int, Kind] = {}
        #: Texts that a number can be read from, and are read alike: one sign, or digits alone.
        self.plain: set[int] = set()
        # Nodes that were replaced are kept, so that no other node gets the id of one.
        self.keep: list[exp.Expression] = []

    def kind(self, node: exp.Expression | None) -> Kind:
        """The kind of a node that was carried."""
        return self.kinds.get(id(node), "unknown")

    def need(self, node: exp.Expression, *kinds: Kind) -> Kind:
        """The kind of a node, which must be one of ``kinds`` or null."""
        kind = self.kind(node)
        if kind not in (*kinds, "null"):
            raise NotCarried(f"`{node.sql('duckdb')}`, which is {kind} and not {' or '.join(kinds)},")
        return kind

    def common(self, *nodes: exp.Expression) -> Kind:
        """The one kind that values of all ``nodes`` can have, as where one of them is chosen."""
        kinds = {self.kind(node) for node in nodes} - {"null"}
        if not kinds:
            return "null"
        if len(kinds) == 1:
            return kinds.pop()
        if kinds <= set(NUMBERS):
            return max(kinds, key=NUMBERS.index)
        if kinds <= set(TIMES):
            return "moment"
        written = " and ".join(sorted(kinds))
        raise NotCarried(f"`{nodes[0].sql('duckdb')}` beside a value of another kind ({written})")


def part(sql: str, **places: exp.Expression) -> exp.Expression:
    """A piece of Spark's SQL with nodes put in at ``:name``."""
    tree = exp.maybe_parse(sql, dialect="spark")
    return exp.replace_placeholders(tree, **{name: node.copy() for name, node in places.items()})


def double(node: exp.Expression) -> exp.Expression:
    """``node`` as a double."""
    return part("cast(:x as double)", x=node)


def same(kind: Kind) -> Callable[[Carrying, exp.Expression], Carried]:
    """A node that is written and meant alike, of this kind."""
    return lambda _, node: (node, kind)


def _literal(_: Carrying, node: exp.Literal) -> Carried:
    if node.is_string:
        return node, "text"
    if "e" in node.name.lower():
        return double(node), "double"
    return node, "decimal" if "." in node.name else "whole"


def _inner(carrying: Carrying, node: exp.Expression) -> Carried:
    return node, carrying.kind(node.this)


def _compared(carrying: Carrying, node: exp.Expression) -> Carried:
    sides = [node.this, *(node.args.get(name) for name in ("expression", "low", "high") if node.args.get(name))]
    if isinstance(node, exp.In):
        if node.args.get("unnest") or node.args.get("field"):
            raise NotCarried(f"`{node.sql('duckdb')}`")
        sides += node.expressions or [node.args["query"]]
    kinds = {carrying.kind(side) for side in sides}
    if kinds & set(TIMES) and "text" in kinds:
        # DuckDB reads a written day as a day.
        for side in sides:
            if carrying.kind(side) == "text":
                side.replace(_written_time(carrying, side))
    else:
        carrying.common(*sides)
    return node, "truth"


def _written_time(carrying: Carrying, node: exp.Expression) -> exp.Expression:
    if not isinstance(node, exp.Literal):
        raise NotCarried(f"`{node.sql('duckdb')}`, a text where a day is meant,")
    kind: Kind = "date" if len(node.name) == 10 else "moment"
    new = part(f"cast(:x as {'date' if kind == 'date' else 'timestamp_ntz'})", x=node)
    carrying.kinds[id(new)] = kind
    carrying.keep += [node, new]
    return new


def _negated_same(carrying: Carrying, node: exp.NullSafeNEQ) -> Carried:
    carrying.common(node.left, node.right)
    return part("not (:a <=> :b)", a=node.left, b=node.right), "truth"


def _is(_: Carrying, node: exp.Is) -> Carried:
    if isinstance(node.expression, exp.Null | exp.Boolean):
        return node, "truth"
    raise NotCarried(f"`{node.sql('duckdb')}`")


def _chosen(carrying: Carrying, node: exp.Expression) -> Carried:
    return node, carrying.common(node.this, *node.expressions)


def _case(carrying: Carrying, node: exp.Case) -> Carried:
    values = [branch.args["true"] for branch in node.args["ifs"]]
    values += [node.args["default"]] if node.args.get("default") else []
    if node.this:
        carrying.common(node.this, *(branch.this for branch in node.args["ifs"]))
    return node, carrying.common(*values)


def _if(carrying: Carrying, node: exp.If) -> Carried:
    values = [value for value in (node.args["true"], node.args.get("false")) if value]
    return node, carrying.common(*values)


def _nullif(carrying: Carrying, node: exp.Nullif) -> Carried:
    carrying.common(node.this, node.expression)
    return node, carrying.kind(node.this)


def _number(carrying: Carrying, node: exp.Expression) -> Carried:
    return node, carrying.need(node.this, *NUMBERS)


def _multiplied(carrying: Carrying, node: exp.Mul) -> Carried:
    for side in (node.left, node.right):
        carrying.need(side, *NUMBERS)
    return node, carrying.common(node.left, node.right)


def _divided(carrying: Carrying, node: exp.Div) -> Carried:
    """DuckDB divides doubles, whatever stands on either side; what is divided by nothing is unknown."""
    for side in (node.left, node.right):
        carrying.need(side, *NUMBERS)
    return part("try_divide(:a, :b)", a=double(node.left), b=double(node.right)), "double"


def _whole_division(carrying: Carrying, node: exp.Binary) -> Carried:
    for side in (node.left, node.right):
        carrying.need(side, "whole")
    return part(
        f":a {'div' if isinstance(node, exp.IntDiv) else '%'} nullif(:b, 0)", a=node.left, b=node.right
    ), "whole"


def _round(carrying: Carrying, node: exp.Round) -> Carried:
    kind, digits = carrying.need(node.this, *NUMBERS), node.args.get("decimals")
    places = int(digits.name) if isinstance(digits, exp.Literal) and digits.is_int else 0 if digits is None else -1
    if not 0 <= places <= 9:
        raise NotCarried(f"`{node.sql('duckdb')}`")
    if kind == "double":
        # Spark rounds the written form of a double and DuckDB the double: 2.675 is a little less than it looks.
        return part(f"(round(:x * {10**places}D, 0) / {10**places}D)", x=node.this), kind
    return node, kind


def _floor(carrying: Carrying, node: exp.Expression) -> Carried:
    kind = carrying.need(node.this, *NUMBERS)
    return (double(node), kind) if kind == "double" else (node, kind)


def _sign(carrying: Carrying, node: exp.Sign) -> Carried:
    carrying.need(node.this, *NUMBERS)
    return part("cast(sign(:x) as int)", x=node.this), "whole"


_WHOLE_TYPES = {"TINYINT": "tinyint", "SMALLINT": "smallint", "INT": "int", "BIGINT": "bigint"}


def _cast(carrying: Carrying, node: exp.Cast) -> Carried:
    kind, to = carrying.kind(node.this), node.to
    name, value = to.this.value.upper(), node.this
    constant = isinstance(value, exp.Literal) and value.is_string
    if name in ("VARCHAR", "TEXT") and kind in ("text", "whole", "decimal", "truth", *TIMES, "null"):
        return part("cast(:x as string)", x=value), "text"
    if name == "DATE" and (kind in (*TIMES, "null") or constant):
        return part("cast(:x as date)", x=value), "date"
    if name in ("TIMESTAMP", "TIMESTAMPNTZ", "DATETIME") and (kind in (*TIMES, "null") or constant):
        return part("cast(:x as timestamp_ntz)", x=value), "moment"
    if name in _WHOLE_TYPES:
        if kind in ("whole", "truth", "null"):
            return part("cast(:x as bigint)", x=value), "whole"
        if isinstance(node, exp.TryCast) and id(value) in carrying.plain:
            return part(f"try_cast(:x as {_WHOLE_TYPES[name]})", x=value), "whole"
        # DuckDB rounds where Spark cuts off, a double to the even neighbour.
        if kind in ("decimal", "double"):
            way = "round(:x, 0)" if kind == "decimal" else "rint(:x)"
            return part(f"cast({way} as bigint)", x=value), "whole"
    if name == "DOUBLE" and kind in (*NUMBERS, "null"):
        return double(value), "double"
    if name == "DECIMAL" and kind in ("whole", "decimal", "null") and to.expressions:
        return part(f"cast(:x as {to.sql('spark')})", x=value), "decimal"
    if name in ("BOOLEAN", "BOOL") and kind in ("truth", "null"):
        return value, "truth"
    raise NotCarried(f"`{node.sql('duckdb')}`, a cast from {kind},")


def _counted(_: Carrying, node: exp.Count) -> Carried:
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1:
        raise NotCarried(f"`{node.sql('duckdb')}`")
    return node, "whole"


def _summed(carrying: Carrying, node: exp.Sum) -> Carried:
    # A sum of doubles depends on the order in which they are added.
    return node, carrying.need(node.this, "whole", "decimal")


def _mean(carrying: Carrying, node: exp.Avg) -> Carried:
    carrying.need(node.this, "whole", "decimal")
    return part("try_divide(cast(sum(:x) * 10000 as double), count(:x) * 10000D)", x=node.this), "double"


#: What stands under one row's value.
NODES: dict[str, Callable[[Carrying, exp.Expression], Carried]] = {
    **dict.fromkeys(["And", "Or", "Not"], same("truth")),
    **dict.fromkeys(["EQ", "NEQ", "GT", "GTE", "LT", "LTE", "Between", "In", "NullSafeEQ"], _compared),
    **dict.fromkeys(["Paren", "Alias"], _inner),
    **dict.fromkeys(["Coalesce", "Least", "Greatest"], _chosen),
    **dict.fromkeys(["Neg", "Abs"], _number),
    **dict.fromkeys(["IntDiv", "Mod"], _whole_division),
    **dict.fromkeys(["Floor", "Ceil"], _floor),
    **dict.fromkeys(["Cast", "TryCast"], _cast),
    "Boolean": same("truth"),
    "Null": same("null"),
    "Literal": _literal,
    "NullSafeNEQ": _negated_same,
    "Is": _is,
    "Case": _case,
    "If": _if,
    "Nullif": _nullif,
    "Mul": _multiplied,
    "Div": _divided,
    "Round": _round,
    "Sign": _sign,
}

#: What sums up many rows, and always gives the same for the same rows in any order.
AGGREGATES: dict[str, Callable[[Carrying, exp.Expression], Carried]] = {
    **dict.fromkeys(["Min", "Max", "Lag", "Lead"], _inner),
    **dict.fromkeys(["LogicalAnd", "LogicalOr"], same("truth")),
    "Count": _counted,
    "CountIf": same("whole"),
    "Sum": _summed,
    "Avg": _mean,
    "RowNumber": same("whole"),
}
