"""What the lettings log derives from a row: as the official export holds it, and by its rules for made-up rows."""

import csv
from datetime import date

import pytest

from placemaker.standard.check import check
from placemaker.standard.packs import pack

TODAY = date(2026, 10, 1)

#: A letting in general needs, by the names of the cells: one person of 20 in a flat with one bedroom.
LETTING = {
    "owning_organisation": "ORG1",
    "managing_organisation": "ORG1",
    "needstype": "1",
    "renewal": "2",
    "startdate_day": "1",
    "startdate_month": "6",
    "startdate_year": "26",
    "rent_type": "1",
    "declaration": "1",
    "rsnvac": "5",
    "unitletas": "1",
    "la": "E06000001",
    "unittype_gn": "1",
    "beds": "1",
    "voiddate_day": "2",
    "voiddate_month": "5",
    "voiddate_year": "26",
    "age1": "20",
    "sexrab1": "F",
    "gender_same_as_sex1": "1",
    "ecstat1": "1",
    "prevten": "30",
    "net_income_known": "2",
    "hb": "9",
    "benefits": "2",
    "period": "1",
    "brent": "100",
    "scharge": "10",
    "pscharge": "0",
    "supcharg": "0",
}


def derive_all(file, rows, provider="LA"):
    """What is derived from each row of cells, by name. Many rows at once, for the query is long to plan."""
    names = {field.number: field.name for field in pack("core-2026").table().fields}
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(["Field number", *names])
        lines.writerows(["", *(cells.get(name, "") for name in names.values())] for cells in rows)
    with check(file, pack="core-2026", given={"provider": provider}, today=TODAY) as told:
        # As the check itself asks: a list of codes after IN would become a join for each.
        told.con.execute("set disabled_optimizers = 'in_clause'")
        found = told.con.execute(f"select * from {told.tables['lettings_log'].derived} order by _row")
        titles = [column[0] for column in found.description]
        return [dict(zip(titles, row, strict=True)) for row in found.fetchall()]


# --- the official export ---------------------------------------------------------------------------------------------


def _words(text):
    return text.split()


#: Variables of the export that the service derives, and what holds them here where the name is not log_<variable>.
EXPORTED = {
    name: f"log_{name}"
    for name in _words("""
        lettype renttype lar irproduct newprop first_time_property_let_as_social_housing vacdays majorrepairs hhmemb
        hhtype totchild totelder totadult refused ethnic_group details_known_2 incref has_benefits tcharge wrent
        wscharge wpschrge wsupchrg wtcharge wtshortfall tshortfall_known housingneeds housingneeds_a housingneeds_b
        housingneeds_c housingneeds_f housingneeds_g housingneeds_h relat2 ecstat2 prevloc unitletas voiddate
    """)
} | {"letting_allocation_none": "b_letting_allocation_unknown", "collection_start_year": "log_year"}

#: Cells of the form that hold the same as the variable of their name.
SAME = _words("""
    needstype rsnvac unitletas la unittype_gn wchair beds sheltered joint startertenancy tenancy tenancyother
    tenancylength ethnic nationality_all armedforces leftreg reservist preg_occ illness layear waityear reason
    reasonother prevten homeless prevloc reasonpref rp_homeless rp_insan_unsat rp_medwel rp_hardship rp_dontknow
    incfreq earnings hb benefits period brent scharge pscharge supcharg hbrentshortfall tshortfall declaration
""")


def form_cells(exported):
    """The cells of the form for a row of the official export, whose answers it writes by the codes of the log."""
    cells = {name: exported[name] for name in (*SAME, *(f"illness_type_{n}" for n in range(1, 11)))}
    cells |= {"owning_organisation": "ORG1", "managing_organisation": "ORG1", "rent_type": exported["renttype_detail"]}
    cells["renewal"] = {"1": "1", "0": "2"}[exported["renewal"]]
    for day in ("startdate", "voiddate", "mrcdate"):
        for part, value in zip(("year", "month", "day"), exported[day].split("-"), strict=False):
            cells[f"{day}_{part}"] = value.lstrip("0")
    for n in range(1, 9):
        told = {key: exported[f"{key}{n}"] for key in ("age", "sexrab", "gender_same_as_sex", "ecstat")}
        told["age"] = "R" if told["age"] == "-9" else told["age"]
        cells |= {f"{key}{n}": value for key, value in told.items()}
        cells[f"gender_description{n}"] = exported[f"gender_description{n}"]
        if n > 1:
            cells[f"relat{n}"] = {"P": "1", "X": "2", "R": "3", "": ""}[exported[f"relat{n}"]]
    for letter in "abcfgh":
        cells[f"housingneeds_{letter}"] = exported[f"housingneeds_{letter}"]
    for name in ("cbl", "cap", "chr", "accessible_register"):
        cells[name] = {"1": "1", "0": "2"}[exported[name]]
    cells["net_income_known"] = str(int(exported["net_income_known"]) + 1)
    cells["ppcodenk"] = {"0": "1", "1": "2"}[exported["ppcodenk"]]
    cells["ppostcode_part1"], cells["ppostcode_part2"] = exported["ppostcode_full"].split()
    return cells


def test_the_derived_variables_are_those_of_the_official_export(shared_data, tmp_path):
    file = shared_data / "core" / "lettings_log_csv_export_codes_26.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        next(opened)
        rows = list(csv.DictReader(opened))
    assert rows
    for exported, found in zip(rows, derive_all(tmp_path / "export.csv", map(form_cells, rows)), strict=True):
        ours = {name: found[held] for name, held in EXPORTED.items()}
        theirs = {name: exported[name] for name in EXPORTED}
        assert {name: _text(value) for name, value in ours.items()} == {
            name: _text(value) for name, value in theirs.items()
        }


