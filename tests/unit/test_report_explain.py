"""A note explains a figure, or a whole row at once, and every source is numbered once."""

from placemaker.figure import Figure, Source
from placemaker.report import Document, Paragraph, Table
from placemaker.report.explain import Notes, with_unit
from placemaker.report.plain import plain
from placemaker.report.words import in_words

CENSUS = Source("census", "Census 2021", "ONS", "2021", "OGL v3.0")
LAKE = Source("home", "Homes", "Hollowbrook Homes", snapshot=7)


def share(top: int, bottom: int = 200, **about) -> Figure:
    parts = (Figure(top, "households", "Renters"), Figure(bottom, "households", "All households"))
    about = {"sources": (CENSUS,), "how": "Renters over all.", "period": "2021", **about}
    return Figure(top / bottom * 100, "%", "Renting", parts=parts, formula="share", per=100, places=1, **about)


HERE, THERE = share(82, interval=(34.4, 47.9)), share(40)
TABLE = Table("Housing", ("Indicator", "Mill Lane", "England"), (("Households that rent", HERE, THERE),))


def test_the_figures_of_a_row_share_one_note():
    written = plain(Document("Title", blocks=(TABLE,)))
    assert [cell["note"] for cell in written["blocks"][0]["rows"][0]["cells"][1:]] == [1, 1]
    assert len(written["notes"]) == 1


def test_a_note_says_value_interval_parts_period_how_and_source():
    written = plain(Document("Title", blocks=(TABLE,)))
    note = written["notes"][0]
    assert note["title"] == "Households that rent"
    assert (note["how"], note["period"], note["sources"]) == ([{"where": "", "text": "Renters over all."}], "2021", [1])
    assert [one["labels"] for one in note["made"]] == [["Renters (households)", "All households"]]
    here, there = note["lines"]
    assert (here["label"], here["text"], here["interval"]) == ("Mill Lane", "41.0%", "34.4% to 47.9%")
    assert (here["parts"], there["parts"]) == (["82", "200"], ["40", "200"])
    source = written["sources"][0]
    assert (source["publisher"], source["version"], source["licence"]) == ("ONS", "2021", "OGL v3.0")


def test_a_figure_in_a_sentence_leads_to_the_note_of_its_row():
    written = plain(Document("Title", blocks=(Paragraph("Here ", HERE, "."), TABLE)))
    assert written["blocks"][0]["pieces"][1]["note"] == written["blocks"][1]["rows"][0]["notes"][0] == 1
    assert len(written["notes"]) == 1


def test_a_figure_outside_every_table_has_a_note_of_its_own():
    written = plain(Document("Title", blocks=(Paragraph("Here ", Figure(3, "homes", "Homes"), "."), TABLE)))
    assert [note["title"] for note in written["notes"]] == ["Homes", "Households that rent"]


def test_what_differs_in_a_row_is_said_on_its_line():
    own = share(10, how="Our tenants only.", sources=(LAKE,), period="2026")
    table = Table("Housing", ("Indicator", "Mill Lane", "England", "Ours"), (("Renting", HERE, THERE, own),))
    note = plain(Document("Title", blocks=(table,)))["notes"][0]
    assert note["how"] == [{"where": "", "text": "Renters over all."}, {"where": "Ours", "text": "Our tenants only."}]
    assert [line["period"] for line in note["lines"]] == ["", "", "2026"]
    assert (note["sources"], note["lines"][2]["sources"]) == ([1, 2], [2])


def test_other_ways_and_parts_are_said_once_for_all_that_have_them():
    parts = (Figure(30, "homes", "Renters among our homes"), Figure(60, "homes", "Our homes"))
    about = {"formula": "share", "per": 100, "sources": (CENSUS,), "period": "2021", "parts": parts}
    ours = [Figure(50.0, "%", f"Ours {n}", how="Renters over all. By our homes.", **about) for n in (1, 2)]
    head = ("Indicator", "Here", "There", "Elsewhere", "Ours", "All ours")
    row = ("Renting", HERE, THERE, share(60), *ours)
    note = plain(Document("Title", blocks=(Table("Housing", head, (row,)),)))["notes"][0]
    assert note["how"][1] == {"where": "Ours, All ours", "text": "By our homes."}
    assert note["made"][1]["where"] == "Ours, All ours"
    assert [line["made_of"] for line in note["lines"]][2:4] == ["60 of 200", "30 of 60"]
    assert [line["in_columns"] for line in note["lines"]] == [True, True, True, False, False]


def test_a_withheld_figure_says_why_and_nothing_else():
    hidden = HERE.withheld("Fewer than 5 homes.")
    note = plain(Document("Title", blocks=(Paragraph(hidden),)))["notes"][0]
    line = note["lines"][0]
    assert (line["text"], line["reason"], line["interval"], line["parts"]) == (
        "withheld",
        "Fewer than 5 homes.",
        "",
        [],
    )


def test_a_caution_that_a_row_shares_is_said_once():
    about = {"status": "estimated", "reason": "Modelled."}
    row = ("Renting", share(82, **about), share(40, **about))
    note = plain(Document("Title", blocks=(Table("Housing", ("Indicator", "Here", "There"), (row,)),)))["notes"][0]
    assert note["reason"] == "Modelled."
    assert [line["reason"] for line in note["lines"]] == ["", ""]


def test_the_reason_of_a_withheld_figure_is_never_taken_off_its_line():
    hidden = [share(n).withheld("Fewer than 5 homes.") for n in (1, 2)]
    table = Table("Housing", ("Indicator", "Here", "There"), (("Renting", *hidden),))
    note = plain(Document("Title", blocks=(table,)))["notes"][0]
    assert [line["reason"] for line in note["lines"]] == ["Fewer than 5 homes."] * 2


def test_the_lake_is_cited_with_its_snapshot():
    written = plain(Document("Title", blocks=(Paragraph(share(10, sources=(LAKE,))),)))
    assert written["sources"][0]["version"] == "snapshot 7"


def test_a_note_in_words_counts_its_parts():
    words = in_words(plain(Document("Title", blocks=(TABLE,)))["notes"][0])
    assert [line["rest"] for line in words["lines"]] == [" (34.4% to 47.9%; 82 of 200).", " (40 of 200)."]
    assert words["words"][0] == "Made of: Renters (households), divided by: All households."


def test_a_mean_is_divided_and_not_a_part_of_a_whole():
    parts = (Figure(5213, "days", "Days empty"), Figure(149, "homes", "Homes let again"))
    mean = Figure(5213 / 149, "days", "Days to let", parts=parts, formula="mean", places=1)
    line = plain(Document("Title", blocks=(Paragraph(mean),)))["notes"][0]["lines"][0]
    assert line["made_of"] == "5,213 ÷ 149"


def test_one_home_is_no_homes():
    assert with_unit(Figure(1, "homes", "Homes")) == "1 home"
    assert with_unit(Figure(1204, "homes", "Homes")) == "1,204 homes"
    assert with_unit(Figure(1104220.5, "£ a week", "Debit", places=2)) == "£1,104,220.50"


def test_notes_are_numbered_as_a_reader_meets_them():
    second = share(50, sources=(LAKE,))
    notes = Notes(Document("Title"))
    assert [notes.number_of(figure) for figure in (second, HERE, second)] == [1, 2, 1]
    assert [source["title"] for source in notes.sources()] == ["Homes", "Census 2021"]
