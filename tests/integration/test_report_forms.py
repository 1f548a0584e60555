"""One profile in its three forms, opened by other programs: does each say the same, in order, to every reader?"""

import base64
import re
import zipfile
from html.parser import HTMLParser
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader
from report_example import example_profile

from placemaker.insight.document import MADE_UP, profile_document
from placemaker.report import FORMS, Document, Paragraph, render

ORDER = ["In short", "Our service beside need", "Where it is", "Every indicator, by theme", "Sources"]
HEADINGS = [
    "In short", "Our service beside need", "Where it is", "How deprived the areas of the homes are",
    "Every indicator, by theme", "How this profile was made", "Data versions and licences", "Notes on the figures",
    "Sources",
]  # fmt: skip


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return render(profile_document(example_profile(every=True)), folder, "mill-lane")


class Page(HTMLParser):
    """What a reader's software sees of a page: its elements with their attributes, and where each figure leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(forms):
    return Page(forms["html"].read_text(encoding="utf-8"))


# --- web page ------------------------------------------------------------------------------------------------------


def test_the_page_is_light_though_it_explains_every_figure(forms, page):
    assert forms["html"].stat().st_size < 2_000_000
    assert len([b for b in page.all("button") if b.get("class", "").startswith("figure")]) > 500


def test_every_figure_of_the_page_opens_to_a_note_that_is_there(page):
    notes = {one["id"] for one in page.all("div") if "popover" in one}
    opened = {button["popovertarget"] for button in page.all("button") if "popovertarget" in button}
    assert opened == notes


def test_a_note_names_publisher_version_and_licence(forms):
    card = re.search(r'<div popover id="n1".*?</div>', forms["html"].read_text(encoding="utf-8"), re.S).group()
    assert "Hollowbrook Homes, snapshot 12" in card
    assert "OGL v3.0" in forms["html"].read_text(encoding="utf-8")


def test_every_picture_has_words(page):
    pictures = [one for one in page.all("svg") if one.get("aria-hidden") != "true"]
    assert len(pictures) > 4
    assert all(one.get("role") == "img" and len(one.get("aria-label") or "") > 20 for one in pictures)
    assert not page.all("img")


def test_the_page_loads_nothing(forms, page):
    assert not page.all("script") and not page.all("iframe")
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "data", "action", "poster"):
            assert not (attributes.get(name) or "").startswith(("http", "//")), (tag, attributes)
        if tag == "link":
            assert (attributes["href"] or "").startswith("data:")
    text = forms["html"].read_text(encoding="utf-8")
    assert not re.search(r"url\((?!data:|#)", text) and "@import" not in text


def test_identifiers_are_never_used_twice(page):
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    anchors = {one["href"][1:] for one in page.all("a") if one["href"].startswith("#")}
    assert anchors <= set(names)


def test_tables_have_captions_and_heads_with_their_scope(page):
    tables = [one for one in page.all("table")]
    assert len(page.all("caption")) >= 10 and len(page.all("thead")) == len(tables)
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in page.all("th"))


def test_headings_never_skip_a_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_page_has_language_landmarks_and_a_way_past_them(page):
    assert page.all("html")[0]["lang"] == "en-GB"
    assert page.all("main") and page.all("nav") and page.all("header") and page.all("footer")
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}


def test_words_from_data_cannot_become_markup(tmp_path):
    document = Document("<script>alert(1)</script>", blocks=(Paragraph("<b>&"),))
    text = render(document, tmp_path, "bad", ("html",))["html"].read_text(encoding="utf-8")
    assert "<script>" not in text and "&lt;b&gt;&amp;" in text


# --- PDF -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pdf(forms):
    return PdfReader(forms["pdf"])


@pytest.fixture(scope="module")
def pages(pdf):
    return [page.extract_text() for page in pdf.pages]


def test_the_pdf_declares_pdf_ua_1_with_title_and_language(pdf):
    catalogue = pdf.trailer["/Root"]
    assert re.search(rb"pdfuaid:part[^0-9]*1", catalogue["/Metadata"].get_data())
    assert str(catalogue["/MarkInfo"]["/Marked"]) == "True"
    assert str(catalogue["/Lang"]).lower() == "en-gb"
    assert pdf.metadata.title == "Mill Lane: Neighbourhood profile: 14 small areas (LSOAs)"
    assert str(catalogue["/ViewerPreferences"]["/DisplayDocTitle"]) == "True"


def test_the_text_of_the_pdf_comes_in_order(pages):
    text = " ".join("\n".join(pages).split())
    found = [text.index(heading) for heading in ORDER]
    assert found == sorted(found)
    assert "We have 1,204" in text and "small areas where 21,533" in text
    assert "lower than across all our homes (71.8%" in text


def test_banner_and_number_stand_on_every_page(pages):
    for number, text in enumerate(pages, 1):
        assert MADE_UP in text
        assert f"Page {number} of {len(pages)}" in text


def _tagged(pdf):
    """The elements of the PDF's structure in reading order: (kind, alternative text, title)."""
    found = []

    def walk(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append((str(node["/S"]), str(node.get("/Alt", ""))))
            if "/K" in node and not isinstance(node["/K"], int):
                walk(node["/K"])

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_headings_tables_and_pictures_of_the_pdf_are_tagged(pdf):
    tags = _tagged(pdf)
    kinds = [kind for kind, _ in tags]
    assert kinds.count("/H1") == len(HEADINGS)
    assert kinds.count("/TH") > 50 and kinds.count("/TD") > 500 and "/THead" in kinds
    alternatives = [alt for kind, alt in tags if kind == "/Figure"]
    assert len(alternatives) > 4 and all(len(alt) > 20 for alt in alternatives)


def test_the_outline_of_the_pdf_is_its_headings(pdf):
    titles = [entry.title for entry in pdf.outline if not isinstance(entry, list)]
    assert titles == HEADINGS


def test_the_fonts_travel_with_the_pdf(pdf):
    fonts = set()
    for one in pdf.pages:
        for font in one["/Resources"].get("/Font", {}).values():
            fonts.add(str(font.get_object()["/BaseFont"]).split("+")[-1].split("-Identity")[0])
    assert fonts and all("PublicSans" in font for font in fonts), fonts


# --- Word ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def word(forms):
    return docx.Document(forms["docx"])


def test_word_has_real_headings_in_order(word):
    headings = [p.text for p in word.paragraphs if p.style.name.lower() == "heading 1"]
    assert headings == HEADINGS
    assert word.paragraphs[0].style.name == "Title" and word.paragraphs[0].text == "Mill Lane"
    levels = [int(p.style.name[-1]) for p in word.paragraphs if p.style.name.lower().startswith("heading ")]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_every_drawing_in_word_has_its_words(word):
    drawings = word.element.body.iter(qn("wp:docPr"))
    words = [one.get("descr") for one in drawings]
    assert len(words) > 4 and all(len(one or "") > 20 for one in words)


def test_every_table_in_word_repeats_its_head(word):
    assert len(word.tables) > 10
    for table in word.tables:
        assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None


def test_word_has_the_banner_over_and_the_number_under_every_page(word):
    section = word.sections[0]
    assert [p.text for p in section.header.paragraphs] == [MADE_UP]
    assert "NUMPAGES" in section.footer._element.xml and "Mill Lane" in section.footer.paragraphs[0].text
    assert not section.different_first_page_header_footer


def test_links_in_word_lead_to_notes_that_are_there(word):
    body = word.element.body
    bookmarks = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    anchors = {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))} - {None}
    assert len(anchors) > 50 and anchors <= bookmarks


