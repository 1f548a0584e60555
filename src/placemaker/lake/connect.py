"""A DuckDB connection in this process: the only place that opens an engine.

Extensions come from the ``duckdb-extension-*`` wheels and are loaded by path, so neither network nor home directory is
used.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.lake.scratch import spill_folder

#: What the lake itself needs.
LAKE_EXTENSIONS = ("sqlite_scanner", "ducklake")


def connect(
    *extensions: str, memory_limit: str = "2GB", threads: int | None = None, temp_dir: str | Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A new DuckDB in memory, with ``extensions`` (spatial, ducklake, sqlite_scanner, excel, encodings) loaded.

    ``memory_limit`` is DuckDB's own, in its units (``2GB``); what does not fit is spilled to ``temp_dir``, by default a
    folder of this user alone in the system's temporary folder. Raises Refusal where an extension is not installed.
    """
    config: dict[str, str | bool | int] = {
        "memory_limit": memory_limit,
        "temp_directory": str(temp_dir or spill_folder()),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # The wheels are pinned by hash in the lock file; checking each signature again reads 30 to 350 MB a start.
        "allow_unsigned_extensions": True,
    }
    if threads:
        config["threads"] = threads
    con = duckdb.connect(":memory:", config=config)
    extend(con, *extensions)
    return con


def extend(con: duckdb.DuckDBPyConnection, *extensions: str) -> None:
    """Load ``extensions`` into an open connection; one that is loaded already costs nothing."""
    for name in extensions:
        con.load_extension(str(_extension_file(name)))


def _extension_file(name: str) -> Path:
    spec = find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    found = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension" if folder else None
    if found is None or not found.is_file():
        raise Refusal(
            f"DuckDB's extension {name} for version {duckdb.__version__} is not installed.",
            next=f"Install the package duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}.",
        )
    return found
