"""What ``pack.yaml`` says: for which form and dates a pack is, which pack it follows, what a check by it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.packfiles import Entry, read_entry
from placemaker.standard.schema import FOLDER, nearest

#: Where the packs that come with Placemaker are.
OURS = FOLDER / "packs"

#: What ``pack.yaml`` may say.
_NAMES = (
    *("form", "edition", "title", "description", "start", "end", "follows", "withdrawn"),
    *("nations", "sources", "licence", "parameters", "shown_key", "older"),
)
_WITHDRAWN = ("tables", "codelists", "lookups", "derived", "rules")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a check by a pack has to be told: one of ``values``, or else ``default``."""

    name: str
    title: str
    values: tuple[str, ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What ``pack.yaml`` says. ``end`` is the last day it is for: given, the day before the next edition, or None."""

    name: str
    form: str
    edition: str
    title: str
    description: str
    start: date
    end: date | None
    follows: str
    nations: tuple[str, ...]
    sources: tuple[dict[str, Any], ...]
    licence: str
    parameters: dict[str, Parameter]
    shown_key: str
    older: dict[str, str]
    withdrawn: dict[str, tuple[str, ...]]
    entry: Entry

    @property
    def folder(self) -> Path:
        """The folder of the pack."""
        return self.entry.path.parent

    @property
    def ours(self) -> bool:
        """Whether the pack comes with Placemaker, so that its SQL was looked at in the test suite."""
        return self.folder.is_relative_to(OURS)


def heads(root: Path = OURS) -> dict[str, Head]:
    """The heads of the packs in a folder, by name; a Refusal where two of one form claim one day."""
    found = [_head(path) for path in sorted(root.glob("*/*/pack.yaml"))]
    by_name: dict[str, Head] = {}
    for form in sorted({one.form for one in found}):
        dated = sorted((one for one in found if one.form == form), key=lambda one: one.start)
        for one, later in zip(dated, dated[1:], strict=False):
            if one.start == later.start or (one.end is not None and one.end >= later.start):
                raise Refusal(
                    f"The packs {one.name} and {later.name} are both for {later.start}",
                    f"{one.entry.at('end' if one.end else 'start')} and {later.entry.at('start')}",
                    "Let the earlier end on the day before the later starts.",
                )
            by_name[one.name] = one if one.end else replace(one, end=later.start - timedelta(days=1))
        by_name[dated[-1].name] = dated[-1]
    return by_name


def _head(path: Path) -> Head:
    entry = read_entry(path).know("A pack", _NAMES, ("form", "edition", "title", "start"))
    form, edition = str(entry.get("form")), str(entry.get("edition"))
    if (form, edition) != path.parent.parts[-2:]:
        raise Refusal(
            f"The pack is {form}/{edition}, and its folder is {'/'.join(path.parent.parts[-2:])}",
            entry.at("edition" if form == path.parent.parts[-2] else "form"),
            "Make them the same.",
        )
    for name in ("start", "end"):
        if entry.get(name) is not None and type(entry.get(name)) is not date:
            raise Refusal(f"`{name}` is no day", entry.at(name), "Write it as 2026-04-01.")
    if entry.get("end") is not None and entry.get("end") < entry.get("start"):
        raise Refusal("The pack ends before it starts", entry.at("end"))
    parameters = {
        str(name): Parameter(
            str(name),
            str(one.get("title", name)),
            tuple(map(str, one.get("values") or ())),
            None if one.get("default") is None else str(one["default"]),
        )
        for name, one in entry.get("parameters", {}).items()
    }
    withdrawn = entry.get("withdrawn", {})
    for name in withdrawn:
        if name not in _WITHDRAWN:
            raise Refusal(f"A pack withdraws no {name!r}", entry.at("withdrawn", name), nearest(name, _WITHDRAWN))
    return Head(
        name=f"{form}-{edition}",
        form=form,
        edition=edition,
        title=str(entry.get("title")),
        description=str(entry.get("description", "")),
        start=entry.get("start"),
        end=entry.get("end"),
        follows=str(entry.get("follows", "")),
        nations=tuple([told] if isinstance(told := entry.get("nations", ()), str) else told),
        sources=tuple(entry.get("sources", ())),
        licence=str(entry.get("licence", "")),
        parameters=parameters,
        shown_key=str(entry.get("shown_key", "")),
        older={str(count): str(title) for count, title in entry.get("older", {}).items()},
        withdrawn={name: tuple(map(str, withdrawn.get(name) or ())) for name in _WITHDRAWN},
        entry=entry,
    )
