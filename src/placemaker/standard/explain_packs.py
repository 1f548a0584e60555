"""Where ``explain`` looks a name up: the standard's own tables and rules, and those of the packs."""

from __future__ import annotations

from collections.abc import Iterator

from placemaker.standard.explain import Book, own_book


def books(pack: str | None) -> Iterator[Book]:
    """The books to look in, in their order: the pack asked for and then the standard's own, or that and all packs."""
    yield own_book()
