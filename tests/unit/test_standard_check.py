"""Checking a file: keys, parents, rules over rows and tables, columns, mappings, and every row accounted for."""

from datetime import date
from decimal import Decimal

import pytest

from placemaker import standard
from placemaker.lake import Refusal, Workspace
from placemaker.standard import across

TODAY = date(2026, 4, 1)


@pytest.fixture
def check(tmp_path):
    """Check text as a file; the worst findings as (row, rule), and the Check itself."""
    opened = []

    def run(text, mapping, severities=("reject", "error"), **options):
        file = tmp_path / "export.csv"
        file.write_text(text, encoding="utf-8")
        found = standard.check(file, mapping, today=TODAY, **options)
        opened.append(found)
        return [(one.row, one.rule) for one in found.findings if one.severity in severities], found

    yield run
    for one in opened:
        one.close()


def rows(found, table):
    return found.con.execute(found.tables[table].rows() + " order by _row").fetchall()


HOMES = "home_ref,unit_kind,status,stock_tenure,postcode\nH1,home,in_management,low_cost_rental,M1 1AA\n"
TENANCIES = "tenancy_ref,home_ref,tenancy_type,start_date,end_date,end_reason,household_ref,fixed_term_end\n"


def test_a_row_without_a_key_and_a_second_row_of_a_key_are_held_back(check):
    findings, found = check(
        TENANCIES + "T1,H1,secure,2024-01-01,,,,\n,H1,secure,2024-01-01,,,,\nT1,H2,secure,,,,,\n", "tenancy"
    )
    assert (2, "tenancy.tenancy_ref.required") in findings
    assert (3, "tenancy.tenancy_ref.unique") in findings
    assert (found.rows_in, found.rows_held_back, found.rows_elsewhere) == (3, 2, 0)
    assert [row[0] for row in rows(found, "tenancy")] == ["T1"]


@pytest.mark.parametrize("keys", ["ABCDE", "ABACBA", "AAAAAA", "A"])
def test_repeated_keys_are_found_by_their_hashes_as_they_are_without(check, monkeypatch, keys):
    text = TENANCIES + "".join(f"{key},H{n},secure,2024-01-01,,,,\n" for n, key in enumerate(keys))
    plain, _ = check(text, "tenancy", ("reject",))
    monkeypatch.setattr(across, "_MANY", 1)
    hashed, _ = check(text, "tenancy", ("reject",))
    again = [row for row, key in enumerate(keys, 1) if key in keys[: row - 1]]
    assert plain == hashed == [(row, "tenancy.tenancy_ref.unique") for row in again]


def test_a_value_that_cannot_be_read_is_null_and_stays_in_the_finding(check, tmp_path):
    _, found = check(TENANCIES + "T1,H1,assurd,2024-13-01,,,,\n", "tenancy")
    assert rows(found, "tenancy")[0][2:4] == (None, None)
    code, day = (one for one in found.findings if one.severity == "error")
    assert (code.value, code.field) in (("assurd", "tenancy_type"), ("2024-13-01", "start_date"))
    values = {one.field: (one.value, one.message) for one in (code, day)}
    assert values["tenancy_type"][0] == "assurd" and "Did you mean assured?" in values["tenancy_type"][1]
    assert values["start_date"][0] == "2024-13-01" and "written 2026-01-31" in values["start_date"][1]


def test_a_rule_is_not_asked_about_a_value_that_cannot_be_read(check):
    findings, _ = check(HOMES + "H2,home,in_management,low_cost_rental,nowhere\n", "home", ("error", "query"))
    assert (2, "home.postcode.pattern") in findings
    assert (2, "home-has-a-postcode") not in findings


def test_a_missing_parent_is_one_finding_with_the_number_of_its_children(check, tmp_path):
    workspace = Workspace.create(tmp_path / "w", organisation="HH", name="Hollowbrook Homes")
    (tmp_path / "homes.csv").write_text(HOMES)
    standard.load(workspace, tmp_path / "homes.csv", "home", who="test", today=TODAY).check.close()
    text = (
        TENANCIES
        + "".join(f"T{n},H{n},secure,2024-01-01,,,HH1,\n" for n in (1, 9))
        + "T8,H9,secure,2023-01-01,,,HH1,\n"
    )
    findings, found = check(text, "tenancy", ("reject", "error", "note"), workspace=workspace)
    assert (2, "tenancy.home_ref.parent") in findings
    (parent,) = [one for one in found.findings if one.rule == "tenancy.home_ref.parent"]
    assert (parent.key, parent.value) == ("T9", "H9") and "2 rows" in parent.message
    (unknown,) = [one for one in found.findings if one.rule == "tenancy.household_ref.parent"]
    assert (unknown.severity, unknown.row) == ("note", None)


