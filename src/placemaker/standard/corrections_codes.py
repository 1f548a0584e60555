"""The code that is meant where a cell holds none of its list: by label, by another known spelling, or by a slip.

Plain Python over the different values of a column, which are few, so that every engine may ask it. A word that could
stand for two codes stands for none, and a slip is offered only where one code alone is near: never a wild guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from placemaker.standard.schema import CodeList
from placemaker.standard.synonyms import code_spellings

Sure = Literal["certain", "likely", "ask"]


_WRITTEN = "It differs from {} only in how it is written."
_SLIP = "It is like {}, but for a slip of the keys."
_OWN = "It differs from the export's own code {} only in how it is written."


@dataclass(frozen=True, slots=True)
class Offer:
    """What a cell may mean, why, and how sure that is: certain, likely or ask."""

    suggestion: str
    why: str
    sure: Sure


def offers_for_codes(
    values: Iterable[str], codes: CodeList, own: Mapping[str, str] | None = None, today: date | None = None
) -> dict[str, Offer]:
    """For each of ``values`` for which one code alone can be meant, how that code is written in the export.

    ``own`` are the export's own codes with what each stands for (a mapping's ``codes``); they are offered rather than
    the standard's. Codes that are not in use on ``today`` are left out.
    """
    written = {code: old for old, code in reversed(list((own or {}).items()))}
    words = _Words(codes, own or {}, today)
    found = {}
    for value in values:
        if meant := words.meant(value):
            code, why, sure = meant
            suggestion = written.get(code, code)
            if suggestion != code and why not in (_OWN, _SLIP):
                why = "The export's own code for it is {}."
            if suggestion != value:
                found[value] = Offer(suggestion, why.format(suggestion), sure)
    return found


class _Words:
    """What the codes of a list are called: bare word -> the codes it may stand for, surest first."""

    def __init__(self, codes: CodeList, own: Mapping[str, str], today: date | None) -> None:
        used = [
            code
            for code in codes.codes
            if today is None
            or ((code.start is None or code.start <= today) and (code.end is None or today <= code.end))
        ] or list(codes.codes)
        known = {code.code for code in used}
        self.name_words = frozenset(_bare(codes.name).split())
        spelled = {code: words for code, words in code_spellings(codes.name).items() if code in known}
        self.steps: list[tuple[dict[str, set[str]], str, Sure]] = [
            (_by_word([(code.code, code.code) for code in used]), _WRITTEN, "certain"),
            (_by_word([(code, old) for old, code in own.items()]), _OWN, "certain"),
            (_by_word([(code.code, code.label) for code in used]), "It is what {} is called.", "certain"),
            (
                _by_word([(c, word) for c, words in spelled.items() for word in words]),
                "Some systems write it for {}.",
                "likely",
            ),
        ]
        self.all: dict[str, set[str]] = {}
        for words, _, _ in self.steps:
            for word, meant in words.items():
                self.all.setdefault(word, set()).update(meant)

    def meant(self, value: str) -> tuple[str, str, Sure] | None:
        bare = _bare(value[:100])
        if not bare:
            return None
        for word in dict.fromkeys((bare, self._without_name(bare))):
            for words, why, sure in self.steps:
                meant = words.get(word, ())
                if len(meant) > 1:
                    return None
                if meant:
                    (code,) = meant
                    # A word of a letter or two may be any system's code for anything.
                    return code, why, "ask" if sure == "likely" and len(word) < 3 else sure
        return self._slip(bare)

    def _without_name(self, bare: str) -> str:
        """``secure tenancy`` of the list tenancy_type is ``secure``."""
        return " ".join(word for word in bare.split() if word not in self.name_words) or bare

    def _slip(self, bare: str) -> tuple[str, str, Sure] | None:
        best: dict[str, int] = {}
        for word, meant in self.all.items():
            away = _slips(bare, word)
            for code in meant if away is not None else ():
                best[code] = min(away, best.get(code, away))
        if not best:
            return None
        least = min(best.values())
        nearest = [code for code, away in best.items() if away == least]
        return (nearest[0], _SLIP, "likely") if len(nearest) == 1 else None


def _by_word(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """From (code, what it is called) to the codes by bare word."""
    found: dict[str, set[str]] = {}
    for code, word in pairs:
        if bare := _bare(word):
            found.setdefault(bare, set()).add(code)
    return found


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _slips(one: str, two: str) -> int | None:
    """How many letters apart two words are, 1 or (of eight letters or more) 2; None where they are further apart.

    Digits and short words have no slips: ``band a`` is not ``band b``. Neither has the beginning of a word beyond one
    letter, for ``unoccupied`` is not ``occupied``.
    """
    short = min(len(one), len(two))
    allowed = 0 if short < 4 else 1 if short < 8 else 2
    if not allowed or abs(len(one) - len(two)) > allowed:
        return None
    if re.findall(r"\d+", one) != re.findall(r"\d+", two):
        return None
    if [word for word in one.split() if len(word) < 3] != [word for word in two.split() if len(word) < 3]:
        return None
    away = _distance(one, two)
    return away if away <= (allowed if one[0] == two[0] else 1) else None


def _distance(one: str, two: str) -> int:
    """Letters put in, left out, changed, or changed with their neighbour, between two words (Damerau's measure)."""
    before, last = [], list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
