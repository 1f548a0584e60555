"""A document says what it is made of, and refuses what no form could show."""

import pytest

from placemaker.figure import Figure
from placemaker.report import Bullets, Document, Heading, Paragraph, Table


def test_a_heading_may_not_skip_a_level():
    with pytest.raises(ValueError, match="skips from level 2 to 4"):
        Document("Title", blocks=(Heading("One"), Heading("Three", 4)))


def test_headings_may_go_back_up():
    Document("Title", blocks=(Heading("One"), Heading("Two", 3), Heading("One again")))


def test_the_title_is_the_only_heading_of_level_one():
    with pytest.raises(ValueError, match="level 2, 3 or 4"):
        Heading("One", 1)


def test_every_row_of_a_table_is_as_wide_as_its_head():
    with pytest.raises(ValueError, match="1 cells under 2"):
        Table("Homes", ("Area", "Homes"), (("X1",),))


def test_a_text_among_the_rows_heads_those_after_it():
    table = Table("Homes", ("Area", "Homes"), ("Here", ("X1", "2")))
    assert table.cells() == [("X1", "2")]


def test_the_letters_of_align_are_as_many_as_the_columns():
    with pytest.raises(ValueError, match="one letter"):
        Table("Homes", ("Area", "Homes"), (), align="l")


def test_paragraphs_and_bullets_take_pieces_as_they_come():
    homes = Figure(12, "homes", "Homes")
    assert Paragraph("There are ", homes, " homes.").pieces == ("There are ", homes, " homes.")
    assert Bullets("One", ("There are ", homes)).items == (("One",), ("There are ", homes))