def test_rules_across_rows_and_tables_are_run(check):
    findings, _ = check(TENANCIES + "T1,H1,secure,2024-01-01,,,,\nT2,H1,secure,2024-02-01,,,,\n", "tenancy")
    assert [one for one in findings if one[1] == "two-live-tenancies-on-one-home"] == [
        (1, "two-live-tenancies-on-one-home"),
        (2, "two-live-tenancies-on-one-home"),
    ]


def test_rules_that_need_a_column_the_file_lacks_are_left_out(check):
    findings, _ = check("home_ref,unit_kind,status\nH1,home,in_management\n", "home", ("error", "query"))
    assert findings == []


def test_a_finding_tells_the_whole_story(check):
    _, found = check(TENANCIES + "T1,H1,secure,2024-01-01,2023-01-01,transfer,,\n", "tenancy")
    (one,) = [one for one in found.findings if one.severity == "error"]
    assert one.to_json() == {
        "file": "export.csv",
        "row": 1,
        "key": "T1",
        "field": "end_date",
        "value": "2023-01-01",
        "rule": "tenancy-ends-after-it-starts",
        "severity": "error",
        "message": "The tenancy ends on 2023-01-01, before it starts on 2024-01-01.",
        "table": "tenancy",
    }
    assert found.count_by_rule()["tenancy-ends-after-it-starts"] == 1
    assert found.count_by_severity()["error"] == 1 and not found.clean


def test_findings_and_held_back_rows_are_written_whole(check, tmp_path):
    _, found = check(TENANCIES + ",H1,secure,2024-01-01,,,,\n" * 30_000, "tenancy")
    assert len(found.findings) == sum(1 for _ in found.findings) >= 30_000
    assert [one.row for one in found.findings if one.rule == "tenancy.tenancy_ref.required"] == list(range(1, 30_001))
    assert found.write_findings(tmp_path / "findings.csv").read_text().count("tenancy_ref.required") == 30_000
    held = found.write_held_back(tmp_path / "held.csv").read_text().splitlines()
    assert held[0].startswith("_row,tenancy_ref,home_ref") and len(held) == 30_001
    found.write_findings(tmp_path / "findings.parquet")
    with pytest.raises(Refusal, match=".csv, .parquet or .xlsx"):
        found.write_findings(tmp_path / "findings.txt")


# --- mappings ---------------------------------------------------------------------------------------------------------

EXPORT = """REF;PROP;TYPE;START;BAL;WHO
1;0001;SEC;05/04/2024;123.40CR;Ann
1;0001;SEC;05/04/2024;123.40CR;Bob
2;0002;GAR;06/04/2024;12.00DR;Cy
3;0003;INT;7-Apr-2024;1,012.00;Di
;0004;INT;31/12/2099;;Ed
"""
MAPPING = {
    "source": "housing",
    "read": {"dates": "day-first"},
    "tables": {
        "tenancy": {
            "where": "\"TYPE\" <> 'GAR'",
            "one_row_per": ["REF"],
            "fields": {
                "tenancy_ref": "REF",
                "home_ref": {"expression": "regexp_replace(\"PROP\", '^0+', '')"},
                "tenancy_type": {"column": "TYPE", "codes": {"SEC": "secure", "INT": "introductory"}},
                "start_date": {"column": "START", "empty": ["31/12/2099"]},
                "household_ref": {"value": "HH"},
            },
        },
        "rent_account": {
            "fields": {
                "account_ref": {"column": "REF"},
                "tenancy_ref": "REF",
                "balance": {"column": "BAL", "number": "trailing-sign"},
            },
        },
    },
}


def test_a_mapping_turns_an_export_into_tables(check):
    _, found = check(EXPORT, MAPPING)
    assert rows(found, "tenancy") == [
        ("1", "1", "secure", date(2024, 4, 5), "HH", 1),
        ("3", "3", "introductory", date(2024, 4, 7), "HH", 4),
    ]
    one = found.tables["tenancy"]
    assert (one.rows_in, one.rows_loaded, one.rows_held_back, one.rows_elsewhere) == (5, 2, 1, 2)
    balances = {row[0]: row[-2] for row in rows(found, "rent_account")}
    assert balances == {"1": Decimal("-123.40"), "2": Decimal("12"), "3": Decimal("1012")}
    assert (found.rows_in, found.rows_held_back, found.rows_elsewhere) == (5, 2, 0)


def test_a_finding_keeps_what_the_export_said_and_not_what_the_mapping_made_of_it(check):
    _, found = check(EXPORT.replace("INT", "INTR"), MAPPING)
    (one, _) = [one for one in found.findings if one.rule == "tenancy.tenancy_type.code"]
    assert one.value == "INTR" and "Did you mean INT?" in one.message


