"""Packs: read from dated folders, and a form's file checked by one."""

import re
from datetime import date
from pathlib import Path

import pytest
from pack_example import DERIVED, LIMITS, NUMBERS, PACK, RULES, TABLE, write_csv, write_pack

from placemaker.lake import Refusal
from placemaker.standard import check, pack


def findings(file: Path, folder: Path, **told) -> list[tuple]:
    with check(file, pack=folder, **told) as found:
        return [(one.row, one.key, one.field, one.value, one.rule, one.severity) for one in found.findings]


def test_a_rule_on_derived_values_gives_one_finding_for_each_of_its_fields(tmp_path):
    folder = write_pack(tmp_path)
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, "90", 1], ["", "B", 1, 300, 2], ["", "C", 5, 150.5, 1])
    assert findings(file, folder) == [
        (2, "B", "2", "1", "rent-over-limit", "query"),
        (2, "B", "3", "300", "rent-over-limit", "query"),
        (3, "C", "2", "5", "beds-few", "query"),
    ]
    with check(file, pack=folder, given={"provider": "PRP"}) as found:
        said = [one.message for one in found.findings if one.field == "3"]
        assert said == [
            "A weekly 150 is more than 90 for a PRP of 1 bedrooms.",
            "A weekly 150.5 is more than 120 for a PRP of 5 bedrooms.",
        ]
        derived = found.con.sql(
            f"select ref, weekly, most, raw_period from {found.tables['flat_log'].derived} order by _row"
        )
        assert [(*map(str, row),) for row in derived.fetchall()][1] == ("B", "150.0000", "90.0000", "2")


def test_a_later_stage_is_silent_on_a_field_that_an_earlier_one_flagged(tmp_path):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 4, 500, 1])
    found = [(field, rule) for _, _, field, _, rule, _ in findings(file, write_pack(tmp_path))]
    assert found == [("2", "beds-few"), ("3", "rent-over-limit")]


def test_the_text_of_a_cell_that_cannot_be_read_is_there_and_its_value_is_not(tmp_path):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 10, "x"], ["", "B", 1, 10, ""], ["", "C", "one", 10, 1])
    assert findings(file, write_pack(tmp_path)) == [
        (1, "A", "4", "x", "flat_log.period.code", "error"),
        (2, "B", "3", "10", "rent-needs-period", "error"),
        (2, "B", "4", None, "rent-needs-period", "error"),
        (3, "C", "2", "one", "flat_log.beds.type", "error"),
    ]


@pytest.mark.parametrize("label", [True, False])
def test_columns_may_be_in_any_order_below_a_block_of_notes(tmp_path, label):
    before = [["Section", "Rent", "", "", ""], ["Question", "What is\nthe rent?", 'How "often"?', "", ""], []]
    rows = [NUMBERS[:1] + ["4", "3", "1", "2"], ["", 1, 101, "A", 1], ["", "", " ", "", ""], ["", 1, 99, "B", 1]]
    rows = [row[0 if label else 1 :] for row in before + rows]
    found = findings(write_csv(tmp_path / "f.csv", *rows), write_pack(tmp_path))
    assert found == [
        (1, "A", "2", "1", "rent-over-limit", "query"),
        (1, "A", "3", "101", "rent-over-limit", "query"),
    ]


def test_blank_rows_are_no_records_and_the_others_keep_their_numbers(tmp_path):
    folder = write_pack(tmp_path)
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 1, 1], ["", "", "", "", ""], ["", "B", 9, 1, 1])
    with check(file, pack=folder) as found:
        assert (found.rows_in, found.rows_held_back, [one.row for one in found.findings]) == (2, 0, [3])
    with pytest.raises(Refusal, match="headers and no rows"):
        check(write_csv(tmp_path / "g.csv", NUMBERS, ["", "", "", "", ""]), pack=folder)


