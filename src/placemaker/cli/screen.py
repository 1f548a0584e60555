"""What a person sees: tables in plain text, counts in words, and a progress bar when something takes over a second."""

from __future__ import annotations

import csv
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

#: Longest text shown in a column of a table that is not its last.
WIDEST = 48


def count(number: int, one: str, many: str = "") -> str:
    """``1 home``, ``12,061 homes``, ``no homes``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}" if number else f"no {many or one + 's'}"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as aligned columns, numbers to the right; long text is cut in all columns but the last."""
    last = len(head) - 1
    cells = [[_cell(value, WIDEST if i < last else None) for i, value in enumerate(row)] for row in rows]
    number = [all(_is_number(row[i]) for row in cells) and bool(cells) for i in range(len(head))]
    width = [max(len(name), *(len(row[i]) for row in cells), 0) for i, name in enumerate(head)]

    def line(row: Sequence[str]) -> str:
        parts = (text.rjust(width[i]) if number[i] else text.ljust(width[i]) for i, text in enumerate(row))
        return "  ".join(parts).rstrip()

    return "\n".join([line(head), line(["-" * w for w in width]), *map(line, cells)])


def _cell(value: Any, widest: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value).split())
    return text if widest is None or len(text) <= widest else text[: widest - 1] + "…"


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit() or text == ""


class Progress:
    """A bar on standard error: only on a terminal, and only once a second has passed.

    Use as a context manager and hand it to a job, which calls it with what it is doing now and, where it knows them,
    how much is done of how much: ``progress("Reading tenancies.csv", 40, 100)``.
    """

    def __init__(self, what: str = "Working") -> None:
        self.what, self.done, self.total = what, 0.0, None
        self._bar = self._task = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(1.0, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away for good, as before a question."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._timer = None

    def __call__(self, what: str, done: float | None = None, total: float | None = None) -> None:
        with self._lock:
            self.what, self.done, self.total = what, done or 0.0, total
            if self._bar is not None:
                self._bar.update(self._task, description=what, completed=self.done, total=total)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        with self._lock:
            if self._timer is None:
                return
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self.what, completed=self.done, total=self.total)
            self._bar.start()


def write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file with these headings and rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def print_json(plain: Any) -> None:
    """One JSON value on standard output."""
    import json

    click.echo(json.dumps(plain, ensure_ascii=False, default=str))
