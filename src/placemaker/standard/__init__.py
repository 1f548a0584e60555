"""The housing data standard, executable: read, check, load, publish.

``with check("tenancies.csv", "tenancy") as found:`` gives a Check, whose ``findings`` are read one by one.
"""

from placemaker.standard.check import Check, TableCheck, check
from placemaker.standard.findings import Finding
from placemaker.standard.load import LoadResult, load
from placemaker.standard.mapping import Mapping, read_mapping
from placemaker.standard.publish import publish
from placemaker.standard.schema import CodeList, Field, Rule, Table, codelist, table, tables
from placemaker.standard.suggest import suggest, suggest_mapping

__all__ = [
    "Check",
    "CodeList",
    "Field",
    "Finding",
    "LoadResult",
    "Mapping",
    "Rule",
    "Table",
    "TableCheck",
    "check",
    "codelist",
    "load",
    "publish",
    "read_mapping",
    "suggest",
    "suggest_mapping",
    "table",
    "tables",
]
