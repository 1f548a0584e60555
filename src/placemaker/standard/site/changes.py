"""The change log of the standard, from the digests of its versions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from placemaker.standard.versions import Change, changes_between, versions

_MANY = {"table": "Tables", "field": "Fields", "code list": "Code lists", "code": "Codes", "rule": "Rules"}


@dataclass(frozen=True, slots=True)
class Version:
    """A version: its ``number`` and, by heading (``Tables added``), the changes to the standard's own files.

    ``packs`` says in words how much changed in each pack.
    """

    number: str
    changes: tuple[tuple[str, tuple[Change, ...]], ...]
    packs: tuple[tuple[str, str], ...]


def change_log() -> list[Version]:
    """Every version, the newest first; the first of all has no changes, since nothing was before it."""
    numbers = versions()
    found = [Version(numbers[0], (), ())] if numbers else []
    for old, new in zip(numbers, numbers[1:], strict=False):
        headings: dict[str, list[Change]] = {}
        packs: dict[str, Counter[str]] = {}
        for change in changes_between(old, new):
            pack, slash, _ = change.name.partition("/")
            if slash:
                packs.setdefault(pack, Counter())[f"{_MANY[change.kind].lower()} {change.what}"] += 1
            else:
                headings.setdefault(f"{_MANY[change.kind]} {change.what}", []).append(change)
        told = [(pack, ", ".join(f"{many} {what}" for what, many in counts.items())) for pack, counts in packs.items()]
        found.append(Version(new, tuple((name, tuple(some)) for name, some in headings.items()), tuple(sorted(told))))
    return found[::-1]


def name_of(change: Change) -> str:
    """The name of what changed as ``explain`` and the shelves know it: a code is found on the page of its list."""
    if change.kind == "code list":
        return f"codelist/{change.name}"
    return f"codelist/{change.name.partition('.')[0]}" if change.kind == "code" else change.name
