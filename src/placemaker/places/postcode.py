"""Postcodes as SQL: how they are written, and which nation they are in."""

from __future__ import annotations

#: What a written postcode must match once it is normal (the pattern of ``home.postcode`` in the standard).
PATTERN = "[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}"

#: The first letter of an authority's code and the nation it is in.
NATIONS = {
    "E": "England",
    "W": "Wales",
    "S": "Scotland",
    "N": "Northern Ireland",
    "L": "the Channel Islands",
    "M": "the Isle of Man",
}


def spaced_postcode(column: str) -> str:
    """An SQL expression: the postcode in capitals with one space, cheap enough for millions of rows.

    Only plain spaces are dropped; what it cannot match has a second chance with :func:`normal_postcode`.
    """
    packed = f"upper(replace({column}, ' ', ''))"
    return f"left({packed}, -3) || ' ' || right({packed}, 3)"


def normal_postcode(column: str) -> str:
    """An SQL expression: the postcode in capitals with one space before its last three characters; empty is null.

    Spaces of every kind go (tabs and no-break spaces come from spreadsheets). Nothing else is mended: "0L1 1AA", with a
    nought for an O, stays no postcode.
    """
    packed = f"upper(regexp_replace({column}, '[\\s\\x{{00A0}}]+', '', 'g'))"
    return f"case when {packed} <> '' then left({packed}, -3) || ' ' || right({packed}, 3) end"
