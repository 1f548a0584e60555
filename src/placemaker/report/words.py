"""A note as running words, for the forms whose figures cannot be opened."""

from __future__ import annotations

from typing import Any


def in_words(note: dict[str, Any]) -> dict[str, Any]:
    """What a note is about, its lines with what follows each figure (``rest``), and the ``words`` that they share.

    Shared parts are named once and then only counted: ``412 of 1,003``.
    """
    labels = note["part_labels"]
    join = " of " if note["fraction"] else "; "
    lines = []
    for line in note["lines"]:
        inside = [line["interval"]] if line["interval"] else []
        inside += [join.join(line["parts"])] if line["parts"] else []
        inside += [line["made_of"]] if line["made_of"] else []
        inside += ["estimated"] if line["status"] == "estimated" else []
        more = [line["reason"], line["differs"]]
        more += [f"Source {', '.join(map(str, line['sources']))}."] if line["sources"] else []
        rest = f" ({'; '.join(inside)})" if inside else ""
        said = " ".join(word for word in more if word)
        lines.append({**line, "rest": f"{rest}. {said}" if said else f"{rest}."})
    words = [f"Made of: {(', divided by: ' if note['fraction'] else '; ').join(labels)}."] if labels else []
    words += [f"How: {note['how']}"] if note["how"] else []
    words += [f"Take care: {note['reason']}"] if note["reason"] else []
    about = ", ".join(word for word in (note["unit"], note["period"]) if word)
    return {"lines": lines, "words": words, "about": about}