def test_word_and_its_language(word):
    assert word.core_properties.title == "Mill Lane"
    language = word.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "en-GB"


# --- all three -----------------------------------------------------------------------------------------------------


def test_the_three_forms_give_the_same_figures(forms, pages, word):
    html = re.sub(r"<[^>]+>", "", forms["html"].read_text(encoding="utf-8"))
    text = "\n".join(pages)
    cells = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    for value in ("21,533", "49.8%", "62.4%", "86.0%", "31.2", "withheld"):
        assert value in html and value in text and value in cells, value


def test_one_form_can_be_asked_for_alone(tmp_path):
    assert list(render(Document("Title"), tmp_path, "one", ("pdf",))) == ["pdf"]
    assert [path.name for path in tmp_path.iterdir()] == ["one.pdf"]


def test_an_unknown_form_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="no form odt"):
        render(Document("Title"), tmp_path / "new", "one", ("html", "odt"))
    assert not (tmp_path / "new").exists()


def test_a_document_of_nothing_but_a_title_has_every_form(tmp_path):
    written = render(Document("Only a title"), tmp_path, "bare")
    assert set(written) == set(FORMS)
    assert "Only a title" in PdfReader(written["pdf"]).pages[0].extract_text()


def test_no_form_names_this_machine(forms):
    secret = str(forms["html"].parent).encode()
    for path in forms.values():
        data = path.read_bytes()
        if path.suffix == ".docx":
            with zipfile.ZipFile(BytesIO(data)) as parts:
                data = b"".join(parts.read(name) for name in parts.namelist())
        assert secret not in data and b"placemaker-" not in data.replace(b"font/woff2;base64," + _fonts(data), b"")


def _fonts(data: bytes) -> bytes:
    found = re.search(rb"font/woff2;base64,([A-Za-z0-9+/=]+)", data)
    assert found is None or base64.b64decode(found.group(1))
    return found.group(1) if found else b""
