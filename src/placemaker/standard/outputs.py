"""What is written never takes the place of what was read."""

from __future__ import annotations

from pathlib import Path

from placemaker.lake.errors import Refusal


def not_over(path: str | Path, *inputs: str | Path) -> Path:
    """``path``, to write to; a Refusal where it is one of the ``inputs``, by whatever name or link."""
    path = Path(path)
    for one in map(Path, inputs):
        try:
            same = path.samefile(one)
        except OSError:
            same = False  # one of the two is not there
        if same:
            what = "The file was read, and would be written over"
            raise Refusal(what, str(path), "Give the output another name; nothing was changed.")
    return path
