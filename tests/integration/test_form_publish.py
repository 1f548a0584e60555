"""The lettings log, written from the standard's tables in a lake and checked by the pack it was written for."""

import csv
import io
from datetime import date

import pytest

from placemaker import standard
from placemaker.cli.app import run
from placemaker.lake import Refusal, Workspace
from placemaker.standard.form_publish import publish_form

TODAY = date(2026, 6, 30)

#: Made-up people and homes: L1 is a family in a council flat, L2 one person of 70, L3 a renewal, L4 of the year before.
TABLES = {
    "organisation": """
        organisation_ref,name,kind
        HH,Hollowbrook Homes,council""",
    "identifier": """
        identifier_ref,organisation_ref,scheme,value,system
        ID1,HH,system,ORG123,Lettings log service""",
    "home": """
        home_ref,uprn,address_line_1,town,postcode,lad_code,unit_kind,dwelling_type,bedrooms,wheelchair_standard,\
needs_type,owner_ref,status,shared
        H1,10000000011,1 Mill Lane,Hollowbrook,M1 1AA,E08000003,home,flat,2,false,general,HH,in_management,false
        H2,10000000022,2 Mill Lane,Hollowbrook,M1 1AA,E08000003,home,bungalow,1,true,general,HH,in_management,false""",
    "household": "household_ref\nF1\nF2",
    "person": """
        person_ref,given_name,family_name,date_of_birth,sex,gender_same_as_sex,ethnic_group,nationality
        P1,Ada,Field,1990-08-01,female,yes,white_british,GBR
        P2,Ben,Field,1988-01-15,male,yes,white_british,GBR
        P3,Cal,Field,2015-05-05,male,,white_british,GBR
        P4,Dot,Marsh,1955-12-31,female,not_said,asian_indian,IND""",
    "household_member": """
        member_ref,household_ref,person_ref,relationship,lead,working_situation
        M1,F1,P1,tenant,true,full_time
        M2,F1,P2,partner,false,part_time
        M3,F1,P3,child,false,child
        M4,F2,P4,tenant,true,retired""",
    "tenancy": """
        tenancy_ref,home_ref,tenancy_type,start_date,end_date,household_ref
        T1,H1,secure,2026-05-04,,F1
        T2,H2,secure,2026-06-01,2026-06-14,F2
        T3,H2,secure,2026-06-15,,F2
        T4,H1,secure,2025-05-04,2026-04-12,F1""",
    "rent_account": """
        account_ref,tenancy_ref,kind,status
        A1,T1,rent,current
        A2,T2,rent,current
        A3,T3,rent,current""",
    "rent_charge": """
        charge_ref,account_ref,charge_type,amount,frequency,weeks_in_year,from_date
        C1,A1,rent,104.50,weekly,48,2026-04-06
        C2,A1,service,41.60,monthly,,2026-04-06
        C3,A2,rent,390.00,monthly,,2026-04-06
        C4,A3,rent,390.00,monthly,,2026-04-06""",
    "void": """
        void_ref,home_ref,void_type,start_date,major_repairs_date,end_date,next_tenancy_ref
        V1,H1,minor,2026-04-13,,2026-05-03,T1
        V2,H2,major,2026-03-02,2026-05-11,2026-05-31,T2""",
    "application": """
        application_ref,person_ref,status,received_date,preference_conditions
        R1,P1,housed,2024-02-01,true""",
    "need": """
        need_ref,person_ref,kind
        N1,P4,access_level
        N2,P4,condition_mobility""",
}
LETTINGS = """
letting_ref,tenancy_ref,home_ref,application_ref,letting_date,needs_type,renewal,rent_product,previous_rent_product,\
vacancy_reason,joint_tenancy,starter_period,main_tenancy_type,privacy_notice_seen,armed_forces_link,pregnancy,\
access_needs,long_term_condition,time_in_area,time_on_register,reason_for_leaving,previous_accommodation,homeless,\
previous_postcode,previous_lad_code,reasonable_preference,choice_based,common_policy,common_register,\
accessible_register,source,income_known,income,income_frequency,housing_benefit,benefit_share,charges_due,shortfall,\
shortfall_amount
L1,T1,H1,R1,2026-05-04,general,false,social,social,moved_social,true,false,secure_lifetime,true,no,no,no,no,5_to_10,\
2_to_3,overcrowded,private_tenancy,false,M1 1AB,E08000003,yes,true,false,false,false,council_register,yes,450,weekly,\
universal_credit,some,true,yes,20
L2,T2,H2,,2026-06-01,general,false,social,social,died,false,true,secure_lifetime,true,not_said,no,yes,yes,10_or_more,\
1_to_2,ill_health,private_tenancy,false,M1 1AB,E08000003,no,false,false,false,false,direct,not_said,,,neither,\
not_known,true,,
L3,T3,H2,,2026-06-15,general,true,social,,,false,false,secure_lifetime,true,no,no,no,no,10_or_more,not_on_register,\
tenancy_ended_no_fault,council_fixed,false,M1 1AA,E08000003,no,false,false,false,false,renewal,not_said,,,neither,\
not_known,true,,
L4,T4,H1,,2025-05-04,general,false,social,social,died,false,false,secure_lifetime,true,no,no,no,no,5_to_10,2_to_3,\
overcrowded,private_tenancy,false,,,no,true,false,false,false,council_register,not_said,,,neither,not_known,true,,
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    """A lake of three lettings of 2026/27 and one of the year before."""
    tmp_path = tmp_path_factory.mktemp("lettings")
    made = Workspace.create(tmp_path / "w", organisation="HH", name="Hollowbrook Homes")
    for name, text in {**TABLES, "letting": LETTINGS}.items():
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", encoding="utf-8")
        done = standard.load(made, file, name, who="test", today=TODAY)
        found = [(one.row, one.rule, one.message) for one in done.check.findings if one.severity in ("reject", "error")]
        done.check.close()
        assert not found, name
    return made


def records(file) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


def test_the_lettings_log_from_the_lake_has_no_error_under_its_own_pack(workspace, tmp_path):
    out = tmp_path / "log.csv"
    done = publish_form(workspace, standard.pack("core-2026"), out, given={"provider": "LA"}, today=TODAY)
    assert (done.rows, done.uncoded) == (3, {})
    with standard.check(out, pack="core-2026", given={"provider": "LA"}, today=TODAY) as found:
        errors = [(one.row, one.field, one.value, one.rule, one.message) for one in found.findings]
        assert found.rows_in == 3
        assert not [one for one, full in zip(errors, found.findings, strict=True) if full.severity == "error"]


def test_what_the_tables_hold_is_in_the_fields_of_the_form(workspace, tmp_path):
    publish_form(workspace, standard.pack("core-2026"), tmp_path / "log.csv", given={"provider": "LA"}, today=TODAY)
    *headers, numbers, first, second, third = records(tmp_path / "log.csv")
    assert numbers == ["Field number", *map(str, range(1, 148))] and len(headers) == 7
    assert [row[0] for row in headers][:2] == ["Section", "Question"]

    def cells(row, *fields):
        return [row[field] for field in fields]

    assert cells(first, 1, 2, 8, 9, 10, 13, 14, 23, 24, 26) == [
        "ORG123",
        "ORG123",
        "4",
        "5",
        "2026",
        "T1",
        "H1",
        "M1",
        "1AA",
        "1",
    ]
    assert cells(first, 41, 42, 47, 48, 49, 53, 54, 55, 56, 57, 59) == [
        "35",
        "F",
        "1",
        "38",
        "1",
        "2",
        "10",
        "2",
        "M",
        "3",
        "9",
    ]
    # 48 weekly rents in the year, so £41.60 a month is £10.40 for each of them.
    assert cells(first, 141, 142, 143, 144, 145) == ["7", "104.5", "10.4", "0", "0"]
    assert cells(first, 121, 122, 123, 126, 137, 146, 147) == ["1", "", "1", "", "450", "1", "20"]
    assert cells(second, 41, 43, 46, 96, 97, 106, 110) == ["70", "3", "356", "1", "", "1", ""]
    assert cells(second, 29, 30, 31, 32, 33, 34) == ["2", "3", "2026", "11", "5", "2026"]
    assert cells(third, 7, 16, 17, 29, 131) == ["1", "14", "", "", "1"]


def test_the_command_writes_the_form_and_says_what_comes_next(workspace, tmp_path, capsys):
    out = tmp_path / "log.csv"
    told = ["--workspace", str(workspace.folder), "--pack", "core-2026"]
    assert run(["publish", str(tmp_path / "folder"), *told]) == 2
    assert run(["publish", *told, "--given", "provider=PRP", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "3 rows" in said and "placemaker check" in said and "personal data" in said
    assert len(records(out)) == 11
    assert [row[131] for row in records(out)[8:]] == ["", "", ""]


def test_a_lake_without_lettings_of_the_year_is_refused(tmp_path):
    empty = Workspace.create(tmp_path / "w", organisation="HH", name="Hollowbrook Homes")
    with pytest.raises(Refusal, match="nothing is dated 2026-04-01 to 2027-03-31"):
        publish_form(empty, standard.pack("core-2026"), tmp_path / "log.csv")
    assert not (tmp_path / "log.csv").exists()
