"""A log of a failure that holds no data: which code ran, never what was in a cell.

The text of an exception often quotes the row that broke, and a row is personal data; so only the kinds of the
exceptions and the places in the code are written.
"""

from __future__ import annotations

import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path


def write_log(failure: BaseException) -> Path | None:
    """The file that now tells what failed, or None where it could not be written."""
    from placemaker.places import home_folder

    now = datetime.now(UTC)
    file = home_folder() / "log" / f"{now:%Y-%m-%d-%H%M%S-%f}.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{now:%Y-%m-%d %H:%M:%S} UTC, Python {platform.python_version()}\n" + describe(failure))
    except OSError:
        return None
    return file


def describe(failure: BaseException) -> str:
    """The chain of exceptions as kinds and places in the code."""
    lines, seen, error = [], set(), failure
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        lines.append(f"{kind.__module__}.{kind.__qualname__}")
        for frame in traceback.extract_tb(error.__traceback__):
            lines.append(f"  {frame.filename}:{frame.lineno} in {frame.name}")
        error = error.__cause__ or error.__context__
    return "\n".join(lines) + "\n"
