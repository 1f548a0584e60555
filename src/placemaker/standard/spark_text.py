"""What is carried over to Spark of texts. Letters, not bytes, are counted on both engines."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from placemaker.standard import spark_letters
from placemaker.standard.spark_nodes import Carried, Carrying, NotCarried, part
from placemaker.standard.spark_regex import java_pattern, java_replacement

#: Kinds that both engines write as the same text. Doubles are not among them.
WRITABLE = ("text", "whole", "decimal", "truth", "date", "moment")


def _constant(node: exp.Expression | None, what: str) -> str:
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    raise NotCarried(f"{what} that is no text written out")


def _count(node: exp.Expression | None, least: int, written: exp.Expression) -> int:
    if isinstance(node, exp.Literal) and node.is_int and int(node.name) >= least:
        return int(node.name)
    raise NotCarried(f"`{written.sql('duckdb')}`, whose place is no number written out from {least},")


def _case(letters: Callable[[str], str]) -> Callable[[Carrying, exp.Expression], Carried]:
    def carried(carrying: Carrying, node: exp.Expression) -> Carried:
        carrying.need(node.this, "text")
        return part(letters(":x"), x=node.this), "text"

    return carried


def _trim(carrying: Carrying, node: exp.Trim) -> Carried:
    carrying.need(node.this, "text")
    signs = _constant(node.expression, "a trim") if node.expression else " "
    side = (node.args.get("position") or "BOTH").upper()
    return part(f"trim({side} :signs from :x)", signs=exp.Literal.string(signs), x=node.this), "text"


def _text_of(carrying: Carrying, node: exp.Expression) -> Carried:
    """A function of texts that both engines know alike, all of whose parts must be texts."""
    for value in node.iter_expressions():
        carrying.need(value, "text")
    return node, "text"


def _truth_of(carrying: Carrying, node: exp.Expression) -> Carried:
    return _text_of(carrying, node)[0], "truth"


def _length(carrying: Carrying, node: exp.Length) -> Carried:
    carrying.need(node.this, "text")
    return part("length(:x)", x=node.this), "whole"


def _bytes(carrying: Carrying, node: exp.Expression) -> Carried:
    text = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
    carrying.need(text, "text")
    return part("octet_length(:x)", x=text), "whole"


def _end(carrying: Carrying, node: exp.Left | exp.Right) -> Carried:
    carrying.need(node.this, "text")
    if _count(node.expression, 0, node) == 1:
        carrying.plain.add(id(node))
    return node, "text"


def _substring(carrying: Carrying, node: exp.Substring) -> Carried:
    carrying.need(node.this, "text")
    _count(node.args.get("start"), 1, node)
    if node.args.get("length") is not None and _count(node.args["length"], 0, node) == 1:
        carrying.plain.add(id(node))
    return node, "text"


def _joined(carrying: Carrying, node: exp.DPipe) -> Carried:
    for side in (node.left, node.right):
        carrying.need(side, *WRITABLE)
    sides = {"a": node.left, "b": node.right}
    texts = {
        name: side if carrying.kind(side) == "text" else part("cast(:x as string)", x=side)
        for name, side in sides.items()
    }
    return part(":a || :b", **texts), "text"


def _concatenated(carrying: Carrying, node: exp.Concat | exp.ConcatWs) -> Carried:
    """DuckDB leaves out what is null, as Spark does only where a separator is given."""
    values = list(node.expressions)
    separator = values.pop(0) if isinstance(node, exp.ConcatWs) else exp.Literal.string("")
    texts = []
    for value in values:
        # sqlglot reads DuckDB's concat as one of coalesced values.
        carrying.need(value, *WRITABLE)
        texts.append(part("cast(:x as string)", x=value))
    return exp.Anonymous(this="concat_ws", expressions=[separator.copy(), *texts]), "text"


def _place(carrying: Carrying, node: exp.StrPosition) -> Carried:
    carrying.need(node.this, "text")
    carrying.need(node.args["substr"], "text")
    if node.args.get("position") or node.args.get("occurrence"):
        raise NotCarried(f"`{node.sql('duckdb')}`")
    return part("cast(instr(:x, :y) as bigint)", x=node.this, y=node.args["substr"]), "whole"


def _split_part(carrying: Carrying, node: exp.SplitPart) -> Carried:
    carrying.need(node.this, "text")
    if not _constant(node.args.get("delimiter"), "a split at a text"):
        raise NotCarried("a split at an empty text")
    _count(node.args.get("part_index"), 1, node)
    return node, "text"


def _matches(carrying: Carrying, node: exp.Expression) -> Carried:
    carrying.need(node.this, "text")
    if node.args.get("flag") or node.args.get("options"):
        raise NotCarried(f"`{node.sql('duckdb')}`, a pattern with options,")
    whole = isinstance(node, exp.RegexpFullMatch)
    pattern = java_pattern(_constant(node.expression, "a pattern"), carrying.where, whole)
    return part("(:x rlike :y)", x=node.this, y=exp.Literal.string(pattern)), "truth"


def _replaced(carrying: Carrying, node: exp.RegexpReplace) -> Carried:
    carrying.need(node.this, "text")
    pattern = java_pattern(_constant(node.expression, "a pattern"), carrying.where)
    new = java_replacement(_constant(node.args.get("replacement"), "a replacement"))
    if _constant(node.args.get("modifiers"), "a replacement's option") != "g":
        raise NotCarried("a replacement of the first place alone")
    values = {"y": exp.Literal.string(pattern), "z": exp.Literal.string(new)}
    replaced = part("regexp_replace(:x, :y, :z)", x=node.this, **values)
    if node.expression.name == "[^0-9]" and not new:
        carrying.plain.add(id(replaced))
    return replaced, "text"


def _found(carrying: Carrying, node: exp.RegexpExtract) -> Carried:
    carrying.need(node.this, "text")
    pattern = java_pattern(_constant(node.expression, "a pattern"), carrying.where)
    group = node.args.get("group")
    number = _count(group, 0, node) if group is not None else 0
    return part(f"regexp_extract(:x, :y, {number})", x=node.this, y=exp.Literal.string(pattern)), "text"


def _like(carrying: Carrying, node: exp.Like) -> Carried:
    carrying.need(node.this, "text")
    # Spark takes a backslash as an escape, DuckDB as a letter.
    pattern = _constant(node.expression, "a pattern").replace("\\", "\\\\")
    way = "not like" if node.args.get("negate") else "like"
    return part(f"(:x {way} :y)", x=node.this, y=exp.Literal.string(pattern)), "truth"


#: Texts under one row's value.
TEXT_NODES: dict[str, Callable[[Carrying, exp.Expression], Carried]] = {
    **dict.fromkeys(["RegexpLike", "RegexpFullMatch"], _matches),
    **dict.fromkeys(["Concat", "ConcatWs"], _concatenated),
    **dict.fromkeys(["Left", "Right"], _end),
    **dict.fromkeys(["StartsWith", "EndsWith", "Contains"], _truth_of),
    "Lower": _case(spark_letters.lower),
    "Upper": _case(spark_letters.upper),
    "Trim": _trim,
    "Replace": _text_of,
    "Length": _length,
    "ByteLength": _bytes,
    "strlen()": _bytes,
    "Substring": _substring,
    "DPipe": _joined,
    "StrPosition": _place,
    "SplitPart": _split_part,
    "RegexpReplace": _replaced,
    "RegexpExtract": _found,
    "Like": _like,
}
