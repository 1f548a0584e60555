"""A document of figures in three forms: web page, accessible PDF and Word. Nothing here knows of housing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from placemaker.report.document import (
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    Link,
    Map,
    MapClass,
    Note,
    PageBreak,
    Paragraph,
    Strong,
    Table,
    Tiles,
)

__all__ = [
    "Block", "Bullets", "Chart", "Document", "Heading", "Link", "Map", "MapClass", "Note", "PageBreak", "Paragraph",
    "Strong", "Table", "Tiles", "FORMS", "render",
]  # fmt: skip

FORMS = ("html", "pdf", "docx")


def render(document: Document, folder: Path | str, stem: str, forms: Iterable[str] = FORMS) -> dict[str, Path]:
    """Write the document as ``folder/stem.html``, ``.pdf`` and ``.docx``; gives the path of each form asked for.

    Each file appears whole or not at all. Needs no browser and no network. Raises ValueError for an unknown form.
    """
    from placemaker.report.plain import plain

    forms = tuple(forms)
    if unknown := [form for form in forms if form not in FORMS]:
        raise ValueError(f"A report has no form {', '.join(unknown)}; it has {', '.join(FORMS)}.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    resolved = plain(document, narrow="html" in forms)
    for form in forms:
        path = folder / f"{stem}.{form}"
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_bytes(_bytes(form, resolved))
        unfinished.replace(path)
        written[form] = path
    return written


def _bytes(form: str, resolved: dict) -> bytes:
    if form == "html":
        from placemaker.report.html import write_html

        return write_html(resolved).encode()
    if form == "pdf":
        from placemaker.report.pdf import write_pdf

        return write_pdf(resolved)
    from placemaker.report.word import write_word

    return write_word(resolved)
