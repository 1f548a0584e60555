"""The pages themselves: what each says comes from ``explain``, and its links from the shelves."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from placemaker.standard.explain import Explanation, explain_in, in_plain_words, kinds
from placemaker.standard.model import CodeList, Field, Rule, Table
from placemaker.standard.schema import DIMENSIONS, FOLDER, SEVERITIES
from placemaker.standard.site.books import Shelf
from placemaker.standard.site.changes import Version, name_of

#: What a severity means for the row, in a few words.
SEVERITY = {
    "reject": "the row has no usable key and is held back",
    "error": "surely wrong; the row is loaded and flagged",
    "query": "unlikely, but it can be right; ask",
    "note": "worth knowing; no fault of the row",
}


class Site:
    """The site that is being written into ``folder``."""

    def __init__(self, folder: Path, own: Shelf, packs: list[Shelf]) -> None:
        self.folder, self.own = folder, own
        self._owners = {rule.id: table for one in (own, *packs) for rule, table in one.book.rules.values()}
        from placemaker.report.html import page_style

        style = page_style() + (Path(__file__).parent / "site.css").read_text(encoding="utf-8")
        (folder / "site.css").write_text(style, encoding="utf-8")

    @cached_property
    def _environment(self) -> Any:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        loader = FileSystemLoader(Path(__file__).parent / "templates")
        found = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        found.globals["plain"] = self._plain
        return found

    def _plain(self, rule: Rule) -> str:
        """What a rule says, with the titles of fields in place of a row's values."""
        return in_plain_words(rule.message, self._owners[rule.id])

    def _write(self, address: str, template: str, **words: Any) -> Path:
        path = self.folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * address.count("/")
        text = self._environment.get_template(template).render(root=root, **words)
        path.write_text(text, encoding="utf-8")
        return path

    def _link(self, shelf: Shelf) -> Callable[[str], str]:
        """The address of a name: in its own shelf, or else among the standard's own."""
        return lambda name: shelf.address(name) or self.own.address(name)

    # --- the whole ------------------------------------------------------------------------------------------------

    def index(self, own: Shelf, packs: list[Shelf], drawing: str) -> Path:
        """The first page: what there is, how to read it, the diagram and the downloads."""
        from markupsafe import Markup

        themes: dict[str, list[Table]] = {}
        for table in own.book.tables.values():
            themes.setdefault(table.theme, []).append(table)
        dimensions = Counter(rule.dimension for rule, _ in own.book.rules.values())
        return self._write(
            "index.html",
            "index.html.j2",
            tables=own.book.tables,
            themes=themes,
            codelists=own.book.codelists,
            rules=own.book.rules,
            fields=sum(len(table.fields) for table in own.book.tables.values()),
            packs=packs,
            severities=[(name, SEVERITY[name]) for name in SEVERITIES],
            dimensions=[(name, dimensions[name]) for name in DIMENSIONS],
            crosswalks=list(_crosswalk_files()),
            drawing=Markup(drawing),
        )

    def all_names(self, own: Shelf, packs: list[Shelf]) -> Path:
        """Every name on one page, with a box that leaves those that hold what is typed."""
        names = []
        for shelf in (own, *packs):
            where = shelf.pack.title if shelf.pack else "The standard"
            book = shelf.book
            found = [(table.name, "table", table.title) for table in book.tables.values()]
            found += [
                (f"{table.name}.{field.name}", f"field {field.number}".strip(), field.title)
                for table in book.tables.values()
                for field in table.fields
            ]
            found += [(f"codelist/{name}", "code list", name.replace("_", " ")) for name in book.codelists]
            found += [
                (rule.id, f"rule, {rule.severity}", rule.title or self._plain(rule)) for rule, _ in book.rules.values()
            ]
            names += [(name, kind, said, where, shelf.address(name)) for name, kind, said in found]
        return self._write("names.html", "names.html.j2", names=sorted(names))

    def changes(self, versions: list[Version]) -> Path:
        """The change log between the versions of the standard."""
        return self._write(
            "changes.html", "changes.html.j2", versions=versions, name_of=name_of, link=self._link(self.own)
        )

    def crosswalks(self) -> list[Path]:
        """A page for each crosswalk to another standard, with what it has no place for."""
        written = []
        for path in _crosswalk_files():
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            counts = Counter(row["match"] for row in rows)
            written.append(
                self._write(
                    f"crosswalks/{path.stem}.html",
                    "crosswalk.html.j2",
                    name=path.stem,
                    rows=[row for row in rows if row["match"] != "none"],
                    gaps=[row for row in rows if row["match"] == "none"],
                    counts=counts,
                    link=self._link(self.own),
                )
            )
        return written

    # --- one thing a page ---------------------------------------------------------------------------------------

    def pack(self, shelf: Shelf) -> Path:
        """A pack: what it is for, its tables, what it derives, its clocks and measures, and its rules by group."""
        pack = shelf.pack
        assert pack is not None
        groups: dict[str, list[Rule]] = {}
        for rule, _ in shelf.book.rules.values():
            groups.setdefault(rule.group or rule.table, []).append(rule)
        return self._write(
            f"{shelf.folder}index.html",
            "pack.html.j2",
            pack=pack,
            shelf=shelf,
            groups=groups,
            derived={name: [one for layer in layers for one in layer] for name, layers in pack.derived.items()},
            clocks=list(pack.entries("clocks.yaml").values()),
            measures=list(pack.entries("measures.yaml", "code").values()),
            link=self._link(shelf),
        )

    def table(self, shelf: Shelf, table: Table) -> Path:
        """A table: its fields, what it refers to and what refers to it, how long it is kept, and its rules."""
        children = [
            (one, link.field)
            for one in shelf.book.tables.values()
            for link in one.foreign_keys
            if link.parent == table.name
        ]
        rules = [rule for rule, owner in shelf.book.rules.values() if owner.name == table.name]
        return self._write(
            shelf.address(table.name),
            "table.html.j2",
            table=table,
            shelf=shelf,
            rules=rules,
            children=children,
            link=self._link(shelf),
        )

    def field(self, shelf: Shelf, table: Table, field: Field) -> Path:
        """A field: what it holds, and every rule about it; those that follow from it are explained here."""
        name = f"{table.name}.{field.name}"
        return self._write(
            shelf.address(name),
            "field.html.j2",
            table=table,
            field=field,
            shelf=shelf,
            told=self._told(name, shelf),
            derived=[(kind, self._told(f"{name}.{kind}", shelf)) for kind in kinds(table, field)],
            link=self._link(shelf),
        )

    def rule(self, shelf: Shelf, rule: Rule, table: Table) -> Path:
        """A rule with its two examples, which were run just before."""
        return self._write(
            shelf.address(rule.id),
            "rule.html.j2",
            rule=rule,
            table=table,
            shelf=shelf,
            told=self._told(rule.id, shelf),
            ran=rule.id in shelf.tried,
            link=self._link(shelf),
        )

    def codelist(self, shelf: Shelf, codes: CodeList) -> Path:
        """A code list: each code with its label, parent, days and source, and the fields that hold it."""
        used = [
            (table, field)
            for table in shelf.book.tables.values()
            for field in table.fields
            if field.codelist == codes.name
        ]
        return self._write(
            shelf.address(f"codelist/{codes.name}"),
            "codelist.html.j2",
            codes=codes,
            used=used,
            shelf=shelf,
            parents=any(code.parent for code in codes.codes),
            ends=any(code.end for code in codes.codes),
            link=self._link(shelf),
        )

    def _told(self, name: str, shelf: Shelf) -> Explanation:
        found = explain_in(name, shelf.book)
        assert found is not None, name
        return found


def _crosswalk_files() -> list[Path]:
    return sorted((FOLDER / "crosswalks").glob("*.csv"))
