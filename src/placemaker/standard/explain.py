"""What a rule, a field, a table or a code list of the standard means, in plain words: ``placemaker explain``.

A rule that follows from a field (``tenancy.start_date.type``) is explained from the field, a written one from its file;
both with a row that passes and one that fails. A name that nobody knows is refused with the nearest ones.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from placemaker.lake.errors import Refusal
from placemaker.standard.expressions import names_in
from placemaker.standard.schema import (
    CodeList,
    Field,
    Rule,
    Table,
    codelist,
    codelist_names,
    tables,
)

#: What happens to a row that breaks a rule, by the rule's severity.
WHAT_HAPPENS = {
    "reject": "The row is held back: it has no usable key. Its cells are kept with the load.",
    "error": "The row is loaded and flagged: something in it is surely wrong.",
    "query": "The row is loaded: it may be right, but somebody should ask.",
    "note": "The row is loaded: it is only told, and no fault of the row.",
}
WHAT_TO_DO = {
    "reject": "Give the row a key of its own in the system it comes from, and export it again.",
    "error": "Put right whichever cell is wrong in the system it comes from; the next load will no longer find it.",
    "query": "Ask whoever knows the case. If it is right, nothing is to be done.",
    "note": "Nothing, unless you know it to be wrong.",
}

#: What the class of a field's personal data means.
PERSONAL = {
    "none": "none",
    "personal": "personal",
    "special": "special category (UK GDPR article 9)",
    "criminal": "criminal offence (UK GDPR article 10)",
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table of an explanation: its caption, the names of its columns, and its rows of text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one name of the standard means: ``facts`` are (label, words), ``condition`` is SQL where there is some.

    ``kind`` is rule, field, table or code list; ``to_do`` is empty where nothing is to be done.
    """

    name: str
    kind: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    condition: str = ""
    grids: tuple[Grid, ...] = ()
    to_do: str = ""

    def to_json(self) -> dict[str, Any]:
        """The explanation as one plain object."""
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            **{label.lower().replace(" ", "_"): words for label, words in self.facts},
            "condition": self.condition,
            "tables": [
                {"caption": grid.caption, "rows": [dict(zip(grid.head, row, strict=True)) for row in grid.rows]}
                for grid in self.grids
            ],
            "to_do": self.to_do,
        }


def explain(name: str, pack: str | None = None) -> Explanation:
    """What ``name`` means: a rule, ``TABLE``, ``TABLE.FIELD``, ``TABLE.FIELD.KIND`` or ``codelist/NAME``.

    With ``pack`` its own rules, tables and code lists are looked at before the standard's; without it, after them, in
    all packs. Raises Refusal, with the nearest names, where there is nothing of that name.
    """
    from placemaker.standard.explain_packs import books

    looked: list[Book] = []
    for book in books(pack):
        found = explain_in(name.strip(), book)
        if found:
            return found
        looked.append(book)
    known = [one for book in looked for one in book.names()]
    near = difflib.get_close_matches(name.strip().lower(), known, n=3, cutoff=0.6)
    raise Refusal(
        f"The standard has nothing that is called {name!r}",
        next=f"Did you mean {' or '.join(dict.fromkeys(near))}?"
        if near
        else "Give a rule as a finding names it, a table, TABLE.FIELD or codelist/NAME.",
    )


@dataclass(frozen=True, slots=True)
class Book:
    """Where explanations are looked up: the standard's own tables, rules and code lists, or a pack's.

    ``edition`` is empty for the standard's own. ``start``, ``end``, ``nations`` and ``source`` are a pack's, and
    hold for a rule of it that says nothing else.
    """

    tables: Mapping[str, Table]
    rules: Mapping[str, tuple[Rule, Table]]
    codelists: Mapping[str, CodeList]
    edition: str = ""
    start: date | None = None
    end: date | None = None
    nations: tuple[str, ...] = ()
    source: str = ""

    @property
    def more(self) -> tuple[tuple[str, str], ...]:
        """What is told of everything in a pack."""
        return (("Pack", self.edition),) if self.edition else ()

    def names(self) -> list[str]:
        """Every name that can be asked for here, save rules that follow from fields in full."""
        found = [*self.tables, *self.rules, *(f"codelist/{name}" for name in self.codelists)]
        for one in self.tables.values():
            for field in one.fields:
                found += [f"{one.name}.{field.name}", *(f"{one.name}.{field.name}.{k}" for k in kinds(one, field))]
        return found


