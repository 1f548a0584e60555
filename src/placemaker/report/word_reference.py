"""The document that pandoc takes its look from: our styles, the banner over every page, page numbers under it."""

from __future__ import annotations

import io
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from placemaker.report import palette

_TEMPLATES = Path(__file__).parent / "templates"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def reference_docx(plain: dict[str, Any]) -> bytes:
    """Pandoc's own reference document with our styles, and with the banner and title of this document."""
    from jinja2 import Environment, FileSystemLoader

    colours = {k.lower(): v.lstrip("#").upper() for k, v in vars(palette).items() if str(v).startswith("#")}
    styles = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=False).get_template("styles.xml.j2")
    new = {
        "word/styles.xml": styles.render(c=colours, language=plain["language"]),
        "word/header1.xml": _part("hdr", _banner(plain["banner"], colours)),
        "word/footer1.xml": _part("ftr", _footer(plain["title"])),
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {_W} {_R}><w:body>'
        '<w:p/><w:sectPr><w:headerReference w:type="default" r:id="rIdHead"/><w:footerReference w:type="default" '
        'r:id="rIdFoot"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1250" w:right="1020" w:bottom="1130" '
        'w:left="1020" w:header="500" w:footer="500" w:gutter="0"/></w:sectPr></w:body></w:document>',
    }
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_pandoc_reference())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in old.namelist():
            text = new.pop(name, None)
            if text is None:
                text = old.read(name).decode()
            if name == "word/_rels/document.xml.rels":
                more = "".join(
                    f'<Relationship Id="{key}" Type="{_TYPE}/{kind}" Target="{kind}1.xml"/>'
                    for key, kind in (("rIdHead", "header"), ("rIdFoot", "footer"))
                )
                text = text.replace("</Relationships>", f"{more}</Relationships>")
            if name == "[Content_Types].xml":
                more = "".join(
                    f'<Override PartName="/word/{kind}1.xml" ContentType="{_PART}.{kind}+xml"/>'
                    for kind in ("header", "footer")
                )
                text = text.replace("</Types>", f"{more}</Types>")
            made.writestr(name, text)
        for name, text in new.items():
            made.writestr(name, text)
    return out.getvalue()


def _part(kind: str, inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:{kind} {_W} {_R}>{inside}</w:{kind}>'


def _banner(words: str, colours: dict[str, str]) -> str:
    if not words:
        return "<w:p/>"
    return (
        f'<w:p><w:pPr><w:pStyle w:val="BannerText"/><w:pBdr><w:bottom w:val="single" w:sz="8" w:space="1" '
        f'w:color="{colours["banner_line"]}"/></w:pBdr><w:shd w:val="clear" w:color="auto" '
        f'w:fill="{colours["banner"]}"/></w:pPr><w:r><w:t>{escape(words)}</w:t></w:r></w:p>'
    )


def _footer(title: str) -> str:
    def field(name: str) -> str:
        return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    return (
        '<w:p><w:pPr><w:pStyle w:val="FooterText"/><w:tabs><w:tab w:val="right" w:pos="9866"/></w:tabs></w:pPr>'
        f'<w:r><w:t>{escape(title)}</w:t></w:r><w:r><w:tab/><w:t xml:space="preserve">Page </w:t></w:r>{field("PAGE")}'
        f'<w:r><w:t xml:space="preserve"> of </w:t></w:r>{field("NUMPAGES")}</w:p>'
    )


@cache
def _pandoc_reference() -> bytes:
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--print-default-data-file=reference.docx"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
