"""From the text of a cell to a typed value in Spark's SQL: the written patterns of :mod:`placemaker.standard.values`.

Only the way by pattern is here, for files whose dates are ISO and whose numbers are plain: what a published file holds,
and what a file read without a mapping may hold.
"""

from __future__ import annotations

import re

from placemaker.standard import values
from placemaker.standard.schema import Field, Table
from placemaker.standard.spark_letters import lower, upper
from placemaker.standard.spark_regex import java_pattern

#: A field's type in Spark. A day and time has no zone, as in DuckDB.
SPARK_TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "decimal(18,4)",
    "date": "date",
    "datetime": "timestamp_ntz",
    "boolean": "boolean",
}

#: What is trimmed from the ends of a cell, as where DuckDB reads it.
BLANKS = " \t\r\n\u00a0\ufeff"

_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|\b(varchar|timestamp)\b")


def trimmed(text: str) -> str:
    """SQL for the text of a cell without the blanks at its ends; null where nothing is left."""
    return f"nullif(trim(both {literal(BLANKS)} from {text}), '')"


def typed(text: str, field: Field, table: Table) -> str:
    """SQL for the value of the SQL expression ``text`` as ``field`` holds it; null where it is not written so."""
    value = _value(text, field)
    if not field.codelist:
        return value
    codes = ", ".join(map(literal, table.codelist(field.codelist).values))
    if field.type == "string":
        return f"case when {text} in ({codes}) then {text} end"
    return f"case when cast({value} as string) in ({codes}) then {value} end"


def _value(text: str, field: Field) -> str:
    match field.type:
        case "date":
            written = full(text, values._DAY + values._MIDNIGHT)
            return f"case when {written} then try_cast(left({text}, 10) as date) end"
        case "datetime":
            return _moment(text)
        case "integer":
            digits = f"regexp_replace(replace({text}, ',', ''), '[.]0+$', '')"
            return f"case when {full(text, values._WHOLE)} then try_cast({digits} as bigint) end"
        case "number":
            digits = f"replace(replace({text}, ',', ''), '£', '')"
            return f"case when {full(text, values._NUMBER)} then try_cast({digits} as decimal(18,4)) end"
        case "boolean":
            yes, no = (", ".join(map(literal, words)) for words in (values.TRUE_WORDS, values.FALSE_WORDS))
            small = lower(text)
            return f"case when {small} in ({yes}) then true when {small} in ({no}) then false end"
    if field.tidied:
        return _tidied(text, field)
    return f"case when {full(text, field.pattern)} then {text} end" if field.pattern else text


def full(text: str, pattern: str) -> str:
    """SQL for whether a text matches a pattern of the standard from end to end."""
    return f"{text} rlike {literal(java_pattern(pattern, pattern, whole=True))}"


def identifier(name: str) -> str:
    """A name as Spark's SQL writes it."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text as Spark's SQL writes it, in which a backslash is an escape."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def requoted(sql: str) -> str:
    """The standard's own SQL of messages and plain checks for Spark: the words are the same, the quotes are not.

    It holds texts, names, comparisons, ``coalesce``, ``case``, ``length`` and ``left`` alone; a rule's own SQL is
    carried over by :mod:`placemaker.standard.spark_sql`.
    """
    return _QUOTED.sub(_requote, sql)


def _requote(found: re.Match[str]) -> str:
    text, name, word = found.groups()
    if text is not None:
        return literal(text.replace("''", "'"))
    return identifier(name.replace('""', '"')) if name is not None else {"varchar": "string"}.get(word, "timestamp_ntz")


def _moment(text: str) -> str:
    written = full(text, rf"{values._DAY}(?:[ T]{values._CLOCK})?")
    clock = f"substring({text}, 12)"
    whole = f"case when {clock} = '' then '00:00' else {clock} end"
    return f"case when {written} then try_cast(left({text}, 10) || ' ' || {whole} as timestamp_ntz) end"


def _tidied(text: str, field: Field) -> str:
    if field.tidied == "uprn":
        tidy = f"ltrim('0', {text})"
        return f"case when {full(tidy, field.pattern)} then {tidy} end"
    letters = upper(f"replace({text}, ' ', '')")
    # All but the last three signs and the last three, whose text may be shorter than that.
    first, last = f"left({letters}, greatest(length({letters}) - 3, 0))", f"right({letters}, 3)"
    tidy = f"({first} || ' ' || {last})"
    return f"case when {full(text, field.pattern)} then {text} when {full(tidy, field.pattern)} then {tidy} end"
