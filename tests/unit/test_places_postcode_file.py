"""Files and lists of postcodes, as landlords have them."""

import pytest

from placemaker.lake.errors import Refusal
from placemaker.places import read_postcodes


def read(tmp_path, text, encoding="utf-8", **asked):
    file = tmp_path / "homes.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_postcodes(file, **asked)


@pytest.mark.parametrize(
    "text",
    [
        "postcode\nM16 9PP\nM1 1AE\n",
        "M16 9PP\nM1 1AE\n",
        "Post Code\r\nM16 9PP\r\nM1 1AE\r\n",
        "ref,POSTCODE,beds\n1,M16 9PP,2\n2,M1 1AE,3\n",
        "ref;pcd\n1;M16 9PP\n2;M1 1AE\n",
        "ref\tpostcode\n1\tM16 9PP\n2\tM1 1AE\n",
        '\nref,postcode\n"1, a","M16 9PP"\n\n2,M1 1AE\n\n',
        "address,where\n1 High St,M16 9PP\n2 High St,M1 1AE\n",
        "\ufeffpostcode\nM16 9PP\nM1 1AE\n",
    ],
)
def test_the_column_of_postcodes_is_found(tmp_path, text):
    assert read(tmp_path, text).postcodes == ("M16 9PP", "M1 1AE")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_other_encodings_are_read(tmp_path, encoding):
    rows = read(tmp_path, "postcode,name\nM16 9PP,Café Row\n", encoding, named=True)
    assert rows.postcodes == ("M16 9PP",) and rows.names == ("Café Row",)


def test_names_stand_beside_their_postcodes(tmp_path):
    rows = read(tmp_path, "name,postcode\nElm,M16 9PP\n,M1 1AE\nOak\n", named=True)
    assert rows.names == ("Elm", "", "Oak") and rows.postcodes == ("M16 9PP", "M1 1AE", "")
    assert read(tmp_path, "postcode,gang\nM16 9PP,Elm\n", named=True).names == ("Elm",)


def test_a_single_postcode_is_enough(tmp_path):
    assert read(tmp_path, "M16 9PP").postcodes == ("M16 9PP",)


def test_a_list_is_taken_as_it_is():
    assert read_postcodes(["M16 9PP", None]).postcodes == ("M16 9PP", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("postcode\n", "headings and no rows"),
        ("postcode\n\n\n", "headings and no rows"),
        ("street,beds\nHigh St,2\n", "no column of postcodes; its columns are: street, beds"),
        ("postcode,postcode\nM1 1AE,M1 1AE\n", "More than one column is named postcode"),
        ("home,away\nM1 1AE,M16 9PP\n", "no column of postcodes"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"postcode\n\x00\x01\n", "not text"),
        ("postcode\n" + '"' + "x" * 2_000_000, "cannot be read as CSV"),
    ],
)
def test_a_file_without_postcodes_is_refused_by_name(tmp_path, text, words):
    with pytest.raises(Refusal) as told:
        read(tmp_path, text)
    assert str(told.value).startswith("homes.csv") and words in str(told.value)


def test_a_file_without_names_is_refused_with_its_columns(tmp_path):
    with pytest.raises(Refusal, match="no column of names; its columns are: postcode, beds, let"):
        read(tmp_path, "postcode,beds,let\nM1 1AE,2,y\n", named=True)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no such file"):
        read_postcodes(tmp_path / "absent.csv")
