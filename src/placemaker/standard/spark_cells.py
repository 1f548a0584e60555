"""The cells of a DataFrame: what type each column is, its text as a finding shows it, and its value as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from placemaker.lake.errors import Refusal
from placemaker.standard.schema import Field
from placemaker.standard.spark_read import SPARK_TYPES, identifier, trimmed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_WHOLE = ("tinyint", "smallint", "int", "bigint")


def numbered(frame: DataFrame) -> DataFrame:
    """The rows with their numbers in ``_row``, from 1: the column of that name, or else as Spark reads them."""
    if "_row" in (name.casefold() for name in frame.columns):
        return frame
    from pyspark.sql import functions as f

    # Spark numbers rows within each of the parts that it reads; the rows of the parts before come on top.
    shift = 33
    parts = frame.withColumn("_row", f.monotonically_increasing_id())
    counted = parts.groupBy(f.shiftright("_row", shift).alias("part")).count().collect()
    before, total = f.when(f.lit(False), f.lit(0)), 0
    for one in sorted(counted, key=lambda one: one["part"]):
        before = before.when(f.shiftright("_row", shift) == one["part"], f.lit(total))
        total += one["count"]
    place = f.col("_row").bitwiseAND((1 << shift) - 1)
    return parts.withColumn("_row", (place + before + 1).cast("bigint"))


def text_and_value(field: Field, column: str, type_: str) -> tuple[str, str | None]:
    """SQL for a cell's text, and for its value where the column's Spark type is the field's; else it is read as text.

    Raises Refusal for a column that holds no plain values.
    """
    cell = identifier(column)
    if type_ == "string" or re.match(r"(char|varchar|string)\b", type_):
        return trimmed(f"cast({cell} as string)"), None
    if type_ == "void":
        return "cast(null as string)", f"cast(null as {SPARK_TYPES[field.type]})"
    if type_ == "timestamp":
        # A time with a zone is what the session's clock says.
        cell, type_ = f"cast({cell} as timestamp_ntz)", "timestamp_ntz"
    if type_ in ("double", "float"):
        return _double_text(cell), None
    decimal = re.fullmatch(r"decimal\((\d+),(\d+)\)", type_)
    if not decimal and type_ not in (*_WHOLE, "date", "timestamp_ntz", "boolean"):
        raise Refusal(f"The column {column} holds {type_.split('<')[0]}, which is no plain value", field.name)
    text = f"cast({cell} as string)"
    if field.codelist or field.type == "string":
        return text, None
    fits = {
        "integer": type_ in _WHOLE,
        "number": type_ in _WHOLE or bool(decimal and int(decimal[2]) <= 4),
        "date": type_ == "date",
        "datetime": type_ == "timestamp_ntz",
        "boolean": type_ == "boolean",
    }
    if type_ == SPARK_TYPES[field.type]:
        return text, cell
    return text, f"try_cast({cell} as {SPARK_TYPES[field.type]})" if fits[field.type] else None


def _double_text(cell: str) -> str:
    """A double as DuckDB writes it: 12.0 and 12345678.5, where Spark would write the latter with an exponent."""
    plain = f"regexp_replace(cast(cast(cast({cell} as string) as decimal(38,18)) as string), '0+$', '')"
    plain = f"case when right({plain}, 1) = '.' then {plain} || '0' else {plain} end"
    return f"case when abs({cell}) >= 0.0001 and abs({cell}) < 1e15 then {plain} else cast({cell} as string) end"