def test_a_ragged_row_is_held_back_and_the_rest_is_checked(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text('Section,"Notes\nover lines",,,\n' + ",".join(NUMBERS) + "\n,A,4,95,1\n,B,1\n,C,5,95,1,,\n")
    with check(file, pack=write_pack(tmp_path)) as found:
        assert (found.rows_in, found.rows_held_back) == (3, 1)
        assert [(one.row, one.rule, one.key) for one in found.findings] == [
            (1, "beds-few", "A"),
            (2, "flat_log.row", "B"),
            (3, "beds-few", "C"),
        ]


def test_a_row_without_its_field_number_header_may_have_a_label_before_it(tmp_path):
    found = findings(write_csv(tmp_path / "f.csv", ["", "A", 4, 95, 1]), write_pack(tmp_path))
    assert [(row, key, rule) for row, key, _, _, rule, _ in found] == [(1, "A", "beds-few")]


@pytest.mark.parametrize("head", [[["REF", "rent", "period", "beds"]], []])
def test_headers_may_be_the_field_names_or_not_there_at_all(tmp_path, head):
    row = ["A", 101, 1, 1] if head else ["A", 1, 101, 1]
    found = findings(write_csv(tmp_path / "f.csv", *head, row), write_pack(tmp_path))
    assert [(row, field) for row, _, field, *_ in found] == [(1, "2"), (1, "3")]


def test_a_file_of_another_edition_is_refused_in_plain_words(tmp_path):
    folder = write_pack(tmp_path)
    with pytest.raises(Refusal, match="look like the flat log of before: it has no field 4"):
        check(write_csv(tmp_path / "f.csv", NUMBERS[:4], ["", "A", 1, 1]), pack=folder)
    with pytest.raises(Refusal, match=r"f.csv, line 1.*has a field 5, which the form does not know"):
        check(write_csv(tmp_path / "f.csv", [*NUMBERS, "5"], ["", "A", 1, 1, 1, 1]), pack=folder)
    with pytest.raises(Refusal, match="no row of field numbers, and its first record has 2 cells"):
        check(write_csv(tmp_path / "f.csv", ["A", "1"]), pack=folder)


def test_an_excel_workbook_of_the_form_is_read_as_its_csv_is(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Section", "Rent"], NUMBERS, ["", "A", 1, 101, 1]):
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    found = findings(tmp_path / "f.xlsx", write_pack(tmp_path))
    assert [(row, field) for row, _, field, *_ in found] == [(1, "2"), (1, "3")]


def test_a_pack_holds_only_what_differs_from_the_one_it_follows(tmp_path):
    write_pack(tmp_path)
    later = write_pack(
        tmp_path,
        "2027",
        **{
            "pack.yaml": PACK.format(edition="2027") + "follows: flat-2026\nwithdrawn: {rules: [beds-few]}\n",
            "tables/flat_log.yaml": "",
            "derived/flat_log.yaml": "- {name: weekly, type: number, value: rent * 2}\n",
            "rules/rent.yaml": RULES.split("- id: rent-over")[0].replace("error", "note"),
            "lookups/limits.csv": "",
            "codelists/period.csv": "",
        },
    )
    made = pack(later)
    assert made.name == "flat-2027" and list(made.rules) == ["rent-needs-period", "rent-over-limit"]
    assert made.rules["rent-needs-period"].severity == "note"
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 9, 76, 1])
    assert [(field, rule) for _, _, field, _, rule, _ in findings(file, later)] == [
        ("2", "rent-over-limit"),
        ("3", "rent-over-limit"),
    ]
    assert pack(tmp_path / "packs/flat/2026").head.end == date(2027, 3, 31)


def test_two_packs_of_one_form_for_one_day_are_refused(tmp_path):
    write_pack(tmp_path, **{"pack.yaml": PACK.format(edition="2026") + "end: 2027-04-01\n"})
    with pytest.raises(
        Refusal, match=r"2026/pack.yaml, line \d+ and .*2027/pack.yaml, line \d+: The packs flat-2026 and"
    ):
        pack(write_pack(tmp_path, "2027"))


