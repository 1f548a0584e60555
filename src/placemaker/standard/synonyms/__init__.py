"""Likeness of names and codes: how housing systems call what the standard calls otherwise.

``fields.csv`` and ``codes.csv`` beside this file hold the words, one row a field or code, several parted by a bar.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from placemaker.standard.schema import Field, codelist

_FOLDER = Path(__file__).parent

#: Short forms in headers, by the whole word.
_SHORT = {
    "ref": "reference", "no": "reference", "num": "reference", "number": "reference", "id": "reference",
    "nbr": "reference", "code": "reference", "prop": "property", "ten": "tenancy", "tncy": "tenancy", "dt": "date",
    "acc": "account", "acct": "account", "addr": "address", "add": "address", "desc": "description",
    "cat": "category", "amt": "amount", "val": "value", "bal": "balance", "txn": "transaction",
    "trans": "transaction", "compl": "completed", "cert": "certificate", "yr": "year", "qty": "number",
    "tel": "telephone", "cust": "customer", "pers": "person", "bldg": "building", "blk": "block",
    "org": "organisation", "insp": "inspection", "resp": "response", "pri": "priority", "tran": "transaction",
    "wkly": "weekly", "acq": "acquired", "disp": "disposal", "mgr": "manager", "rsn": "reason", "grp": "group",
    "chg": "charge", "cur": "current", "prev": "previous", "hh": "household", "comp": "completed", "rec": "received",
    "recd": "received", "ack": "acknowledged",
}  # fmt: skip


def normalised(text: str) -> tuple[str, ...]:
    """The words of a header: ``TenStart_Dt`` is (tenancy, start, date)."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    words = re.findall(r"[a-z]+|[0-9]+", parted.lower())
    return tuple(_SHORT.get(word, word) for word in words)


@cache
def _words(file: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    with (_FOLDER / file).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        return tuple((first, second, tuple(words.split("|"))) for first, second, words in rows)


@cache
def field_names(table: str, field: str) -> tuple[str, ...]:
    """What systems call the field, those of the table itself before those of all tables."""
    own = [words for where, name, words in _words("fields.csv") if (where, name) == (table, field)]
    general = [words for where, name, words in _words("fields.csv") if (where, name) == ("", field)]
    return tuple(word for words in own + general for word in words)


def name_likeness(table: str, field: Field, header: str) -> tuple[float, str]:
    """How like a header is to the names of a field, from 0 to 1, and why in words."""
    words = normalised(header)
    if not words:
        return 0.0, ""
    # The system's own code in front (``te_start``), and its table's name, say nothing.
    shorter = words[1:] if len(words) > 1 and (len(words[0]) <= 2 or words[0] in table.split("_")) else words
    best, why = 0.0, ""
    for known in (field.name, field.title, *field_names(table, field.name)):
        its = normalised(known)
        if its == words:
            likeness = 1.0
        elif its == shorter or set(its) == set(words):
            likeness = 0.9
        else:
            shared = len(set(its) & set(words)) / len(set(its) | set(words))
            spelled = difflib.SequenceMatcher(None, "".join(its), "".join(words)).ratio()
            likeness = max(0.75 * shared, 0.8 * spelled if spelled >= 0.85 else 0.0)
        if likeness > best:
            best, why = likeness, f"{header!r} is {'' if likeness == 1 else 'like '}{known!r}"
    return best, why


def match_codes(name: str, values: Iterable[str]) -> dict[str, str]:
    """The code of the list ``name`` that each value stands for, by code, label or known word; others are left out."""
    known: dict[str, str] = {}
    for code, word in _code_words(name):
        known.setdefault(_bare(word), code)
    found = {}
    for value in values:
        bare = _bare(value)
        code = known.get(bare)
        if code is None and len(bare) >= 4:
            near = difflib.get_close_matches(bare, [word for word in known if len(word) >= 4], n=1, cutoff=0.82)
            begins = [word for word in known if word.startswith(bare) or (len(word) >= 4 and bare.startswith(word))]
            code = known[near[0]] if near else known[begins[0]] if len({known[word] for word in begins}) == 1 else None
        elif code is None and len(bare) == 3 and bare.isalpha():
            begins = {known[word] for word in known if word.startswith(bare)}
            code = begins.pop() if len(begins) == 1 else None
        if code:
            found[value] = code
    return found


def code_spellings(name: str) -> dict[str, tuple[str, ...]]:
    """The other known words for each code of the list ``name``: how housing systems write it."""
    return {code: words for listed, code, words in _words("codes.csv") if listed == name}


@cache
def _code_words(name: str) -> tuple[tuple[str, str], ...]:
    own = [(code.code, word) for code in codelist(name).codes for word in (code.code, code.label)]
    others = [(code, word) for listed, code, words in _words("codes.csv") if listed == name for word in words]
    return tuple(own + others)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
