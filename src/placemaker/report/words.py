"""A note as running words, for the forms whose figures cannot be opened."""

from __future__ import annotations

from typing import Any


def in_words(note: dict[str, Any]) -> dict[str, Any]:
    """What a note is ``about``, its lines with what follows each figure (``rest``), and the ``words`` that they share.

    Parts are named once and then only counted: ``412 of 1,003``.
    """
    lines = []
    for line in note["lines"]:
        inside = [line["interval"], line["made_of"], "estimated" if line["status"] == "estimated" else ""]
        more = [line["reason"], f"Period: {line['period']}." if line["period"] else ""]
        more += [f"Source {', '.join(map(str, line['sources']))}."] if line["sources"] else []
        rest = f" ({'; '.join(filter(None, inside))})" if any(inside) else ""
        said = " ".join(filter(None, more))
        lines.append({**line, "rest": f"{rest}. {said}" if said else f"{rest}."})
    words = [f"Made of{_of(one)}: {one['words']}." for one in note["made"]]
    words += [f"How{_of(one)}: {one['text']}" for one in note["how"]]
    words += [f"Take care: {note['reason']}"] if note["reason"] else []
    return {"lines": lines, "words": words, "about": ", ".join(filter(None, (note["unit"], note["period"])))}


def _of(one: dict[str, Any]) -> str:
    return f" ({one['where']})" if one["where"] else ""
