"""The housing data standard, executable: read, check, load, publish.

``with check("tenancies.csv", "tenancy") as found:`` gives a Check, whose ``findings`` are read one by one.

What a check does not need is imported when it is first asked for, since a check of ten rows is to be over at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from placemaker.standard.check import Check, TableCheck, check
from placemaker.standard.findings import Finding, Findings
from placemaker.standard.mapping import FieldMapping, Mapping, TableMapping, read_mapping
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

if TYPE_CHECKING:
    from placemaker.standard.clocks import ClockRow, Clocks, clocks
    from placemaker.standard.exchange import data_package, json_schema, write_data_package
    from placemaker.standard.load import LoadResult, load
    from placemaker.standard.packs import Pack, pack, pack_for, packs
    from placemaker.standard.publish import publish
    from placemaker.standard.sound import faults
    from placemaker.standard.spark import SparkCheck, check_spark
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
    "SparkCheck",
    "Table",
    "TableCheck",
    "TableMapping",
    "Together",
    "changes_between",
    "check",
    "check_spark",
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

#: name -> the module it is in, for what is imported when it is asked for
_LATER = {
    "Change": "versions",
    "ClockRow": "clocks",
    "Clocks": "clocks",
    "LoadResult": "load",
    "Pack": "packs",
    "SparkCheck": "spark",
    "Together": "together",
    "changes_between": "versions",
    "check_spark": "spark",
    "check_together": "together",
    "clocks": "clocks",
    "data_package": "exchange",
    "faults": "sound",
    "json_schema": "exchange",
    "load": "load",
    "pack": "packs",
    "pack_for": "packs",
    "packs": "packs",
    "publish": "publish",
    "suggest": "suggest",
    "suggest_mapping": "suggest",
    "write_data_package": "exchange",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found


class _Standard(ModuleType):
    """A module such as ``load`` does not take the place of the function of its name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _LATER or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Standard
