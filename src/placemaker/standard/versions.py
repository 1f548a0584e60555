"""Versions of the standard: a digest of all that a vendor builds on, one file a version, and what changed between two.

``versions/1.0.0.json`` holds the tables with their keys, fields and parents, the code lists with their codes, and the
rules with their severities and the hashes of their conditions, those of packs included. It is written by
``python -m placemaker.standard.versions write 1.0.0`` and never changed once its version is released: the test suite
fails where the files say something else than the newest of them, until there is a new one.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from placemaker.lake.errors import Refusal
from placemaker.standard.schema import FOLDER, CodeList, Field, Rule, Table, codelist, codelist_names, nearest, tables

VERSIONS = FOLDER / "versions"

Kind = Literal["table", "field", "code list", "code", "rule"]
What = Literal["added", "changed", "deprecated", "removed"]

_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions: ``tenancy.end_date`` of kind field was ``changed``, and how."""

    kind: Kind
    name: str
    what: What
    how: str = ""


def digest(*, with_packs: bool = True) -> dict[str, Any]:
    """What the files say now: tables, fields, code lists, codes and rules by name, those of packs begun with theirs."""
    from placemaker.standard.packs import packs

    found = {
        "tables": {name: _table(table) for name, table in tables().items()},
        "codelists": {name: _codelist(codelist(name)) for name in codelist_names()},
        "rules": {rule.id: _rule(rule) for table in tables().values() for rule in table.rules},
    }
    for pack in packs().values() if with_packs else ():
        name = pack.name
        found["tables"] |= {f"{name}/{key}": _table(table) for key, table in pack.tables.items()}
        found["codelists"] |= {f"{name}/{key}": _codelist(codes) for key, codes in pack.codelists.items()}
        found["rules"] |= {f"{name}/{key}": _rule(rule) for key, rule in pack.rules.items()}
    return {kind: dict(sorted(part.items())) for kind, part in found.items()}


def versions() -> list[str]:
    """The versions that there are digests of, oldest first."""
    return sorted((path.stem for path in VERSIONS.glob("*.json")), key=_number)


def newest() -> str:
    """The newest version there is a digest of; an empty text where there is none."""
    return (versions() or [""])[-1]


def read_version(number: str) -> dict[str, Any]:
    """The digest of a version; a Refusal where there is none of that number."""
    path = VERSIONS / f"{number}.json"
    if number not in versions():
        raise Refusal(f"The standard has no version {number!r}", next=nearest(number, versions()))
    return json.loads(path.read_text(encoding="utf-8"))


def write_version(number: str) -> Path:
    """Write the digest of what the files say now as a version, which must be newer than those there are, or the newest.

    Returns its path. Raises Refusal where the number is none or older.
    """
    if not _VERSION.fullmatch(number):
        raise Refusal(f"{number!r} is no version", next="Write it as 1.2.0.")
    if newest() and _number(number) < _number(newest()):
        raise Refusal(f"The version {number} is older than {newest()}", next="Give a newer one.")
    VERSIONS.mkdir(exist_ok=True)
    path = VERSIONS / f"{number}.json"
    path.write_text(as_text(digest()), encoding="utf-8")
    return path