def own_book() -> Book:
    """The standard's own tables, rules and code lists."""
    rules = {rule.id: (rule, one) for one in tables().values() for rule in one.rules}
    return Book(tables(), rules, {name: codelist(name) for name in codelist_names()})


def explain_in(name: str, book: Book) -> Explanation | None:
    """What ``name`` means in a book; None where that has nothing of the name."""
    from placemaker.standard.explain_tables import explain_codelist, explain_field, explain_table

    if name in book.tables:
        return explain_table(book.tables[name], book)
    if name in book.rules:
        return _rule(*book.rules[name], book)
    listed = name.removeprefix("codelist/")
    if listed in book.codelists:
        return explain_codelist(book.codelists[listed], book)
    owner, _, rest = name.partition(".")
    if not rest and book.edition:
        # The number that a finding of a form gives for its field.
        numbered = [(one, field) for one in book.tables.values() for field in one.fields if field.number == name]
        if len(numbered) == 1:
            return explain_field(*numbered[0], book)
    if rest and owner in book.tables:
        one = book.tables[owner]
        field, _, kind = rest.partition(".")
        if rest in ("row", "columns"):
            return _whole(one, rest, book)
        if field in one.names and not kind:
            return explain_field(one, one.names[field], book)
        if field in one.names and kind in kinds(one, one.names[field]):
            return _built_in(one, one.names[field], kind, book)
    return None


# --- rules ------------------------------------------------------------------------------------------------------------


def _rule(rule: Rule, owner: Table, book: Book) -> Explanation:
    sql = " ".join((rule.expect or rule.breaks).split())
    named = [name for name in names_in(sql) if name in owner.names]
    title = rule.title or in_plain_words(rule.message, owner)
    fields = [*rule.fields, rule.field or (named[0] if named and not rule.fields else ""), *named]
    fields = list(dict.fromkeys(fields))
    facts = [
        ("Severity", f"{rule.severity}. {WHAT_HAPPENS[rule.severity]}"),
        ("Table", f"{owner.name} ({owner.title})"),
        ("Fields", ", ".join(_called(owner.names[name]) for name in fields if name in owner.names)),
        ("Dimension", rule.dimension),
        ("Source", rule.source or book.source),
        ("In force", when(rule.start or book.start, rule.end or book.end)),
        ("Nations", ", ".join(rule.nations or book.nations) or "all"),
    ]
    if rule.optional:
        facts.append(("Also where", f"the file has no {' or '.join(rule.optional)}; it reads as empty then"))
    grids = []
    for caption, given in (("A row that passes", rule.passes), ("A row that fails", rule.fails)):
        if given is not None:
            grids += _examples(caption, given, rule, book)
    said = _said(rule)
    if said:
        facts.append(("It says", said))
    return Explanation(
        rule.id,
        "rule",
        title,
        (*((label, words) for label, words in facts if words), *book.more),
        ("" if rule.expect else "breaks where found by: ") + sql,
        tuple(grids),
        WHAT_TO_DO[rule.severity],
    )


def _called(field: Field) -> str:
    """A field's name with its title, and its number where a form gives it one."""
    number = f", field {field.number}" if field.number else ""
    return f"{field.name} ({field.title}{number})"


def in_plain_words(message: str, owner: Table) -> str:
    """A rule's message with the titles of fields in place of a row's values."""

    def titled(found: re.Match[str]) -> str:
        field = owner.names.get(found[1].removeprefix("raw_"))
        return f"[{field.title}]" if field else "…"

    return re.sub(r"\{(\w+)\}", titled, message)


def when(start: date | None, end: date | None) -> str:
    """From when until when a rule holds, in words."""
    return " ".join(filter(None, (f"from {start}" if start else "", f"until {end}" if end else ""))) or "always"


