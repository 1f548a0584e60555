"""The Word form: the document as pandoc's own tree, written by pandoc over a reference with our styles.

Headings, table heads, captions, links and alternative texts are Word's own, so a screen reader and Word's navigation
pane find them, and the landlord can edit the words.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from placemaker.report.word_reference import reference_docx
from placemaker.report.words import in_words

_PLAIN_ATTRIBUTES: list[Any] = ["", [], []]
_LEAD = (
    "The numbers beside the figures lead here, and the source numbers to the list that follows. After each figure, in "
    "brackets, stand its 95% interval, where there is one, and what it is made of."
)


def write_word(plain: dict[str, Any]) -> bytes:
    """The .docx as bytes, from the document as :func:`placemaker.report.plain.plain` gives it."""
    import pypandoc

    blocks, pictures = _named_pictures(plain["blocks"])
    plain = {**plain, "blocks": blocks}
    tree = {
        "pandoc-api-version": [1, 23, 1],
        "meta": {
            "title": {"t": "MetaInlines", "c": _text(plain["title"])},
            "lang": {"t": "MetaString", "c": plain["language"]},
        },
        "blocks": list(_blocks(plain)),
    }
    with tempfile.TemporaryDirectory(prefix="placemaker-") as folder:
        reference, written = Path(folder) / "reference.docx", Path(folder) / "report.docx"
        reference.write_bytes(reference_docx(plain))
        for name, png in pictures.items():
            (Path(folder) / name).write_bytes(png)
        command = [pypandoc.get_pandoc_path(), "--from=json", "--to=docx"]
        command += [f"--reference-doc={reference}", f"--output={written}", f"--resource-path={folder}"]
        subprocess.run(command, input=json.dumps(tree).encode(), check=True, capture_output=True, timeout=120)
        return written.read_bytes()


def _named_pictures(blocks: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """The blocks with the file name of each picture, and the PNG of each name (Word shows no SVG text reliably)."""
    import vl_convert

    named, pictures = [], {}
    for one in blocks:
        if one["kind"] in ("chart", "map"):
            one = {**one, "file": f"picture-{len(pictures) + 1}.png"}
            pictures[one["file"]] = vl_convert.svg_to_png(one["wide"], scale=2.2)
        named.append(one)
    return named, pictures


def _blocks(plain: dict[str, Any]) -> Any:
    if plain["subtitle"]:
        yield _styled("Subtitle", _text(plain["subtitle"]))
    for one in plain["blocks"]:
        yield from _block(one)
    if plain["notes"]:
        yield _heading(1, "Notes on the figures", "notes")
        yield _para(_text(_LEAD))
        for note in plain["notes"]:
            yield from _note({**note, **in_words(note)})
    if plain["sources"]:
        yield _heading(1, "Sources", "sources")
        for source in plain["sources"]:
            rest = f", {source['publisher']}" + (f", {source['version']}" if source["version"] else "")
            rest += f". Licence: {source['licence']}." if source["licence"] else "."
            title = _link(source["title"], source["url"]) if source["url"] else _text(source["title"])
            words = [*_text(f"{source['number']}. "), *title, *_text(rest)]
            yield _styled("Note Text", [_span(words, f"source-{source['number']}")])


def _block(one: dict[str, Any]) -> Any:
    match one["kind"]:
        case "heading":
            yield _heading(one["level"] - 1, one["text"], one["id"])
        case "paragraph":
            yield _para(_pieces(one["pieces"]))
        case "bullets":
            yield {"t": "BulletList", "c": [[{"t": "Plain", "c": _pieces(item)}] for item in one["items"]]}
        case "tiles":
            yield _tiles(one)
        case "table":
            yield from _table(one)
        case "chart" | "map":
            yield from _picture(one)
        case "note":
            start = [{"t": "Strong", "c": _text("Take care.")}, *_text(" ")] if one["tone"] == "warning" else []
            yield _styled("Warning" if start else "Aside", start + _pieces(one["pieces"]))
        case "pagebreak":
            yield {"t": "RawBlock", "c": ["openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>']}


def _note(note: dict[str, Any]) -> Any:
    about = f" ({note['about']})" if note["about"] else ""
    title = [*_text(f"{note['number']}. {note['title']}"), _span(_text(about), style="Quiet")]
    yield _styled("Note Title", [_span(title, f"note-{note['number']}")])
    figures: list[Any] = []
    for line in note["lines"]:
        label = _text(f"{' ' if figures else ''}{line['label']} ") if line["label"] else []
        figures += [*label, {"t": "Strong", "c": _text(line["text"])}, *_text(line["rest"])]
    yield _styled("Note Text", figures)
    for words in note["words"]:
        yield _styled("Note Text", _text(words))
    if note["sources"]:
        words = _text("Source: " if len(note["sources"]) == 1 else "Sources: ")
        for position, number in enumerate(note["sources"]):
            words += (_text(", ") if position else []) + _link(str(number), f"#source-{number}")
        yield _styled("Note Text", words)


def _table(one: dict[str, Any]) -> Any:
    small = "Table Text"
    heads = [_cell(_styled(small, _text(word)), letter) for word, letter in zip(one["head"], one["align"], strict=True)]
    if one["noted"]:
        heads.append(_cell(_styled(small, _text("Note")), "r"))
    rows = []
    for row in one["rows"]:
        if "group" in row:
            words = [{"t": "Strong", "c": _text(row["group"])}]
            spanning = [_PLAIN_ATTRIBUTES, _align("l"), 1, len(heads), [_styled(small, words)]]
            rows.append([_PLAIN_ATTRIBUTES, [spanning]])
            continue
        cells = [
            _cell(_styled(small, _figure_words(cell)), letter)
            for cell, letter in zip(row["cells"], one["align"], strict=True)
        ]
        if one["noted"]:
            words = []
            for number in row["notes"]:
                words += (_text(", ") if words else []) + _link(str(number), f"#note-{number}")
            cells.append(_cell(_styled(small, words), "r"))
        rows.append([_PLAIN_ATTRIBUTES, cells])
    note_width = 0.07 if one["noted"] else 0.0
    widths = [width * (1 - note_width) for width in one["widths"]] + [note_width] * one["noted"]
    yield _pandoc_table(one["caption"], widths, one["align"] + "r" * one["noted"], [heads], rows)
    if one["note"]:
        yield _styled("Table Note", _text(one["note"]))


def _tiles(one: dict[str, Any]) -> Any:
    """The tiles as a table of one row, with their labels as its head."""
    across = one["tiles"]
    heads = [_cell(_styled("Tile Label", _text(tile["label"])), "l") for tile in across]
    cells = []
    for tile in across:
        unit = [_span(_text(f" {tile['unit']}"), style="Quiet")] if tile["unit"] else []
        under = f"95% interval {tile['interval']}" if tile["interval"] else tile["reason"]
        figure = _styled("Tile Figure", [*_text(tile["text"]), _mark(tile["note"])])
        below = [_styled("Tile Under", unit or _text(under))] + (
            [_styled("Tile Under", _text(under))] if unit and under else []
        )
        cells.append(_cell([figure, *below], "l"))
    attributes = ["", [], [["custom-style", "Tiles"]]]
    return _pandoc_table("", [1 / len(across)] * len(across), "l" * len(across), [heads],
                         [[_PLAIN_ATTRIBUTES, cells]], attributes)  # fmt: skip


def _pandoc_table(
    caption: str, widths: list[float], align: str, heads: list[Any], rows: list[Any], attributes: Any = None
) -> dict[str, Any]:
    columns = [[_align(letter), {"t": "ColWidth", "c": width}] for letter, width in zip(align, widths, strict=True)]
    head = [_PLAIN_ATTRIBUTES, [[_PLAIN_ATTRIBUTES, cells] for cells in heads]]
    body = [_PLAIN_ATTRIBUTES, 0, [], rows]
    words = [{"t": "Plain", "c": _text(caption)}] if caption else []
    return {
        "t": "Table",
        "c": [attributes or _PLAIN_ATTRIBUTES, [None, words], columns, head, [body], [_PLAIN_ATTRIBUTES, []]],
    }


def _picture(one: dict[str, Any]) -> Any:
    attributes = ["", [], [["width", "6.6in"]]]
    image = {"t": "Image", "c": [attributes, _text(one["alt"]), [one["file"], ""]]}
    caption = [None, [{"t": "Plain", "c": _text(one["caption"])}]]
    yield {"t": "Figure", "c": [_PLAIN_ATTRIBUTES, caption, [{"t": "Plain", "c": [image]}]]}
    if one["table"]:
        yield from _table(one["table"])


def _pieces(pieces: list[dict[str, Any]]) -> list[Any]:
    words: list[Any] = []
    for one in pieces:
        match one["kind"]:
            case "figure":
                words += [{"t": "Strong", "c": _figure_words(one)}, _mark(one["note"])]
            case "strong":
                words.append({"t": "Strong", "c": _text(one["text"])})
            case "link":
                words += _link(one["text"], one["url"])
            case _:
                words += _text(one["text"])
    return words


def _figure_words(one: dict[str, Any]) -> list[Any]:
    hidden = one.get("status") in ("suppressed", "missing")
    return [_span(_text(one["text"]), style="Quiet")] if hidden else _text(one["text"])


def _mark(number: int) -> Any:
    """The number of a note, raised, as a link to it."""
    raised = {"t": "Superscript", "c": _text(str(number))}
    return {"t": "Link", "c": [_PLAIN_ATTRIBUTES, [raised], [f"#note-{number}", ""]]}


def _text(words: str) -> list[Any]:
    """Words as pandoc wants them: it drops no space, since each text is one piece."""
    return [{"t": "Str", "c": words}] if words else []


def _link(words: str, target: str) -> list[Any]:
    return [{"t": "Link", "c": [_PLAIN_ATTRIBUTES, _text(words), [target, ""]]}]


def _span(words: list[Any], anchor: str = "", style: str = "") -> Any:
    return {"t": "Span", "c": [[anchor, [], [["custom-style", style]] if style else []], words]}


def _para(words: list[Any]) -> Any:
    return {"t": "Para", "c": words}


def _styled(style: str, words: list[Any]) -> Any:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], [_para(words)]]}


def _heading(level: int, words: str, anchor: str) -> Any:
    return {"t": "Header", "c": [level, [anchor, [], []], _text(words)]}


def _cell(blocks: Any, letter: str) -> Any:
    return [_PLAIN_ATTRIBUTES, _align(letter), 1, 1, blocks if isinstance(blocks, list) else [blocks]]


def _align(letter: str) -> Any:
    return {"t": "AlignRight" if letter == "r" else "AlignLeft"}
