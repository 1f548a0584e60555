"""Temporary folders for personal data: only this user can read them, and none outlives a process that was killed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

_PREFIX = "placemaker-"


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder, gone when its ``with`` block ends; those of processes that were killed go first."""
    clear_left_behind()
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")


@cache
def spill_folder() -> Path:
    """The folder to which the engine may spill rows of this process, gone when it ends."""
    clear_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def clear_left_behind() -> None:
    """Remove the temporary folders of this user whose process has ended without removing them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        process = folder.name.removeprefix(_PREFIX).split("-")[0]
        with suppress(OSError):
            if process.isdecimal() and folder.stat().st_uid == os.getuid() and not _runs(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
