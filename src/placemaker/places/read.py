"""Read a file of a recipe's folder as a table: CSV, Parquet, GeoParquet, GeoJSON or TopoJSON, gzipped or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.places.home import named, quoted


def relation(folder: Path, entry: dict[str, Any]) -> str:
    """The entry's file as a table for SQL. Raises Refusal where it is not there or of a kind that we do not read."""
    name = entry["file"]
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Refusal("A recipe may name only files inside its folder", name, "Copy the file into the folder.")
    if not path.is_file():
        raise Refusal("The folder lacks a file that the recipe needs", name, "Download it, or take its entry out.")
    if path.stat().st_size == 0:
        raise Refusal("The file is empty", name, "Download it again.")
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[-1].lower()
    if kind == "parquet":
        return f"read_parquet({quoted(path)})"
    if kind == "csv":
        types = ", ".join(f"{quoted(c)}: {quoted(t)}" for c, t in (entry.get("read") or {}).get("types", {}).items())
        typed = f", types = {{{types}}}" if types else ""
        return f"read_csv({quoted(path)}, header = true, sample_size = -1{typed})"
    if kind in ("geojson", "json", "topojson"):
        packed = "/vsigzip/" if path.suffix == ".gz" else ""
        return f"ST_Read({quoted(packed + str(path))})"
    raise Refusal(
        "A recipe reads CSV, Parquet, GeoParquet, GeoJSON and TopoJSON (and .gz of the text ones)",
        name,
        "Convert the file to one of them.",
    )


def select(folder: Path, entry: dict[str, Any], con: duckdb.DuckDBPyConnection) -> str:
    """The entry's rows: its file, with only what ``where`` keeps."""
    table = relation(folder, entry)
    try:
        columns_of(con, table)
    except duckdb.Error:
        raise Refusal("The file cannot be read", entry["file"], "Download it again and compare its size.") from None
    return f"select * from {table}" + (f" where {entry['where']}" if entry.get("where") else "")


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table and their types."""
    return {row[0]: row[1] for row in con.execute(f"describe select * from {table}").fetchall()}


__all__ = ["columns_of", "named", "relation", "select"]
