"""The downloads of the site: what other tools read of the standard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from placemaker.standard.schema import FOLDER, codelist_names, tables


def write_downloads(folder: Path) -> None:
    """Write the Data Package with empty tables, a JSON Schema for each, the code lists and the rules here."""
    from placemaker.standard.exchange import json_schema, write_data_package

    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    (folder / "codelists").mkdir(exist_ok=True)
    write_data_package(folder)
    for name in tables():
        _write(folder / "schemas" / f"{name}.json", json_schema(name))
    for name in codelist_names():
        shutil.copyfile(FOLDER / "codelists" / f"{name}.csv", folder / "codelists" / f"{name}.csv")
    kept = ("id", "table", "severity", "dimension", "message", "source", "expect", "breaks")
    rules = [
        {name: getattr(rule, name) for name in kept if getattr(rule, name)}
        for table in tables().values()
        for rule in table.rules
    ]
    _write(folder / "rules.json", rules)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