# --- what is refused, with its file and line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("derived/flat_log.yaml", "- {name: a, value: b + 1}\n- {name: b, value: a + 1}\n", r"line 1: .*in a circle"),
        ("derived/flat_log.yaml", "- {name: rent, value: '1'}\n", r"line 1: The name rent is there already"),
        ("derived/flat_log.yaml", "- {name: a, value: ren + 1}\n", r"line 1: .*uses ren, which is no column"),
        ("derived/flat_log.yaml", "\n- {name: a, value: read_text('x')}\n", r"line 2: .*may not use"),
        ("derived/flat_log.yaml", "- {name: a, value: (select 1)}\n", r"line 1: .*may not use"),
        ("derived/flat_log.yaml", "- {name: a, value: rent, typ: number}\n", r"line 1: .*no 'typ'. Did you mean type"),
        (
            "derived/flat_log.yaml",
            "- {lookup: limit, on: {beds: beds}, gives: {most: number}}\n",
            "Did you mean limits",
        ),
        ("derived/flat_log.yaml", "- {lookup: limits, on: {bed: beds}, gives: {most: number}}\n", "no column 'bed'"),
        ("lookups/limits.csv", LIMITS + "1,LA,100\n", r"line 6: The row has the same beds, provider as line 2"),
        ("derived/flats.yaml", DERIVED, "derived/flats.yaml: There is no table 'flats'"),
        (
            "rules/rent.yaml",
            RULES.replace("[rent, beds]", "[rent, bed]"),
            r"line 10: .*no field 'bed'. Did you mean beds",
        ),
        ("rules/rent.yaml", RULES.replace("weekly <= most", "weekly <= mot"), r"line 9: .*uses mot"),
        ("rules/rent.yaml", RULES.replace("{weekly}", "{week}"), r"line 13: The message quotes 'week'"),
        ("rules/rent.yaml", RULES.replace("beds-few", "rent-over-limit"), r"line 8 and .*line 15"),
        ("rules/rent.yaml", RULES.replace("severity: query", "severity: asks"), r"line 12: 'asks' is no severity"),
        ("rules/rent.yaml", "- id: [\n", "is not YAML"),
        ("tables/flat_log.yaml", TABLE.replace('number: "2"', 'number: "1"'), "beds and ref have the number 1"),
        (
            "tables/flat_log.yaml",
            TABLE.replace("codelist: period", "codelist: perod"),
            r"line 9: .*no code list 'perod'",
        ),
        ("lookups/limits.csv", LIMITS + "3,LA\n", r"line 6: The row has 2 cells, the header has 3"),
        ("pack.yaml", PACK.format(edition="2025"), "The pack is flat/2025, and its folder is flat/2026"),
        ("pack.yaml", PACK.format(edition="2026") + "follows: flat-2020\n", "There is no pack 'flat-2020'"),
        ("pack.yaml", PACK.format(edition="2026") + "end: 2026-01-01\n", r"line \d+: The pack ends before it starts"),
        ("pack.yaml", PACK.format(edition="2026") + "withdrawn: {rules: [x]}\n", "rules has no 'x' to withdraw"),
        (
            "pack.yaml",
            PACK.format(edition="2026").replace("shown_key: ref", "shown_key: rf"),
            "'rf', which is no field",
        ),
        ("tables/flat_log.yaml", TABLE.replace("name: rent", "name: provider"), "line 8: provider is a parameter of"),
        ("lookups/x as select 1.csv", LIMITS, "named in small letters"),
        ("lookups/a-b.csv", LIMITS, "named in small letters"),
        (
            "tables/flat_log.yaml",
            TABLE.replace("codelist: period", "codelist: ../codelists/period"),
            "no code list",
        ),
    ],
)
def test_what_is_wrong_in_a_pack_is_refused_with_file_and_line(tmp_path, file, text, said):
    folder = write_pack(tmp_path, **{file: text})
    with pytest.raises(Refusal) as refused:
        pack(folder)
    assert file in str(refused.value)
    assert re.search(said, str(refused.value), re.DOTALL)


@pytest.mark.parametrize("line", ["parameters: [a]", "parameters: {a: b}", "nations: 3", "sources: 3", "older: [3]"])
def test_a_head_of_another_shape_is_refused(tmp_path, line):
    folder = write_pack(
        tmp_path,
        **{"pack.yaml": re.sub(r"(?s)parameters:.*?(?=\n\w|$)", "", PACK).format(edition="2026") + "\n" + line + "\n"},
    )
    with pytest.raises(Refusal):
        pack(folder)


def test_a_folder_that_holds_no_pack_is_refused(tmp_path):
    with pytest.raises(Refusal, match="a pack has a file pack.yaml"):
        pack(tmp_path)
    with pytest.raises(Refusal, match=r"no pack 'core-2062'. Did you mean core-2026"):
        pack("core-2062")


