"""What the site is about, the standard's own files first and then each pack's, and the address of every page."""

from __future__ import annotations

from dataclasses import dataclass, field

from placemaker.standard.explain import Book, own_book
from placemaker.standard.explain_packs import pack_book
from placemaker.standard.packs import Pack, packs


@dataclass
class Shelf:
    """The pages of the standard's own files, or of one ``pack``. ``tried`` says of each rule that its examples ran."""

    book: Book
    pack: Pack | None = None
    tried: set[str] = field(default_factory=set)

    @property
    def folder(self) -> str:
        """Where its pages are, from the root of the site: empty, or ``packs/core-2026/``."""
        return f"packs/{self.pack.name}/" if self.pack else ""

    def address(self, name: str) -> str:
        """The page of a name as explain knows it, from the root of the site; empty where it has none here.

        A rule that follows from a field is on the field's page.
        """
        if name in self.book.rules:
            return f"{self.folder}rules/{name}.html"
        if name in self.book.tables:
            return f"{self.folder}tables/{name}.html"
        kind, _, listed = name.partition("/")
        if kind == "codelist" and listed in self.book.codelists:
            return f"{self.folder}codelists/{listed}.html"
        table, _, rest = name.partition(".")
        field_name, _, rule_kind = rest.partition(".")
        if table in self.book.tables and field_name in self.book.tables[table].names:
            anchor = f"#{rule_kind}" if rule_kind else ""
            return f"{self.folder}fields/{table}.{field_name}.html{anchor}"
        return ""


def shelves() -> list[Shelf]:
    """The standard's own shelf, and one for each pack in the order of their names."""
    return [Shelf(own_book()), *(Shelf(pack_book(one), one) for _, one in sorted(packs().items()))]
