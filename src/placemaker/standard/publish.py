"""Publish the lake as a Data Package v2: a file a table, described so that any Frictionless tool can check it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from placemaker.lake import Workspace
from placemaker.lake.errors import Refusal
from placemaker.standard.exchange import STANDARD_LICENCE, described, foreign_keys, limits
from placemaker.standard.expressions import identifier
from placemaker.standard.findings import write_query
from placemaker.standard.schema import ForeignKey, Table, tables

#: The field that a Parquet file has beside those of its table.
_ROW = {"name": "_row", "type": "integer", "title": "Row", "description": "The number of the row in this file, from 1."}


def publish(
    workspace: Workspace,
    folder: str | Path,
    as_of: int | None = None,
    *,
    form: Literal["csv", "parquet"] = "csv",
) -> Path:
    """Write every table of the lake, as it was after load ``as_of``, and ``datapackage.json`` beside them.

    Returns the path of the descriptor. The package appears whole or not at all. It holds personal data where the lake
    does. Raises Refusal where the lake is empty, or the folder holds something else already.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not _is_ours(folder))):
        raise Refusal("The folder holds something else already.", str(folder), "Name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with workspace.read(as_of) as con, tempfile.TemporaryDirectory(dir=folder.parent, prefix=".publish-") as making:
        there = _columns(con)
        resources = []
        for name, table in tables().items():
            if name not in there:
                continue
            path = Path(making) / f"{name}.{form}"
            # Rows in the order of their keys, so that what has not changed is published the same again.
            picked = ", ".join(_published(table, field, there[name], form) for field in table.names)
            order = f"order by {identifier(table.key)}, _source"
            # Who reads a Parquet file in parts (Spark) has no other way to tell the number of a row.
            number = f"row_number() over ({order}) as _row, " if form == "parquet" else ""
            query = f"select {number}_source, {picked} from {identifier(name)} {order}"
            write_query(con, query, path)
            (rows,) = con.execute(f"select count(*) from {identifier(name)}").fetchone()
            kept = [link for link in table.foreign_keys if link.parent in there and _holds(con, name, link, there)]
            resources.append(_resource(table, path, rows, kept))
        if not resources:
            raise Refusal("Nothing is loaded yet, so there is nothing to publish.", str(workspace.folder))
        package = _package(workspace, resources, as_of if as_of is not None else workspace.snapshot())
        text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
        (Path(making) / "datapackage.json").write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(making, folder)
    return folder / "datapackage.json"


def _is_ours(folder: Path) -> bool:
    """Whether the folder holds a package that was published before, and so may be replaced."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and str(package.get("name", "")).startswith("placemaker-")


def _columns(con: Any) -> dict[str, set[str]]:
    """The columns of each view of the lake's tables, by table."""
    found = con.execute(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = 'main' group by 1"
    )
    return {name: set(columns) for name, columns in found.fetchall() if name in tables()}


def _published(table: Table, field: str, there: set[str], form: str) -> str:
    """SQL for a field as it is published: times in a CSV as Table Schema writes them; empty where never loaded."""
    kind = table.field(field).type
    name = identifier(field)
    if field not in there:
        return f"cast(null as {table.field(field).sql_type}) as {name}"
    if kind == "datetime" and form == "csv":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%S') as {name}"
    return name


def _holds(con: Any, name: str, link: ForeignKey, there: dict[str, set[str]]) -> bool:
    """Whether every row of the lake has its parent; a link that does not hold is no key of the package."""
    if link.field not in there[name]:
        return True
    child, parent = identifier(link.field), identifier(link.parent_field)
    lost = con.execute(
        f"select 1 from {identifier(name)} where {child} is not null and {child} not in "
        f"(select {parent} from {identifier(link.parent)} where {parent} is not null) limit 1"
    )
    return lost.fetchone() is None


def _resource(table: Table, path: Path, rows: int, links: list[ForeignKey]) -> dict[str, Any]:
    """The Data Resource of one table: its file with size and hash, and its schema."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    form = path.suffix[1:]
    resource = {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "path": path.name,
        "format": form,
        "mediatype": "text/csv" if form == "csv" else "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        "rows": rows,
        "schema": schema_of(table, links),
    }
    if form == "csv":
        resource |= {"encoding": "utf-8", "dialect": {"delimiter": ",", "header": True}}
    else:
        resource["schema"]["fields"].insert(0, _ROW)
    return resource


def schema_of(table: Table, links: Iterable[ForeignKey] = ()) -> dict[str, Any]:
    """The Table Schema of a published table, its code lists written out as categories and enumerations.

    A row with errors is loaded and flagged, so the constraints are those that every row of the lake meets: a key, and
    values of the right type, pattern and code, or none. ``links`` are the parents that all rows have.
    """
    fields = []
    for field in table.fields:
        constraints = {"required": True} if field.name == table.key else {}
        constraints |= limits(table, field)
        fields.append(described(table, field) | ({"constraints": constraints} if constraints else {}))
    source = {"name": "_source", "type": "string", "title": "Source", "description": "The system that the row is from."}
    keys = foreign_keys(links)
    schema: dict[str, Any] = {"fields": [source, *fields], "primaryKey": ["_source", table.key], "missingValues": [""]}
    return schema | ({"foreignKeys": keys} if keys else {})


def _package(workspace: Workspace, resources: list[dict[str, Any]], number: int) -> dict[str, Any]:
    organisation = workspace.settings.get("organisation") or workspace.settings.get("name") or "landlord"
    made_up = " Made up." if workspace.settings.get("made_up") else ""
    slug = "".join(letter if letter.isalnum() else "-" for letter in organisation.lower()).strip("-")
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"placemaker-{slug}",
        "title": f"Housing data of {organisation}",
        "description": f"The lake after load {number}, in the housing data standard of Placemaker.{made_up}",
        "version": f"{version('placemaker')}+load.{number}",
        "created": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "licenses": [STANDARD_LICENCE],
        "sources": [{"title": f"{organisation}, load {number}"}],
        "contributors": [{"title": organisation, "roles": ["publisher"]}],
        "resources": resources,
    }