def test_sql_that_does_not_fit_its_types_is_refused_with_its_line_and_no_data(tmp_path):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "Jane Doe", 1, 10, 1])
    with pytest.raises(Refusal, match=r"line 7: The value share cannot be worked out \(BinderException\)") as refused:
        check(
            file,
            pack=write_pack(tmp_path, **{"derived/flat_log.yaml": DERIVED.replace("weekly / n", "ref + beds - n")}),
        )
    assert "Jane" not in str(refused.value)
    rules = RULES.replace("expect: beds <= 3", "expect: beds + ref")
    with pytest.raises(Refusal, match=r"rules/rent.yaml, line 15: The rule beds-few cannot be run"):
        check(file, pack=write_pack(tmp_path, **{"rules/rent.yaml": rules}))


def test_a_value_that_cannot_be_computed_for_one_row_is_empty_there(tmp_path):
    derived = "- {name: weekly, type: number, value: cast(ref as integer)}\n- {name: most, type: number, value: '5'}\n"
    folder = write_pack(tmp_path, **{"derived/flat_log.yaml": derived})
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 10, 1], ["", "9", 1, 10, 1])
    assert [(row, rule) for row, _, _, _, rule, _ in findings(file, folder)] == [(2, "rent-over-limit")] * 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"provider": "ALMO"}, "provider cannot be 'ALMO' in flat-2026. Kind of landlord: one of LA, PRP"),
        ({"provder": "LA"}, "no parameter 'provder'. Did you mean provider"),
    ],
)
def test_a_pack_takes_only_what_it_asks_for(tmp_path, given, said):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 10, 1])
    with pytest.raises(Refusal, match=said):
        check(file, pack=write_pack(tmp_path), given=given)


def test_a_parameter_without_a_default_has_to_be_told(tmp_path):
    folder = write_pack(tmp_path, **{"pack.yaml": PACK.format(edition="2026").replace(", default: LA", "")})
    with pytest.raises(Refusal, match="has to be told provider. Add --given provider="):
        check(write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 10, 1]), pack=folder)


def test_the_verdict_may_rest_on_the_rules_alone(tmp_path):
    folder = write_pack(tmp_path, **{"tables/flat_log.yaml": TABLE.replace("schema:", "verdict: rules\nschema:", 1)})
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", "five", 10, "x"])
    assert findings(file, folder) == []


# --- rules on the standard's own tables ------------------------------------------------------------------------------


def test_a_pack_adds_rules_to_a_table_of_the_standard(tmp_path):
    rules = (
        "- {id: answered-late, table: complaint, expect: days <= 10, fields: [responded_date, stage],\n"
        "   severity: query, message: 'Answered after {days} days.', dimension: timeliness}\n"
    )
    derived = "- {name: days, type: integer, value: 'date_diff(''day'', received_date, responded_date)'}\n"
    folder = write_pack(tmp_path, **{"rules/complaint.yaml": rules, "derived/complaint.yaml": derived})
    file = tmp_path / "complaint.csv"
    file.write_text("complaint_ref,stage,received_date,responded_date\nK1,1,2026-05-01,2026-05-20\nK2,x,2026-05-01,\n")
    with check(file, "complaint", pack=folder, today=date(2026, 6, 1)) as found:
        said = [(one.key, one.field, one.rule, one.message) for one in found.findings if one.row]
    assert ("K1", "responded_date", "answered-late", "Answered after 19 days.") in said
    assert ("K1", "stage", "answered-late", "Answered after 19 days.") in said
    assert [rule for key, _, rule, _ in said if key == "K2"] == ["complaint.stage.type"]


def test_a_mapping_may_fill_the_table_of_a_form(tmp_path):
    fields = {
        "ref": "Flat",
        "rent": "Rent",
        "period": {"column": "Per", "codes": {"week": "1"}},
        "beds": {"value": "1"},
    }
    file = write_csv(tmp_path / "f.csv", ["Flat", "Rent", "Per"], ["A", "£120.00", "week"])
    mapping = {"source": "flats", "tables": {"flat_log": {"fields": fields}}}
    with check(file, mapping, pack=write_pack(tmp_path)) as found:
        assert [(one.key, one.field, one.value) for one in found.findings] == [("A", "2", "1"), ("A", "3", "£120.00")]