def _said(rule: Rule) -> str:
    """The message as the failing example brings it about, where the example holds all that it names."""
    row = rule.fails[0] if isinstance(rule.fails, list) and rule.fails else rule.fails
    if not isinstance(row, dict) or not rule.expect:
        return ""
    if not set(re.findall(r"\{(\w+)\}", rule.message)) <= row.keys():
        return ""
    return re.sub(r"\{(\w+)\}", lambda found: text_of(row[found[1]]) or "empty", rule.message)


def _examples(caption: str, given: Any, rule: Rule, book: Book) -> list[Grid]:
    if rule.expect:
        return [grid(caption, given if isinstance(given, list) else [given])]
    return _by_table(caption, {name: _filled(rows, book.tables.get(name)) for name, rows in given.items()})


def _filled(rows: list[Mapping[str, Any]], owner: Table | None) -> list[Mapping[str, Any]]:
    """Rows in which a required cell that only some of them name is that of the field's example."""
    named = dict.fromkeys(key for row in rows for key in row)
    required = {
        key: owner.names[key].example for key in named if owner and key in owner.names and owner.names[key].required
    }
    return [{key: row.get(key, required.get(key)) for key in named} for row in rows]


def _by_table(caption: str, given: Mapping[str, list[Mapping[str, Any]]]) -> list[Grid]:
    """A grid for each table that has rows here, named where there are several."""
    if any(len(rows) > 1 for rows in given.values()) or len(given) > 1:
        caption = caption.replace("A row that passes", "Rows that pass").replace("A row that fails", "Rows that fail")
    return [grid(f"{caption}: {name}" if len(given) > 1 else caption, rows) for name, rows in given.items()]


def grid(caption: str, rows: Iterable[Mapping[str, Any]]) -> Grid:
    """Rows by name as a small table of text."""
    rows = list(rows)
    head = tuple(dict.fromkeys(key for row in rows for key in row))
    return Grid(caption, head, tuple(tuple(text_of(row.get(key)) or "(empty)" for key in head) for row in rows))


def text_of(value: Any) -> str:
    """A value of an example as an export would hold it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- rules that follow from a field -----------------------------------------------------------------------------------


def kinds(owner: Table, field: Field) -> tuple[str, ...]:
    """The kinds of rules that follow from a field: ``tenancy.start_date.type`` is of the kind ``type``."""
    from placemaker.standard.explain_fields import kinds_of

    return kinds_of(owner, field)


def codes_of(owner: Table, field: Field) -> CodeList | None:
    """The code list of a field, if it has one."""
    return owner.codelist(field.codelist) if field.codelist else None


def _built_in(owner: Table, field: Field, kind: str, book: Book) -> Explanation:
    from placemaker.standard.explain_fields import built_in

    one = built_in(owner, field, kind, codes_of(owner, field))
    facts = (
        ("Severity", f"{one.severity}. {WHAT_HAPPENS[one.severity]}" if not one.happens else one.happens),
        ("Table", f"{owner.name} ({owner.title})"),
        ("Field", f"{_called(field)}: {field.description}".removesuffix(": ")),
        ("Dimension", one.dimension),
        ("Source", f"The table {owner.name} of {book.edition or 'the standard'}"),
        ("In force", when(book.start, book.end)),
        ("Nations", ", ".join(book.nations) or "all"),
        *book.more,
    )
    grids = _by_table("A row that passes", one.passes) + _by_table("A row that fails", one.fails)
    return Explanation(f"{owner.name}.{field.name}.{kind}", "rule", one.title, facts, "", tuple(grids), one.to_do)


def _whole(owner: Table, kind: str, book: Book) -> Explanation:
    if kind == "row":
        return Explanation(
            f"{owner.name}.row",
            "rule",
            "The record cannot be read: it has more or fewer cells than the header, or its quote marks are wrong.",
            (("Severity", f"reject. {WHAT_HAPPENS['reject']}"), ("Dimension", "validity"), *book.more),
            to_do="Export the file anew as CSV with quote marks around text, or put the record right by hand.",
        )
    return Explanation(
        f"{owner.name}.columns",
        "rule",
        f"The file has columns that are no fields of {owner.name}; they are not read.",
        (("Severity", f"note. {WHAT_HAPPENS['note']}"), ("Dimension", "validity"), *book.more),
        to_do="Rename a column that is a field under another name, or write a mapping: placemaker map FILE --as "
        f"{owner.name}",
    )
