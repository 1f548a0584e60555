"""The PDF: tagged to PDF/UA-1 by Typst, with the fonts that come with this package and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from placemaker.report import palette
from placemaker.report.words import in_words

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


def write_pdf(plain: dict[str, Any]) -> bytes:
    """The PDF as bytes, from the document as :func:`placemaker.report.plain.plain` gives it."""
    import typst

    language, _, region = plain["language"].partition("-")
    document = {
        **plain,
        "blocks": [_with_pictures(block) for block in plain["blocks"]],
        "notes": [{**note, **in_words(note)} for note in plain["notes"]],
        "full_title": ": ".join(word for word in (plain["title"], plain["subtitle"]) if word),
        "lang": language,
        "region": region or None,
        "font": palette.FONT,
        "colours": {name.lower(): value for name, value in vars(palette).items() if str(value).startswith("#")},
    }
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=[str(palette.FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document)},
        pdf_standards=["ua-1"],
    )


def _with_pictures(block: dict[str, Any]) -> dict[str, Any]:
    """The block without its narrow picture, and without what the marks of a chart say of themselves."""
    if block["kind"] not in ("chart", "map"):
        return block
    slim = {key: value for key, value in block.items() if key != "narrow"}
    return {**slim, "wide": re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", block["wide"])}
