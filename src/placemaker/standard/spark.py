"""The standard checked on Spark: the same rules on the same rows give the same findings as where DuckDB checks them.

Spark reads a published snapshot (``placemaker publish --form parquet``) or any DataFrame whose columns are the fields
of a table. A column of texts is read by the standard's written patterns, a typed column is taken as it is. Nothing
runs in Python but the making of the queries; no row and no cell is logged. Whoever brings the session imports pyspark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placemaker.lake.errors import Refusal
from placemaker.standard.schema import SEVERITIES, Severity, Table, table_names
from placemaker.standard.schema import table as table_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from placemaker.standard.reading import Progress

_numbers = count(1)

#: Settings that change what a query means, as the queries here are written for; the session gets its own back.
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}


@dataclass(frozen=True, slots=True)
class SparkCheck:
    """What a check on Spark found.

    ``findings`` is a DataFrame with the columns row, key, field, value, rule, severity, message and table_name, in no
    order; ``rows`` holds the typed rows of each table with their ``_row``. Both are worked out once, and the executors
    keep them in memory or on disk until nobody holds this.
    """

    findings: DataFrame
    rows: dict[str, DataFrame]

    def count_by_rule(self) -> dict[str, int]:
        """How many findings there are of each rule, most first."""
        found = self.findings.groupBy("rule").count().collect()
        return {one["rule"]: one["count"] for one in sorted(found, key=lambda one: (-one["count"], one["rule"]))}

    def count_by_severity(self) -> dict[Severity, int]:
        """How many findings there are of each severity, worst first; those there are none of included."""
        found = {one["severity"]: one["count"] for one in self.findings.groupBy("severity").count().collect()}
        return {severity: found.get(severity, 0) for severity in SEVERITIES}


def check_spark(
    spark: SparkSession,
    tables: Mapping[str | Table, DataFrame | str | Path] | str | Path,
    *,
    today: date | None = None,
    nation: str = "England",
    progress: Progress | None = None,
) -> SparkCheck:
    """Check the tables of a snapshot on Spark.

    ``tables`` are the names of tables of the standard with a DataFrame or a Parquet file each, or the folder of a
    published snapshot. Parents and rules across tables are looked up among ``tables`` alone. A DataFrame's column
    ``_row`` numbers its rows; without one they are numbered as Spark reads them. ``today`` is the day that rules go by.
    ``progress`` is told in a few words what is being done.
    Raises Refusal for a table that the standard does not know, that has no key column, or that is not there.
    """
    from placemaker.standard.spark_tables import Checking

    frames = [(table, _frame(spark, table.name, given)) for table, given in _tables(tables)]
    if not frames:
        raise Refusal("There are no tables to check.", next="Name a table and its DataFrame, or a published snapshot.")
    with _settings(spark), _views(spark) as view:
        checking = Checking(spark, view, today or date.today(), nation, progress or (lambda _: None))
        for table, frame in frames:
            checking.add(table, frame)
        return SparkCheck(checking.findings(), checking.rows())


def _tables(given: Mapping[str | Table, Any] | str | Path) -> list[tuple[Table, Any]]:
    """The tables and what is given of each; of a folder, the Parquet files of the standard's tables in it."""
    if isinstance(given, Mapping):
        return [(table if isinstance(table, Table) else table_of(table), one) for table, one in given.items()]
    files = sorted(Path(given).glob("*.parquet"))
    found = [(table_of(file.stem), file) for file in files if file.stem in table_names()]
    if not found:
        raise Refusal(
            "The folder holds no published Parquet files.",
            str(given),
            "Publish the lake with: placemaker publish --form parquet",
        )
    return found


def _frame(spark: SparkSession, name: str, given: DataFrame | str | Path) -> DataFrame:
    if not isinstance(given, str | Path):
        return given
    path = str(given)
    if not path.lower().rstrip("/").endswith(".parquet"):
        # Spark splits a CSV whose cells hold line breaks in the wrong places, and gives other rows in silence.
        raise Refusal("Spark reads published Parquet files only.", path, "Load the export and publish the lake first.")
    if "://" not in path and not Path(path).exists():
        raise Refusal(f"There is no such file for {name}.", path, "Check its name and folder.")
    return spark.read.parquet(path)


@contextmanager
def _settings(spark: SparkSession) -> Iterator[None]:
    """The session with the settings that the queries are written for, and its own after the block."""
    before = {name: spark.conf.get(name, None) for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            if value is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, value)


class _Views:
    """Temporary views of one check, under names that no other check has."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark, self.prefix, self.names = spark, f"placemaker_{next(_numbers)}", set()

    def __call__(self, name: str, frame: DataFrame) -> str:
        """Give ``frame`` a name for SQL."""
        full = f"{self.prefix}_{name}"
        frame.createOrReplaceTempView(full)
        self.names.add(full)
        return full


@contextmanager
def _views(spark: SparkSession) -> Iterator[_Views]:
    """A way to name DataFrames; the names are gone after the block, and queries made with them go on working."""
    views = _Views(spark)
    try:
        yield views
    finally:
        for name in views.names:
            spark.catalog.dropTempView(name)