def test_codes_that_are_not_listed_may_have_a_place_to_go(check):
    kind = {"column": "TYPE", "codes": {"SEC": "secure"}, "otherwise": "other"}
    mapping = {**MAPPING, "tables": {"tenancy": {"fields": {"tenancy_ref": "WHO", "tenancy_type": kind}}}}
    _, found = check(EXPORT, mapping)
    assert [row[1] for row in rows(found, "tenancy")] == ["secure", "secure", "other", "other", "other"]


def test_what_a_mapping_names_and_the_file_lacks_is_an_error(check):
    findings, found = check(EXPORT.replace("BAL", "BALANCE"), MAPPING)
    assert (None, "rent_account.balance.column") in findings
    (one,) = [one for one in found.findings if one.rule == "rent_account.balance.column"]
    assert "no column 'BAL'" in one.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tables": {"tenency": {"fields": {}}}}, "Did you mean tenancy"),
        ({"tables": {"tenancy": {"fields": {"tenancy_rf": "REF"}}}}, "Did you mean tenancy_ref"),
        ({"tables": {"tenancy": {"fields": {"tenancy_ref": {"colum": "REF"}}}}}, "Did you mean column"),
        ({"tables": {"tenancy": {"fields": {"tenancy_ref": {"column": "REF", "value": "x"}}}}}, "one of column, value"),
        ({"tables": {"tenancy": {"fields": {"tenancy_ref": "REF"}, "where": "read_text('x')"}}}, "may not use"),
        ({"tables": {"tenancy": {"fields": {"tenancy_ref": "REF"}, "where": "TPYE = 1"}}}, "no column here"),
        ({"tables": {"tenancy": {"fields": {"tenancy_ref": "NO_SUCH"}}}}, "the key of tenancy"),
        ({"tables": {"tenancy": {"fields": {"home_ref": "PROP"}}}}, "the key of tenancy"),
        ({"read": {"dates": "american"}}, "month-first"),
        ({"read": {"header_row": "three"}}, "1 for the first line"),
        ({"source": ""}, "has no source"),
        ({"tables": {}}, "names no tables"),
    ],
)
def test_a_mapping_that_is_wrong_says_where_and_what(check, change, words):
    with pytest.raises(Refusal) as refused:
        check(EXPORT, {**MAPPING, **change})
    assert words in str(refused.value)


def test_an_expression_that_fails_on_a_row_is_refused_without_the_row(check):
    home = {"expression": 'cast("WHO" as integer)'}
    mapping = {**MAPPING, "tables": {"tenancy": {"fields": {"tenancy_ref": "REF", "home_ref": home}}}}
    with pytest.raises(Refusal) as refused:
        check(EXPORT, mapping)
    assert "fails on a row" in str(refused.value) and "Ann" not in str(refused.value)


def test_a_mapping_file_is_read_as_text(tmp_path):
    (tmp_path / "m.yaml").write_text(
        "source: s\ntables:\n  home:\n    fields:\n      home_ref: 007\n"
        "      unit_kind: {column: K, codes: {NO: garage, 1: home}}\n"
    )
    (table,) = standard.read_mapping(tmp_path / "m.yaml").tables
    assert table.fields["home_ref"].column == "007"
    assert table.fields["unit_kind"].codes == {"NO": "garage", "1": "home"}


def test_a_mapping_file_that_is_not_yaml_names_its_line(tmp_path):
    (tmp_path / "m.yaml").write_text("source: s\ntables: [\n  a: b\n")
    with pytest.raises(Refusal, match="line"):
        standard.read_mapping(tmp_path / "m.yaml")


def test_a_postcode_and_a_uprn_are_put_in_their_one_way_of_writing(check):
    text = "home_ref,unit_kind,status,postcode,uprn\n"
    text += "H1,home,in_management,m32 0jg,000012345678\nH2,home,in_management,M320JG,0100012345678\n"
    text += "H3,home,in_management,M32-0JG,0\n"
    findings, found = check(text, "home")
    names = [field.name for field in found.tables["home"].table.fields if field.name in ("uprn", "postcode")]
    kept = found.con.execute(f"select {', '.join(names)} from ({found.tables['home'].rows()}) order by _row").fetchall()
    assert kept == [("12345678", "M32 0JG"), ("100012345678", "M32 0JG"), (None, None)]
    assert [one for one in findings if one[0] in (1, 2)] == []
    assert (3, "home.postcode.pattern") in findings and (3, "home.uprn.pattern") in findings


def test_the_key_of_a_row_with_a_stray_quote_mark_is_its_key_alone(check):
    text = 'home_ref,unit_kind,status,address_line_1\nH1,home,in_management,"4 High" Street\nH2,home,in_management,5\n'
    _, found = check(text, "home")
    (wrong,) = (one for one in found.findings if one.severity == "reject")
    assert wrong.row == 1 and wrong.key in ("H1", None)


def test_a_header_that_is_the_engines_own_word_is_refused(check):
    with pytest.raises(Refusal, match="ROWID"):
        check("home_ref,ROWID\nH1,2\n", "home")
