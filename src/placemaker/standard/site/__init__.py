"""The reference site of the standard, written from its files: a page for every table, field, code list, rule and pack.

Nothing on it is written twice. What a page says of a rule is what ``placemaker explain`` says, its two examples are run
while the page is written, and the downloads are what other tools read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from placemaker.lake import connect
from placemaker.standard.site.books import Shelf, shelves
from placemaker.standard.site.changes import change_log
from placemaker.standard.site.diagram import diagram
from placemaker.standard.site.downloads import write_downloads
from placemaker.standard.site.pages import Site
from placemaker.standard.site.tried import try_examples

Tell = Callable[[str], object]


def write_site(folder: str | Path, tell: Tell | None = None) -> list[Path]:
    """Write the site into ``folder`` and return the paths of its pages; ``index.html`` is the first.

    It is plain files that load nothing from elsewhere: open it from a disk or put it on a web server. ``tell`` is told
    in a few words what is being done. Raises Refusal where an example does not do what the page would say of it.
    """
    tell = tell or (lambda _: None)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    own, *packs = shelves()
    site = Site(folder, own, packs)
    tell("Running the examples of the rules")
    with connect() as con:
        for shelf in (own, *packs):
            try_examples(con, shelf)
    tell("Writing the pages")
    written = [site.index(own, packs, diagram()), site.all_names(own, packs), site.changes(change_log())]
    for shelf in (own, *packs):
        written += _write_shelf(site, shelf)
    written += site.crosswalks()
    tell("Writing the downloads")
    write_downloads(folder / "downloads")
    return written


def _write_shelf(site: Site, shelf: Shelf) -> list[Path]:
    written = [site.pack(shelf)] if shelf.pack else []
    for table in shelf.book.tables.values():
        written.append(site.table(shelf, table))
        written += [site.field(shelf, table, field) for field in table.fields]
    written += [site.rule(shelf, rule, table) for rule, table in shelf.book.rules.values()]
    written += [site.codelist(shelf, codes) for codes in shelf.book.codelists.values()]
    return written
