"""What the cells of an export's columns look like: dates and their order, money, postcodes, codes. No guessing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import duckdb

from placemaker.standard.expressions import identifier
from placemaker.standard.reading import Staged
from placemaker.standard.values import NOTHING

#: How many records are looked at, taken evenly from the whole file.
SAMPLE = 2_000

#: A column with more different values than this is no list of codes.
MOST_CODES = 60

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T].*)?$")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T].*)?$")
_NAMED = re.compile(r"\d{1,2}[ /-][A-Za-z]{3,9}[ /-]\d{4}$")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}")
_WHOLE = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)$")
_PLAIN = re.compile(r"[+-]?£?[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?$")
_SIGNED = re.compile(r"£?[\d,]*\.?\d+ ?(?:CR|DR|-|\+)$", re.IGNORECASE)
_BRACKETS = re.compile(r"\(£?[\d,]*\.?\d+\)$")
_YES_NO = frozenset(["true", "false", "yes", "no", "y", "n", "t", "f", "1", "0"])

#: Shapes that say by themselves what a column is.
SHAPES = {
    "postcode": re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$"),
    "uprn": re.compile(r"0*[1-9][0-9]{7,11}$"),
    "national_insurance_number": re.compile(r"[A-Z]{2}[0-9]{6}[A-D]$"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
    "telephone": re.compile(r"(?:\+44|0)[0-9 ]{9,13}$"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export: the sample's values that are not empty, with how often each is there."""

    name: str
    values: Counter[str]
    rows: int

    @property
    def filled(self) -> int:
        """How many of the records looked at hold something."""
        return self.values.total()

    @property
    def is_unique(self) -> bool:
        """Whether every record looked at holds something, and no two the same."""
        return self.filled == self.rows and len(self.values) == self.rows

    @property
    def is_coded(self) -> bool:
        """Whether the values are few enough to be codes."""
        return 0 < len(self.values) <= MOST_CODES

    def share(self, shape: re.Pattern[str]) -> float:
        """The share of the values that have this shape."""
        return self._share(lambda text: shape.match(text) is not None)

    def words(self) -> list[str]:
        """The values that stand for nothing."""
        return [text for text in self.values if text.strip().casefold() in NOTHING]

    def dates(self) -> tuple[float, str]:
        """The share of values that are dates, and how they are written.

        ``iso``, ``day-first`` or ``month-first`` where a value proves it (a 13 or more); ``unclear`` where none does;
        ``mixed`` where some prove the one and some the other.
        """
        found = self._share(lambda text: bool(_ISO.match(text) or _NUMBERS.match(text) or _NAMED.match(text)))
        pairs = [(int(m[1]), int(m[3])) for text in self.values if (m := _NUMBERS.match(text))]
        if not pairs:
            # A month's name leaves nothing to guess, but ISO alone does not read it.
            return found, "day-first" if any(_NAMED.match(text) for text in self.values) else "iso"
        day_first, month_first = any(one > 12 for one, _ in pairs), any(two > 12 for _, two in pairs)
        if day_first and month_first:
            return found, "mixed"
        return found, "day-first" if day_first else "month-first" if month_first else "unclear"

    @property
    def has_times(self) -> bool:
        """Whether some value holds a time of day other than midnight."""
        return any(_CLOCK.search(text) and not re.search(r"[ T]0?0:00(:00)?$", text) for text in self.values)

    def open_ends(self) -> list[str]:
        """Dates of the kind 31/12/2099 or 2999-12-31 that stand for no end."""
        return sorted(text for text in self.values if re.search(r"(?<!\d)(?:20[89]\d|2[1-9]\d\d|9999)(?!\d)", text))

    def number(self) -> tuple[float, str]:
        """The share of values that are numbers, and how: plain, trailing-sign or brackets."""
        signed, brackets = self.share(_SIGNED), self.share(_BRACKETS)
        plain = self._share(lambda text: bool(_PLAIN.match(text)) and any(map(str.isdigit, text)))
        if signed > 0:
            return max(plain + signed, signed), "trailing-sign"
        return (plain + brackets, "brackets") if brackets > 0 else (plain, "plain")

    def whole(self) -> float:
        """The share of values that are whole numbers."""
        return self.share(_WHOLE)

    def yes_no(self) -> float:
        """The share of values that read as yes or no."""
        return self._share(lambda text: text.casefold() in _YES_NO)

    def _share(self, fits) -> float:
        told = [(text, times) for text, times in self.values.items() if text.strip().casefold() not in NOTHING]
        total = sum(times for _, times in told)
        return sum(times for text, times in told if fits(text)) / total if total else 0.0


def look_at(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Column]:
    """The columns of a staged export, from at most :data:`SAMPLE` of its records taken evenly."""
    step = max(1, staged.rows // SAMPLE)
    names = ", ".join(map(identifier, staged.columns))
    readable = " and _wrong is null" if staged.marked else ""
    rows = con.execute(f"select {names} from {staged.relation} where rowid % {step} = 0{readable}").fetchall()
    counted = [Counter(cell for cell in cells if cell is not None) for cells in zip(*rows, strict=True)]
    counted = counted or [Counter() for _ in staged.columns]
    return [Column(name, values, len(rows)) for name, values in zip(staged.columns, counted, strict=True)]
