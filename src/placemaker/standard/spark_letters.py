"""Small and capital letters on Spark as DuckDB makes them: one letter for one letter, whatever stands beside it.

Spark follows Unicode's full case mapping, in which the capital of ``ß`` is ``SS`` and the small letter of a Greek
capital sigma depends on what follows. DuckDB changes each letter by itself. The letters in which the two differ are
changed before Spark sees them, or kept from it. Not covered are some dozens of letters that Unicode added after 2021.
"""

from __future__ import annotations

from functools import cache

#: Capitals whose small letters Spark writes otherwise, and what DuckDB makes of them.
_SMALL = {"İ": "i", "Σ": "σ"}

#: Where letters wait that Spark is not to touch: Unicode's last plane, for private use.
_PRIVATE = 0x100000


def lower(text: str) -> str:
    """Spark's SQL for the small letters of the SQL expression ``text``."""
    return f"lower(translate({text}, '{''.join(_SMALL)}', '{''.join(_SMALL.values())}'))"


def upper(text: str) -> str:
    """Spark's SQL for the capital letters of the SQL expression ``text``."""
    capitals = _capitals()
    kept = [letter for letter, capital in capitals.items() if letter == capital]
    away = "".join(chr(_PRIVATE + place) for place in range(len(kept)))
    changed = [letter for letter in capitals if letter not in kept]
    before = "".join(kept + changed)
    after = away + "".join(capitals[letter] for letter in changed)
    return f"translate(upper(translate({text}, '{before}', '{after}')), '{away}', '{''.join(kept)}')"


@cache
def _capitals() -> dict[str, str]:
    """The letters whose full capital is more than one letter, with the one letter that DuckDB makes of them."""
    found = {}
    for letter in map(chr, range(0x80, 0xFFFF)):
        if len(letter.upper()) > 1:
            title = letter.title()
            found[letter] = title if len(title) == 1 else letter
    return found | {"ß": "ẞ"}