def as_text(found: dict[str, Any]) -> str:
    """A digest as its file holds it: a line for each field, code and rule, so that a difference can be read."""
    parts = []
    for kind, things in found.items():
        lines = []
        for name, thing in things.items():
            if kind == "rules":
                lines.append(f"  {_json(name)}: {_json(thing)}")
                continue
            inner = "fields" if kind == "tables" else "codes"
            rest = "".join(f"{_json(key)}: {_json(value)}, " for key, value in thing.items() if key != inner)
            each = ",\n".join(f"    {_json(key)}: {_json(value)}" for key, value in thing[inner].items())
            lines.append(f"  {_json(name)}: {{{rest}{_json(inner)}: {{\n{each}\n  }}}}")
        parts.append(f" {_json(kind)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def changes_between(old: str | dict[str, Any], new: str | dict[str, Any]) -> list[Change]:
    """What was added, changed, deprecated or removed from one version (or digest) to another, by kind and name.

    A code is deprecated when it gets an end, and a rule when it gets one. The fields of a table that is new or gone are
    not told one by one, nor the codes of such a list.
    """
    before, after = (read_version(one) if isinstance(one, str) else one for one in (old, new))
    found = _compared("table", before["tables"], after["tables"], without="fields")
    for name in _both(before["tables"], after["tables"]):
        found += _compared("field", before["tables"][name]["fields"], after["tables"][name]["fields"], f"{name}.")
    found += _compared("code list", before["codelists"], after["codelists"], without="codes")
    for name in _both(before["codelists"], after["codelists"]):
        codes = before["codelists"][name]["codes"], after["codelists"][name]["codes"]
        found += _compared("code", *codes, f"{name}.")
    return found + _compared("rule", before["rules"], after["rules"])


def _compared(
    kind: Kind, old: dict[str, Any], new: dict[str, Any], before: str = "", without: str = ""
) -> list[Change]:
    found = [Change(kind, before + name, "added") for name in new if name not in old]
    for name in _both(old, new):
        was, now = ({key: value for key, value in one[name].items() if key != without} for one in (old, new))
        if was == now:
            continue
        ends = now.get("end") and not was.get("end")
        told = [_told(key, was.get(key), now.get(key)) for key in {**was, **now} if was.get(key) != now.get(key)]
        found.append(Change(kind, before + name, "deprecated" if ends else "changed", "; ".join(told)))
    return found + [Change(kind, before + name, "removed") for name in old if name not in new]


def _told(key: str, was: Any, now: Any) -> str:
    if key in ("condition", "message"):
        return f"another {key}"
    return f"{key} from {_plain(was)} to {_plain(now)}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    return "none" if value in (None, "", False) else "yes" if value is True else str(value)


def _both(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [name for name in old if name in new]


def _table(table: Table) -> dict[str, Any]:
    parents = [f"{link.field} in {link.parent}.{link.parent_field}" for link in table.foreign_keys]
    kept = f"{table.retention.years} years after {table.retention.after}" if table.retention else ""
    said = {"title": table.title, "key": table.key, "parents": parents, "retention": kept}
    return _said(said) | {"fields": {field.name: _field(field) for field in table.fields}}


def _field(field: Field) -> dict[str, Any]:
    said = {name: getattr(field, name) for name in ("type", "title", "number", "unit", "codelist", "tidied", "pattern")}
    said |= {"required": field.required, "unique": field.unique}
    said |= {"personal": "" if field.personal == "none" else field.personal}
    limits = {name: getattr(field, name) for name in ("minimum", "maximum")}
    return _said(said) | {name: _value(limit) for name, limit in limits.items() if limit is not None}


def _codelist(codes: CodeList) -> dict[str, Any]:
    entries = {}
    for code in codes.codes:
        said = {"label": code.label, "parent": code.parent, "start": _value(code.start), "end": _value(code.end)}
        entries[code.code] = _said(said)
    return {"codes": entries}


def _rule(rule: Rule) -> dict[str, Any]:
    said = {
        "table": rule.table,
        "severity": rule.severity,
        "dimension": rule.dimension,
        "fields": [rule.field] if rule.field else list(rule.fields),
        "nations": list(rule.nations),
        "start": _value(rule.start),
        "end": _value(rule.end),
        "condition": _hash(rule.expect or rule.breaks),
        "message": _hash(rule.message),
    }
    return _said(said)


def _said(told: dict[str, Any]) -> dict[str, Any]:
    """What is not empty."""
    return {key: value for key, value in told.items() if value not in (None, "", [], False)}


def _value(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else value.isoformat()


def _hash(text: str) -> str:
    """A short hash of a text without regard to how it is broken into lines."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def main(arguments: list[str]) -> int:
    """``write 1.0.0`` writes a version; ``changes 0.1.0 [1.0.0]`` tells what changed, up to now by default."""
    try:
        match arguments:
            case ["write", number]:
                print(f"The version {number} is in {write_version(number).relative_to(FOLDER)}.")
            case ["changes", old, *rest] if len(rest) < 2:
                for change in changes_between(old, rest[0] if rest else digest()):
                    print(f"{change.what:10} {change.kind:9} {change.name}{': ' if change.how else ''}{change.how}")
            case _:
                print(main.__doc__)
                return 2
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
