"""Regular expressions as DuckDB reads them (RE2), written for Spark (Java): the same texts match on both.

What the two read differently is put in words that Java reads as RE2 does: ``$`` is the end of the text and not the
place before its last line break, ``.`` is any sign but a line feed, ``\\b`` and ``(?i)`` mean the same letters. What is
not carried over is refused.
"""

from __future__ import annotations

from placemaker.lake.errors import Refusal

#: Signs that mean the same after a backslash. RE2 knows no look-around and no back-references, so none can be there.
_AFTER_BACKSLASH = frozenset("dDwWAz.^$|?*+()[]{}/-\\\"'#&~ ,:;=!<>@%_tnrf")
_WORD_EDGE = r"(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))"
_SPACES = r"\t\n\f\r "


def java_pattern(pattern: str, where: str, whole: bool = False) -> str:
    """``pattern`` for Spark's ``rlike``; with ``whole`` the text must match from end to end.

    Raises Refusal, naming ``where`` it is written, for what has no certain meaning on both.
    """
    ignoring_case = pattern.startswith("(?i)")
    written, place = [], 4 if ignoring_case else 0
    while place < len(pattern):
        piece, place = _piece(pattern, place, where)
        written.append(piece)
    text = "".join(written)
    # d: only a line feed ends a line; i and u: letters of either case in any alphabet.
    return ("(?diu)" if ignoring_case else "(?d)") + (f"^(?:{text})\\z" if whole else text)


def java_replacement(replacement: str) -> str:
    """What ``regexp_replace`` puts in: ``\\1`` of RE2 is ``$1`` in Java."""
    written, place = [], 0
    while place < len(replacement):
        sign = replacement[place]
        after = replacement[place + 1 : place + 2]
        if sign == "\\" and after.isdigit():
            written.append(f"${after}")
            # In Java a digit that follows would be part of the group's number.
            if replacement[place + 2 : place + 3].isdigit():
                written.append("\\")
            place += 2
        else:
            written.append(f"\\{sign}" if sign in "\\$" else sign)
            place += 2 if sign == "\\" and after == "\\" else 1
    return "".join(written)


def _piece(pattern: str, place: int, where: str) -> tuple[str, int]:
    """One piece of a pattern for Java, and the place after it."""
    sign = pattern[place]
    if sign == "\\":
        return _escaped(pattern, place, where, in_class=False)
    if sign == "[":
        return _class(pattern, place, where)
    if sign == "$":
        return "\\z", place + 1
    if sign == "(" and pattern[place + 1 : place + 2] == "?" and pattern[place + 2 : place + 3] != ":":
        raise _not_carried(pattern, "(?", where)
    # What RE2 takes as possessive or as a repeated repeat, Java takes otherwise.
    if sign in "*+?}" and pattern[place + 1 : place + 2] == "+":
        raise _not_carried(pattern, sign + "+", where)
    return sign, place + 1


def _class(pattern: str, place: int, where: str) -> tuple[str, int]:
    """A class in square brackets, in which Java gives a meaning to ``[`` and ``&&``."""
    start, written = place, "["
    place += 1
    if pattern[place : place + 1] == "^":
        written, place = "[^", place + 1
    first = True
    while place < len(pattern) and (pattern[place] != "]" or first):
        sign = pattern[place]
        if sign == "\\":
            piece, place = _escaped(pattern, place, where, in_class=True)
            written += piece
        elif sign == "[" and pattern[place + 1 : place + 2] == ":":
            raise _not_carried(pattern, "[:", where)
        else:
            written += f"\\{sign}" if sign in "[]&~" else sign
            place += 1
        first = False
    if place >= len(pattern):
        raise _not_carried(pattern, pattern[start:], where)
    return written + "]", place + 1


def _escaped(pattern: str, place: int, where: str, in_class: bool) -> tuple[str, int]:
    sign = pattern[place + 1 : place + 2]
    if sign == "s":
        return (_SPACES if in_class else f"[{_SPACES}]"), place + 2
    if sign == "S" and not in_class:
        return f"[^{_SPACES}]", place + 2
    if sign == "b" and not in_class:
        return _WORD_EDGE, place + 2
    if sign in _AFTER_BACKSLASH and sign:
        # Java knows no escaped letter or underscore that stands for itself.
        return ("_" if sign == "_" else f"\\{sign}"), place + 2
    raise _not_carried(pattern, f"\\{sign}", where)


def _not_carried(pattern: str, what: str, where: str) -> Refusal:
    return Refusal(f"The pattern {pattern!r} uses `{what}`, which is not carried over to Spark", where)
