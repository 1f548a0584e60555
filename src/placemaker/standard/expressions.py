"""The SQL that rules and mappings may hold: conditions and values over one row, and queries over the standard's tables.

A mapping comes from outside, so its SQL is parsed by sqlglot and passes only if every node of the tree is on the lists
of :mod:`placemaker.standard.allowed`: no file, no other table, no setting, no subquery. What passes is written anew
from the tree, so DuckDB runs exactly what was looked at. The standard's own rules go through the same gate in the test
suite; at run time they are taken as they are, because importing sqlglot alone takes longer than checking a small file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from placemaker.lake.errors import Refusal
from placemaker.standard import allowed
from placemaker.standard.model import nearest

if TYPE_CHECKING:
    from sqlglot import Expression


_INSTEAD = {
    "expression": "Use only what its own row holds.",
    "query": "Use only the fields of the standard's tables.",
}

#: Identifiers, leaving out quoted text; a name that a bracket follows is a function and not a column.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"((?:[^\"]|\"\")+)\"|([A-Za-z_]\w*)(\s*\()?")


def row_sql(text: str, columns: Iterable[str], where: str) -> str:
    """``text``, a condition or value over one row, as DuckDB is to run it.

    Raises Refusal, naming ``where`` it is written, if it is no SQL, names a column that is not among ``columns``
    (compared without case), divides by what may be zero or does anything but compute from its row.
    """
    known = {name.casefold(): name for name in columns}
    tree, sql = _looked_at(text, "expression", allowed.VALUE_NODES, where)
    for column, name in allowed.columns(tree):
        if "." in column.replace(f'"{name}"', "") or name not in known:
            what = f"The expression `{_short(text)}` uses {column}, which is no column here"
            raise Refusal(what, where, nearest(name, known.values()))
    return sql


def query_sql(text: str, tables: Iterable[str], where: str, fields: Iterable[str] | None = None) -> str:
    """``text``, a SELECT over the standard's ``tables`` alone, as DuckDB is to run it; else a Refusal.

    With the ``fields`` that the tables have, a column that is neither one of them nor named in the query is refused.
    """
    tree, sql = _looked_at(text, "query", allowed.VALUE_NODES | allowed.QUERY_NODES, where)
    exp = _nodes()
    if not isinstance(tree, exp.Query):
        raise Refusal(f"`{_short(text)}` is not a SELECT", where, "A set rule selects `_row` of the rows at fault.")
    known = {name.casefold(): name for name in tables}
    own = _parts_of(tree, known, where, text)
    for used in tree.find_all(exp.Table):
        named = isinstance(used.this, exp.Identifier) and used.name.casefold() in (known.keys() | own[_part_over(used)])
        if not named or used.db or used.catalog:
            what = f"The query `{_short(text)}` reads {used.sql('duckdb')}, which is no table of the standard"
            raise Refusal(what, where, nearest(used.name, known.values()))
    if fields is not None:
        given = {field.casefold() for field in fields} | {"_row", "today"}
        aliases = [one.args.get("alias") for one in tree.find_all(exp.TableAlias, exp.Alias)]
        aliases += [name for one in tree.find_all(exp.TableAlias) for name in one.columns]
        named = {(one if isinstance(one, str) else one.name).casefold() for one in aliases if one}
        for column, name in allowed.columns(tree):
            if name not in given | named:
                raise Refusal(f"The query uses {column}, which is no field", where, nearest(name, sorted(given)))
    return sql


def _parts_of(tree: Expression, known: Iterable[str], where: str, text: str) -> dict[Expression | None, set[str]]:
    """The names that each part of a query's one WITH may read besides tables: its earlier parts; None is the query.

    A name means the same wherever it stands: WITH opens the whole query and no other, and its names are plain and new.
    """
    exp = _nodes()
    told = [part for one in tree.find_all(exp.With) for part in one.expressions]
    whole = tree.args.get("with_") or tree.args.get("with")
    own: dict[Expression | None, set[str]] = {}
    names: set[str] = set()
    for part in told:
        name = part.alias.casefold()
        plain = re.fullmatch(r"[a-z_]\w*", name, re.ASCII) and name not in names and name not in known
        if whole is None or part.parent is not whole or whole.args.get("recursive") or not plain:
            what = f"The query `{_short(text)}` names a part of itself {_short(part.alias)!r} where it may not"
            raise Refusal(what, where, "Begin the query with WITH, and give each part a plain name of its own.")
        own[part] = set(names)
        names.add(name)
    return own | {None: names}


def _part_over(used: Expression) -> Expression | None:
    """The part of a WITH that a table is read in, None where that is the query itself."""
    return used.find_ancestor(_nodes().CTE)


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


def _looked_at(text: str, kind: str, nodes: frozenset[str], where: str) -> tuple[Expression, str]:
    """The tree of an SQL text and the text written anew from it; a Refusal where something in it is not allowed."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    if len(text) > allowed.LONGEST:
        raise Refusal(f"The {kind} has more than {allowed.LONGEST:,} characters", where, "Make it shorter.")
    if sign := allowed.strange_sign(text):
        what = f"The {kind} `{_short(text)}` has a sign that SQL here may not: `{_short(sign)}`"
        raise Refusal(what, where, "Put names in double quotes and text in single ones; write no comments.")
    wrong, tree = "", None
    try:
        parsed = sqlglot.parse(text, read="duckdb")
        if len(parsed) == 1 and parsed[0] is not None:
            tree = parsed[0]
            if allowed.depth(tree) > allowed.DEEPEST:
                raise RecursionError
            wrong = allowed.not_allowed(tree, nodes)
            divided = allowed.bad_division(tree) if not wrong else ""
            long = not wrong and allowed.length(tree) > allowed.LARGEST
            sql = tree.sql("duckdb", comments=False)
    except RecursionError:
        raise Refusal(f"The {kind} is nested too deeply", where, "Take it apart.") from None
    except (SqlglotError, ValueError, IndexError, KeyError, TypeError, AttributeError):
        # sqlglot stumbles over some texts that are no SQL; what it cannot read is not allowed.
        tree = None
    if tree is None:
        raise Refusal(f"`{_short(text)}` is not an SQL {kind}", where, "Check its quotes and brackets.")
    if wrong:
        raise Refusal(f"The {kind} `{_short(text)}` may not use `{_short(wrong)}`", where, _INSTEAD[kind])
    if divided:
        what = f"The {kind} `{_short(text)}` divides by what may be zero: `{divided}`"
        raise Refusal(what, where, "Divide by `nullif(…, 0)`.")
    if long:
        raise Refusal(f"The {kind} `{_short(text)}` may make a text without end", where, "Replace fewer times.")
    return tree, sql


def _short(text: str) -> str:
    """A text as a message quotes it: one line, no sign that turns a terminal's text about."""
    line = "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
    return line if len(line) <= 120 else f"{line[:119]}…"


def _nodes():
    from sqlglot import exp

    return exp
