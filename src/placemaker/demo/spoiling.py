"""Plant faults in an export and keep the truth about each: which row, which field, which rule ought to find it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np

from placemaker.demo.writing import Table

HEAD = ("file", "row", "key", "field", "fault", "rule")
New = object | Callable[[np.ndarray], object]


class Truth:
    """truth/faults.csv: every planted fault. With `wanted` false nothing is ever planted."""

    def __init__(self, path: Path, wanted: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.wanted, self.planted = wanted, 0
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._csv.writerow(HEAD)

    def keep(self, file: str, row: int, key: str, field: str, fault: str, rule: str) -> None:
        self._csv.writerow((file, row, key, field, fault, rule))
        self.planted += 1

    def __enter__(self) -> Truth:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


class Batch:
    """Rows of one export on their way to its file. A row is spoiled once at most, so that faults stay apart.

    `keys` is the key of each row as the mapping makes it; `columns` the cells, one array of text a column.
    """

    def __init__(self, truth: Truth, table: Table, rng: np.random.Generator, keys: np.ndarray, columns: dict) -> None:
        self.truth, self.table, self.rng, self.keys = truth, table, rng, keys
        # as objects, because numpy cuts a longer text to the width of the column
        self.columns = {name: column.astype(object) for name, column in columns.items()}
        self.free = np.ones(len(keys), dtype=bool)
        self._planted: list[tuple[np.ndarray, np.ndarray, str, str, str]] = []

    def pick(self, share: float, where: np.ndarray | None = None) -> np.ndarray:
        """Rows to spoil: about `share` of those that `where` allows, one at least in the first batch of a file."""
        if not self.truth.wanted:
            return np.empty(0, dtype=np.int64)
        free = self.free[: len(where)] if where is not None else self.free
        allowed = np.flatnonzero(free if where is None else free & where)
        least = 1 if self.table.rows == 0 else 0
        count = min(len(allowed), max(least, int(share * len(allowed) + self.rng.random())))
        rows = np.sort(self.rng.choice(allowed, count, replace=False)) if count else np.empty(0, dtype=np.int64)
        self.free[rows] = False
        return rows

    def spoil(
        self,
        fault: str,
        rule: str,
        field: str,
        share: float,
        where: np.ndarray | None = None,
        keys: np.ndarray | None = None,
        **new: New,
    ) -> None:
        """Give `new` values to the columns named, in about `share` of the rows. A function gets the rows' places.

        `keys` are given where the fault is in another table than the one that the rows are keyed by.
        """
        self.put(self.pick(share, where), fault, rule, field, keys, **new)

    def put(
        self, rows: np.ndarray, fault: str, rule: str, field: str, keys: np.ndarray | None = None, **new: New
    ) -> None:
        """Spoil just these rows."""
        if len(rows):
            for column, value in new.items():
                self.columns[column][rows] = value(rows) if callable(value) else value
            self._planted.append((rows, (self.keys if keys is None else keys)[rows], field, fault, rule))

    def copy(
        self, fault: str, rule: str, field: str, share: float, where: np.ndarray, key_column: str = "", mark: str = "X"
    ) -> None:
        """Put some rows in a second time, at the end; with `key_column` under a key of their own."""
        rows = self.pick(share, where)
        if not len(rows):
            return
        again = len(self.keys) + np.arange(len(rows))
        self.columns = {name: np.concatenate([column, column[rows]]) for name, column in self.columns.items()}
        self.keys = np.concatenate([self.keys, self.keys[rows]])
        self.free = np.concatenate([self.free, np.zeros(len(rows), dtype=bool)])
        if key_column:
            self.keys[again] = self.keys[again] + mark
            self.columns[key_column][again] = self.keys[again]
        self._planted.append((again, self.keys[again], field, fault, rule))

    def drop(self, rows: np.ndarray) -> None:
        """Leave rows out; to be done before anything is spoiled."""
        kept = np.ones(len(self.keys), dtype=bool)
        kept[rows] = False
        self.columns = {name: column[kept] for name, column in self.columns.items()}
        self.keys, self.free = self.keys[kept], self.free[kept]

    def write(self) -> int:
        """Write the rows and the truth about them; the record number of the first."""
        first = self.table.write(self.columns)
        for rows, keys, field, fault, rule in self._planted:
            for row, key in zip(rows.tolist(), keys.tolist(), strict=True):
                self.truth.keep(self.table.path.name, first + row, key, field, fault, rule)
        return first


def constant(value: str, count: int) -> np.ndarray:
    """A column of one value."""
    return np.full(count, value, dtype=object)


def yes_no(flags: np.ndarray) -> np.ndarray:
    """A column of Y and N."""
    return np.where(flags, "Y", "N").astype(object)
