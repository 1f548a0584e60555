"""Where this installation keeps its packs and postcodes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

#: What a long job calls as it goes: the step in words, how many steps are done, and how many there are.
Progress = Callable[[str, int, int], None]


def home_folder() -> Path:
    """The installation's own folder: ``PLACEMAKER_HOME``, or ``~/.local/share/placemaker``. It may not exist yet."""
    given = os.environ.get("PLACEMAKER_HOME")
    return Path(given) if given else Path.home() / ".local" / "share" / "placemaker"


def quiet(step: str, done: int, total: int) -> None:
    """The progress of someone who does not want to hear it."""


def quoted(text: str | Path) -> str:
    """A text as a SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def named(name: str) -> str:
    """A column or table name as SQL."""
    return '"' + name.replace('"', '""') + '"'
