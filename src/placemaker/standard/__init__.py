"""The housing data standard, executable: read, check, load, publish.

``with check("tenancies.csv", "tenancy") as found:`` gives a Check, whose ``findings`` are read one by one.
"""

from placemaker.standard.check import Check, TableCheck, check
from placemaker.standard.clocks import ClockRow, Clocks, clocks
from placemaker.standard.findings import Finding
from placemaker.standard.load import LoadResult, load
from placemaker.standard.mapping import Mapping, read_mapping
from placemaker.standard.packs import Pack, pack, pack_for, packs
from placemaker.standard.publish import publish
from placemaker.standard.schema import CodeList, Field, Rule, Table, codelist, table, tables
from placemaker.standard.suggest import suggest, suggest_mapping
from placemaker.standard.together import Together, check_together

__all__ = [
    "Check",
    "ClockRow",
    "Clocks",
    "CodeList",
    "Field",
    "Finding",
    "LoadResult",
    "Mapping",
    "Pack",
    "Rule",
    "Table",
    "TableCheck",
    "Together",
    "check",
    "check_together",
    "clocks",
    "codelist",
    "load",
    "pack",
    "pack_for",
    "packs",
    "publish",
    "read_mapping",
    "suggest",
    "suggest_mapping",
    "table",
    "tables",
]