def _text(value):
    """A number without the zeros that the export writes after its point; empty for nothing."""
    text = "" if value is None else str(value)
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


# --- made-up rows ----------------------------------------------------------------------------------------------------

PERSON = {"sexrab2": "M", "gender_same_as_sex2": "1", "relat2": "1", "age2": "22", "ecstat2": "1"}
CHILD = {"sexrab3": "F", "gender_same_as_sex3": "1", "age3": "8"}
REPAIRS = {"mrcdate_day": "20", "mrcdate_month": "5", "mrcdate_year": "26"}
SHORTFALL = {"hbrentshortfall": "1", "tshortfall": "26", "period": "2"}
START = date(2026, 6, 1)

#: What changes in the letting above, the kind of its owner, and what is derived then.
CASES = [
    ({}, "LA", {"lettype": 3, "renttype": 1, "vacdays": 30, "wrent": 100, "wtcharge": 110, "hhtype": 3, "new_old": 2}),
    ({}, "PRP", {"lettype": 1}),
    ({"rent_type": "2"}, "LA", {"lettype": 7, "renttype": 2, "lar": 2}),
    ({"rent_type": "2", "needstype": "2"}, "PRP", {"lettype": 6}),
    ({"rent_type": "5"}, "LA", {"lettype": 11, "renttype": 3, "irproduct": 2}),
    ({"rent_type": "7"}, "LA", {"lettype": 15, "renttype": 4, "lar": None}),
    ({"needstype": "2"}, "LA", {"lettype": 4, "beds": None, "unittype_gn": None}),
    ({"period": "4"}, "LA", {"wrent": 23.08, "wtcharge": 25.38}),
    ({"period": "2"}, "LA", {"wrent": 50, "wscharge": 5}),
    ({"unittype_gn": "2", "beds": "3"}, "LA", {"beds": 1}),
    (REPAIRS, "LA", {"vacdays": 12, "majorrepairs": 1}),
    (REPAIRS | {"rsnvac": "15"}, "LA", {"mrcdate": None, "vacdays": 30, "newprop": 1, "unitletas": None}),
    ({"age1": "R"}, "LA", {"age1": None, "totadult": 0, "refused": 1, "hhtype": 9}),
    ({"age1": "70"}, "LA", {"totelder": 1, "hhtype": 1}),
    (SHORTFALL | {"hb": "1"}, "LA", {"wtshortfall": 13, "has_benefits": 1}),
    (SHORTFALL, "LA", {"tshortfall": None, "has_benefits": 0}),
    ({"reason": "20", "reasonother": "A garden"}, "LA", {"reasonother": "A garden"}),
    ({"reason": "99", "reasonother": "A garden"}, "LA", {"reason": None, "reasonother": None}),
    ({"la": "E08000016"}, "LA", {"la": None}),
    ({"net_income_known": "1", "incfreq": "2", "earnings": "1000"}, "LA", {"weekly_income": 231, "incref": 0}),
    ({"declaration": ""}, "LA", {"setup_complete": False, "beds": None, "brent": None}),
    ({"needstype": "3"}, "LA", {"setup_complete": False, "lettype": None, "voiddate": None}),
    # A renewal has no void, and comes from the same home.
    ({"renewal": "1", "rent_type": "2"}, "PRP", {"voiddate": START, "vacdays": 0, "rsnvac": 14, "unitletas": 2}),
    ({"renewal": "1"}, "PRP", {"prevten": 32, "prevloc": "E06000001", "waityear": 2}),
    # Nobody asks whether a child of eight works, nor whether anybody is a second partner.
    (PERSON | CHILD, "LA", {"hhmemb": 3, "totadult": 2, "totchild": 1, "hhtype": 6, "ecstat3": 9, "relat3": "X"}),
    (PERSON | {"relat3": "1", "age3": "30"}, "LA", {"relat2": "P", "relat3": "X"}),
    # A person beyond the number of people is not asked about.
    ({"age5": "30", "sexrab5": "M"}, "LA", {"hhmemb": 2, "details_known_2": 1, "age5": None}),
    ({"beds": "6"}, "LA", {"beds": 6, "range_beds": 4}),
]


@pytest.fixture(scope="module")
def derived(tmp_path_factory):
    """What is derived in each of the cases, by the place of the case."""
    found = {}
    for provider in ("LA", "PRP"):
        places = [place for place, case in enumerate(CASES) if case[1] == provider]
        file = tmp_path_factory.mktemp(provider) / "lettings.csv"
        rows = derive_all(file, (LETTING | CASES[place][0] for place in places), provider)
        found |= dict(zip(places, rows, strict=True))
    return found


@pytest.mark.parametrize("place", range(len(CASES)))
def test_what_follows_from_a_row(derived, place):
    expected = CASES[place][2]
    found = {name: derived[place][f"log_{name}"] for name in expected}
    assert {name: _text(value) for name, value in found.items()} == {
        name: _text(value) for name, value in expected.items()
    }


def test_the_rent_is_held_against_the_range_of_its_authority(derived):
    found = derived[0]
    assert found["rent_hard_min"] < found["rent_soft_min"] < found["rent_soft_max"] < found["rent_hard_max"]
    assert derived[5]["rent_soft_min"] is None, "specified accommodation has no range"
