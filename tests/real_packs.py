"""Place packs of the real open data, built once for a whole test run however many processes it has."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from placemaker.places import Pack, build_pack


def real_pack(name: str, shared_data: Path, tmp_path_factory) -> Pack:
    """The pack of our recipe ``name`` (england, trafford) built from the folder of real open data."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = base / "real-packs"
    folder.mkdir(exist_ok=True)
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name / "datapackage.json").is_file():
            build_pack(shared_data, name, folder / name)
    return Pack.open(folder / name)
