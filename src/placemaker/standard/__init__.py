"""The housing data standard, executable: read, check, load, publish.

``with check("tenancies.csv", "tenancy") as found:`` gives a Check, whose ``findings`` are read one by one.
"""

from placemaker.standard.check import Check, TableCheck, check
from placemaker.standard.clocks import ClockRow, Clocks, clocks
from placemaker.standard.exchange import data_package, json_schema, write_data_package
from placemaker.standard.findings import Finding, Findings
from placemaker.standard.load import LoadResult, load
from placemaker.standard.mapping import FieldMapping, Mapping, TableMapping, read_mapping
from placemaker.standard.packs import Pack, pack, pack_for, packs
from placemaker.standard.publish import publish
from placemaker.standard.schema import (
    Code,
    CodeList,
    Field,
    ForeignKey,
    Retention,
    Rule,
    Table,
    codelist,
    codelist_names,
    reading_from,
    table,
    table_names,
    tables,
)
from placemaker.standard.sound import faults
from placemaker.standard.suggest import suggest, suggest_mapping
from placemaker.standard.together import Together, check_together
from placemaker.standard.versions import Change, changes_between

__all__ = [
    "Change",
    "Check",
    "ClockRow",
    "Clocks",
    "Code",
    "CodeList",
    "Field",
    "FieldMapping",
    "Finding",
    "Findings",
    "ForeignKey",
    "LoadResult",
    "Mapping",
    "Pack",
    "Retention",
    "Rule",
    "Table",
    "TableCheck",
    "TableMapping",
    "Together",
    "changes_between",
    "check",
    "check_together",
    "clocks",
    "codelist",
    "codelist_names",
    "data_package",
    "faults",
    "json_schema",
    "load",
    "pack",
    "pack_for",
    "packs",
    "publish",
    "read_mapping",
    "reading_from",
    "suggest",
    "suggest_mapping",
    "table",
    "table_names",
    "tables",
    "write_data_package",
]
