"""A mapping is suggested for the exports of every system, by how such systems name their columns."""

import pytest

from placemaker.standard.suggest import suggest

EXPORTS = {
    "letting": (
        "LETTING_ID,TENANCY_NO,PROP_REF,LET_DATE,NEEDS_TYPE,RENT_PRODUCT,RSNVAC,PREVTEN,EARNINGS,INCFREQ",
        "L1,T1,H1,2025-10-20,GN,Social rent,Internal transfer,Private tenancy,412.00,Weekly",
        {
            "letting_date": "LET_DATE",
            "vacancy_reason": "RSNVAC",
            "previous_accommodation": "PREVTEN",
            "income": "EARNINGS",
        },
    ),
    "component": (
        "COMPONENT_ID,PROP_REF,ELEMENT_TYPE,YEAR_INSTALLED,LIFE_EXPECTANCY,RENEWAL_YEAR",
        "C1,H1,Kitchen,2011,20,2031",
        {"kind": "ELEMENT_TYPE", "installed_year": "YEAR_INSTALLED", "lifetime_years": "LIFE_EXPECTANCY"},
    ),
    "homelessness_case": (
        "CASE_NO,PERSON_NO,DATE_PRESENTED,DUTY_OWED,MAIN_REASON,RELIEF_START,STATUS",
        "C1,P1,2026-01-05,Relief duty,Domestic abuse,2026-01-09,Open",
        {"approached_date": "DATE_PRESENTED", "decision": "DUTY_OWED", "relief_start": "RELIEF_START"},
    ),
    "referral": (
        "REFERRAL_NO,PERSON_NO,REFERRED_FROM,REFERRED_TO,REFERRAL_TYPE,DATE_REFERRED,REFERRAL_STATUS",
        "R1,P1,ORG1,ORG2,Debt advice,2026-02-23 10:05,Accepted",
        {"from_ref": "REFERRED_FROM", "to_ref": "REFERRED_TO", "made_at": "DATE_REFERRED", "status": "REFERRAL_STATUS"},
    ),
    "outcome": (
        "OUTCOME_ID,PROJECT_ID,PARTICIPANT_NO,INDICATOR,BASELINE_SCORE,FOLLOW_UP_SCORE",
        "O1,PR1,PA1,Life satisfaction,5,7",
        {"programme_ref": "PROJECT_ID", "measure": "INDICATOR", "before_score": "BASELINE_SCORE"},
    ),
}


@pytest.mark.parametrize("table", EXPORTS)
def test_the_columns_of_an_export_are_known_by_their_usual_names(table, tmp_path):
    head, row, expected = EXPORTS[table]
    file = tmp_path / f"{table}.csv"
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    found = suggest(file, table)["tables"][table]["fields"]
    fields = {name: one["column"] if isinstance(one, dict) else one for name, one in found.items()}
    assert expected.items() <= fields.items()
