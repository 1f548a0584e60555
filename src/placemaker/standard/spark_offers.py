"""What is added to the messages of findings on Spark once all are known, in the words of the check on DuckDB.

The different values that cannot be read come from Spark; the words are worked out of them where they always
are, and joined to the findings by rule and value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from placemaker.lake import connect
from placemaker.standard.corrections import MOST_CODES, add_rows
from placemaker.standard.findings import Findings
from placemaker.standard.findings_offers import offer_codes, tell_dates
from placemaker.standard.schema import Field
from placemaker.standard.spark_read import literal

if TYPE_CHECKING:
    from datetime import date

    from pyspark.sql import DataFrame

    from placemaker.standard.compile import Compiled


def with_offers(findings: DataFrame, compiled: Compiled, today: date) -> DataFrame:
    """A table's findings with the code that may be meant, or how a date's column is written, in their messages."""
    rules = {f"{compiled.table.name}.{field.name}.{_kind(field)}": field for field in compiled.fields if _kind(field)}
    if not rules:
        return findings
    listed = ", ".join(map(literal, rules))
    counted = findings.where(f"rule in ({listed}) and value is not null").groupBy("rule", "value").count().collect()
    wrong: dict[str, list[tuple[int, str]]] = {}
    for one in counted:
        wrong.setdefault(one["rule"], []).append((-one["count"], one["value"]))
    added = [
        (rule, *words) for rule, values in wrong.items() for words in _words(rule, values, rules[rule], compiled, today)
    ]
    if not added:
        return findings
    from pyspark.sql import functions as f

    offers = findings.sparkSession.createDataFrame(added, "_rule string, _value string, _more string")
    same = (f.col("rule") == f.col("_rule")) & (f.col("value") == f.col("_value"))
    told = findings.join(f.broadcast(offers), same, "left")
    message = f.concat(f.col("message"), f.coalesce(f.col("_more"), f.lit("")))
    return told.withColumn("message", message).select(*findings.columns)


def _kind(field: Field) -> str:
    if field.codelist:
        return "code"
    return "type" if field.type in ("date", "datetime") else ""


def _words(
    rule: str, values: list[tuple[int, str]], field: Field, compiled: Compiled, today: date
) -> list[tuple[str, str]]:
    """The values of one rule with what is added to their messages."""
    values = sorted(values)[:MOST_CODES] if field.codelist else values
    table, source = compiled.table, compiled.mapping.fields[field.name]
    with connect(threads=1) as con:
        found = Findings(con, "finding", table.name)
        con.execute("create temp table wrong (value varchar)")
        add_rows(con, "wrong", [(value,) for _, value in values])
        found.add_all(f"select value, {literal(rule)} as rule, '' as message from wrong")
        if field.codelist:
            offer_codes(found, rule, table.codelist(field.codelist), source, today)
        else:
            tell_dates(found, table, field, source)
        return con.execute(f"select value, message from {found.relation} where message <> ''").fetchall()
