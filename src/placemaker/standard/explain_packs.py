"""Where ``explain`` looks a name up: the standard's own tables and rules, and those of the packs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from placemaker.standard.explain import Book, own_book

if TYPE_CHECKING:
    from placemaker.standard.packs import Pack


def books(pack: str | None) -> Iterator[Book]:
    """The books to look in, in their order: the pack asked for and then the standard's own, or that and all packs."""
    from placemaker.standard.packs import pack as read_pack
    from placemaker.standard.packs import packs

    if pack:
        yield pack_book(read_pack(pack))
        yield own_book()
        return
    yield own_book()
    # The newest edition of a form comes first: what it says is in force.
    for one in sorted(packs().values(), key=lambda one: one.head.start, reverse=True):
        yield pack_book(one)


def pack_book(pack: Pack) -> Book:
    """A pack's tables, rules and code lists; its rules on tables of the standard too."""
    head = pack.head
    tables = dict(pack.tables)
    rules = {}
    for name, rule in pack.rules.items():
        table = tables.get(rule.table)
        rules[name] = (rule, table or pack.table(rule.table))
    sources = "; ".join(str(source.get("title", "")) for source in head.sources if source.get("title"))
    return Book(
        tables,
        rules,
        pack.codelists,
        edition=f"{pack.name}, {pack.title}",
        start=head.start,
        end=head.end,
        nations=head.nations,
        source=sources,
    )
