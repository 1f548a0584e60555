"""A suggested mapping: right where names and values tell, open where they do not, readable by those who check it."""

from datetime import date

import pytest

from placemaker.lake import Refusal
from placemaker.standard import check, read_mapping
from placemaker.standard.suggest import suggest, suggest_mapping
from placemaker.standard.synonyms import match_codes, normalised


def write(folder, name, text, encoding="utf-8"):
    file = folder / name
    file.write_text(text, encoding=encoding)
    return file


@pytest.fixture
def tenancies(tmp_path):
    return write(
        tmp_path,
        "Tenancies June.csv",
        "TEN_REF,PROP_REF,TEN_TYPE,TenStart,TEN_END,NOTES\n"
        "T1,H1,SEC,14/06/2021,31/12/2099,x\n"
        "T2,H2,INT,03/04/2022,31/12/2099,y\n"
        "T3,H3,SEC,01/02/2023,01/05/2025,z\n",
    )


def test_fields_are_found_by_the_names_that_systems_give_them(tenancies):
    fields = suggest(tenancies, "tenancy")["tables"]["tenancy"]["fields"]
    assert fields["tenancy_ref"] == "TEN_REF"
    assert fields["home_ref"] == "PROP_REF"
    assert fields["start_date"] == {"column": "TenStart", "dates": "day-first"}


def test_codes_are_matched_to_the_list_by_label(tenancies):
    fields = suggest(tenancies, "tenancy")["tables"]["tenancy"]["fields"]
    assert fields["tenancy_type"] == {"column": "TEN_TYPE", "codes": {"SEC": "secure", "INT": "introductory"}}


def test_a_date_that_stands_for_no_end_is_empty(tenancies):
    fields = suggest(tenancies, "tenancy")["tables"]["tenancy"]["fields"]
    assert fields["end_date"]["empty"] == ["31/12/2099"]


def test_a_column_without_a_field_is_listed(tenancies):
    found = suggest_mapping(tenancies, "tenancy")
    assert found.unmatched == ("NOTES",)
    assert "#   NOTES" in found.to_yaml()


def test_each_field_says_how_sure_it_is_and_why(tenancies):
    guess = suggest_mapping(tenancies, "tenancy").fields["start_date"]
    assert 0.55 <= guess.confidence <= 1
    assert "dates, day-first" in guess.reason


def test_the_suggestion_checks_its_own_export_clean(tenancies, tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(suggest_mapping(tenancies, "tenancy").to_yaml(), encoding="utf-8")
    read_mapping(mapping)
    with check(tenancies, mapping, today=date(2026, 4, 1)) as found:
        worse = [one.rule for one in found.findings if one.severity in ("reject", "error")]
        assert (found.rows_in, worse) == (3, [])


def test_the_order_of_days_and_months_is_never_guessed(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,START_DATE\nT1,03/04/2022\nT2,05/06/2023\n")
    found = suggest_mapping(file, "tenancy")
    assert "start_date" not in found.mapping["tables"]["tenancy"]["fields"]
    assert "day or month first" in found.fields["start_date"].open
    assert "# start_date:" in found.to_yaml()


@pytest.mark.parametrize(
    ("days", "written"),
    [(("13/04/2022", "01/02/2022"), "day-first"), (("04/13/2022", "01/02/2022"), "month-first")],
)
def test_one_day_past_the_twelfth_shows_the_order(tmp_path, days, written):
    file = write(tmp_path, "t.csv", "TEN_REF,START_DATE\n" + "".join(f"T{n},{day}\n" for n, day in enumerate(days)))
    assert suggest(file, "tenancy")["tables"]["tenancy"]["fields"]["start_date"]["dates"] == written


def test_days_in_both_orders_are_left_to_the_systems_owner(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,START_DATE\nT1,13/04/2022\nT2,04/13/2022\n")
    assert "ask the system's owner" in suggest_mapping(file, "tenancy").fields["start_date"].open


def test_iso_dates_need_no_order(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,START_DATE\nT1,2022-04-03\n")
    assert suggest(file, "tenancy")["tables"]["tenancy"]["fields"]["start_date"] == "START_DATE"


def test_money_with_cr_and_dr_is_seen(tmp_path):
    file = write(tmp_path, "b.csv", "Account No,Balance\nA1,123.40CR\nA2,12.00DR\n")
    fields = suggest(file, "rent_account")["tables"]["rent_account"]["fields"]
    assert fields["balance"] == {"column": "Balance", "number": "trailing-sign"}


def test_a_postcode_is_known_by_its_values_alone(tmp_path):
    file = write(tmp_path, "h.csv", "ref,col7\nH1,M32 0JG\nH2,M33 7ZZ\n")
    assert suggest(file, "home")["tables"]["home"]["fields"]["postcode"] == "col7"


def test_a_uprn_column_with_own_references_is_taken_and_the_doubt_is_in_the_reason(tmp_path):
    file = write(
        tmp_path, "h.csv", "PROP_REF,UPRN\n" + "".join(f"H{n},{100012345000 + n}\n" for n in range(9)) + "H9,9\n"
    )
    guess = suggest_mapping(file, "home").fields["uprn"]
    assert guess.column == "UPRN" and "90%" in guess.reason


def test_words_that_do_not_look_like_dates_are_no_date(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,START_DATE\nT1,soon\nT2,later\n")
    assert "start_date" not in suggest_mapping(file, "tenancy").fields


def test_a_key_that_repeats_is_taken_once(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,PERSON\nT1,P1\nT1,P2\nT2,P3\n")
    found = suggest_mapping(file, "tenancy")
    assert found.mapping["tables"]["tenancy"]["one_row_per"] == ["TEN_REF"]


def test_a_code_that_nobody_knows_is_left_for_the_person(tmp_path):
    file = write(tmp_path, "t.csv", "TEN_REF,TENANCY_TYPE\nT1,SEC\nT2,QQQ\nT3,SEC\n")
    found = suggest_mapping(file, "tenancy")
    assert found.fields["tenancy_type"].unknown_codes == ("QQQ",)
    assert "QQQ:    # which code?" in found.to_yaml()


def test_other_encodings_are_found_out(tmp_path):
    file = write(tmp_path, "p.csv", "PERSON_NO,SURNAME\nP1,Müller\n", "cp1252")
    assert suggest(file, "person")["read"] == {"encoding": "windows-1252"}


def test_headers_below_a_title_are_found_in_excel(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Damp tracker"], [], ["Case", "Property", "Hazard", "Reported"], ["D1", "H1", "Mould", "2026-01-05"]):
        book.active.append(row)
    book.save(tmp_path / "damp.xlsx")
    found = suggest_mapping(tmp_path / "damp.xlsx", "hazard_case")
    assert found.read == {"header_row": 3}
    assert found.mapping["tables"]["hazard_case"]["fields"]["home_ref"] == "Property"


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(Refusal, match="empty"):
        suggest(write(tmp_path, "nothing.csv", ""), "home")


def test_words_of_headers_are_compared_in_full():
    assert normalised("TenStart_Dt") == ("tenancy", "start", "date")


def test_codes_are_known_by_code_label_and_the_words_of_systems():
    assert match_codes("tenancy_type", ["secure", "Assured shorthold", "AST", "INTRO", "zzz"]) == {
        "secure": "secure",
        "Assured shorthold": "assured_shorthold",
        "AST": "assured_shorthold",
        "INTRO": "introductory",
    }
