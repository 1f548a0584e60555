"""What a catalogue file may and may not say."""

import pytest

from placemaker.insight import expression
from placemaker.insight.indicator import Indicator, OwnIndicator, read
from placemaker.lake import Refusal


@pytest.mark.parametrize(
    "bad",
    [
        "read_text('/etc/passwd')", "(select 1)", "a from b", "a; drop table x", "getenv('HOME')", "a, b", "x::blob",
        "[1]", "current_user", "*", "a union select b", "sum(a)", "a -- b\n from c", "",
    ],
)  # fmt: skip
def test_anything_but_columns_numbers_and_a_few_functions_is_refused(bad):
    with pytest.raises(Refusal):
        expression.parse(bad)


def test_columns_are_quoted_so_that_any_name_will_do():
    assert expression.sql('"0_ideal" + total') == '"0_ideal" + "total"'


def test_dates_are_put_in_by_name():
    sql = expression.sql("done <= as_at", {"as_at": "DATE '2026-03-31'"})
    assert sql == "\"done\" <= CAST('2026-03-31' AS DATE)"


def write(tmp_path, text):
    path = tmp_path / "new.yaml"
    path.write_text(text, "utf-8")
    return [path]


ENTRY = """
indicators:
  - {id: a, title: A, theme: T, unit: people, kind: count, dataset: d, layer: lsoa21, numerator: x, period: p, how: h%s}
"""


def test_a_new_indicator_is_a_few_lines(tmp_path):
    found = read(write(tmp_path, ENTRY % ""), Indicator)
    assert found["a"].numerator == "x"
    assert found["a"].adding_rule == "The counts of the areas are added up."


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", colour: red", "colour"),
        (", kind: median", "median"),
        (", polarity: bad", "bad"),
        (", kind: rate", "denominator"),
        (", numerator: read_csv(1)", "not allowed"),
    ],
)
def test_a_wrong_word_is_told_with_file_and_indicator(tmp_path, more, said):
    with pytest.raises(Refusal, match=said) as refusal:
        read(write(tmp_path, ENTRY.replace("kind: count, ", "" if "kind" in more else "kind: count, ").replace(
            "numerator: x, ", "" if "numerator" in more else "numerator: x, ") % more), Indicator)  # fmt: skip
    assert "new.yaml" in str(refusal.value)
    assert "indicator a" in str(refusal.value)


def test_two_indicators_of_one_id_are_refused(tmp_path):
    twice = ENTRY % "" + (ENTRY % "").replace("indicators:", "").rstrip()
    with pytest.raises(Refusal, match="Two indicators"):
        read(write(tmp_path, twice), Indicator)


def test_a_base_is_a_count_that_there_is(tmp_path):
    own = "indicators:\n  - {id: a, title: A, theme: T, unit: '%', kind: rate, table: repair, numerator: '1', " \
          "base: homes, period: p, how: h}\n"  # fmt: skip
    with pytest.raises(Refusal, match="homes"):
        read(write(tmp_path, own), OwnIndicator)
