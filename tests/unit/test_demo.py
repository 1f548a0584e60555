"""The demo's files: the same bytes for the same seed, a borough without gaps, accounts that add up."""

import csv
import hashlib
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest

from placemaker.demo import make
from placemaker.demo.borough import country, postcode_texts, postcodes
from placemaker.demo.measures import exponential, ranks
from placemaker.demo.tiling import dissolve, holds, share_out, signed_area, tile

HOMES = 1_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return make(tmp_path_factory.mktemp("demo"), HOMES, seed=5)


def rows(demo, name, delimiter=",", encoding="utf-8"):
    with (demo.folder / "exports" / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_other_ones(demo, tmp_path):
    assert digests(make(tmp_path / "again", HOMES, seed=5).folder) == digests(demo.folder)
    other = digests(make(tmp_path / "other", HOMES, seed=6).folder)
    assert other["exports/properties.csv"] != digests(demo.folder)["exports/properties.csv"]


def test_faults_change_the_exports_and_nothing_else(demo, tmp_path):
    clean = make(tmp_path, HOMES, seed=5, faults=False)
    assert clean.faults == 0 and demo.faults > 100
    spoilt, without = digests(demo.folder), digests(clean.folder)
    for name in spoilt:
        if name.startswith(("place/", "finance/", "neighbourhoods/", "mappings/")):
            assert spoilt[name] == without[name], name
    assert all(spoilt[name] != without[name] for name in spoilt if name.startswith("exports/"))


def test_a_small_chunk_gives_what_a_whole_gives(monkeypatch, tmp_path):
    """However the homes are cut into chunks, every home is there once and keys do not come twice."""
    monkeypatch.setattr("placemaker.demo.stock.CHUNK_HOMES", 90)
    demo = make(tmp_path, HOMES, seed=5, faults=False)
    homes = [row for row in rows(demo, "properties.csv") if row["TYPE"] in ("HSE", "BUN", "FLT", "MAI", "BED")]
    assert len([row for row in homes if row["STATUS"] == "MGD"]) == HOMES
    for name, key in (("repairs.csv", "JOB_NO"), ("transactions.csv", "TRAN_NO"), ("compliance.csv", "REF")):
        keys = [row[key] for row in rows(demo, name, encoding="cp1252")]
        assert len(keys) == len(set(keys)), name


def test_transactions_add_up_to_the_balances(tmp_path):
    demo = make(tmp_path, HOMES, seed=5, faults=False)
    moved = defaultdict(Decimal)
    for row in rows(demo, "transactions.csv"):
        moved[row["ACCOUNT"]] += Decimal(row["AMOUNT"])
    accounts = rows(demo, "balances.csv", delimiter=";")
    for row in accounts:
        text = row["BALANCE"].replace(",", "")
        owed = -Decimal(text[:-2]) if text.endswith("CR") else Decimal(text.removesuffix("DR"))
        assert moved[row["ACCOUNT"]] == owed, row["ACCOUNT"]
    assert {row["CHG_WEEKS"] for row in accounts} == {"", "48", "50", "52", "53"}


def test_the_mess_of_real_systems_is_there(demo):
    tenancies = rows(demo, "tenancies.csv")
    assert any(row["TITLE"] == "Exors of" for row in tenancies)
    assert sum(row["END"] == "31/12/2099" for row in tenancies) > len(tenancies) / 2
    assert len({row["TEN_REF"] for row in tenancies}) < len(tenancies)
    properties = rows(demo, "properties.csv")
    assert any(row["UPRN"] == row["PROP_REF"].strip() != "" for row in properties)
    assert {"GAR", "BLK", "SHP"} <= {row["TYPE"] for row in properties}
    assert {"SOLD", "DEMO"} & {row["STATUS"] for row in properties}
    assert any(row["BUILD_YEAR"] == "1900" for row in rows(demo, "assets_epc.csv"))
    repairs = rows(demo, "repairs.csv", encoding="cp1252")
    assert len({row["REQUEST_NO"] for row in repairs}) < len(repairs)
    assert any(row["COMMUNAL"] == "Y" for row in repairs)
    assert any(row["SITE"].startswith("HBC-") for row in rows(demo, "compliance.csv"))
    assert rows(demo, "balances.csv", delimiter=";")[-1]["STATUS"] == "TOTAL"
    assert "PROP_REF" not in rows(demo, "survey.csv")[0]


def test_the_damp_tracker_has_merged_cells_and_colours(demo):
    from openpyxl import load_workbook

    sheet = load_workbook(demo.folder / "exports" / "damp.xlsx")["Damp"]
    assert sheet.merged_cells.ranges
    colours = {sheet.cell(row, 1).fill.start_color.rgb[-6:] for row in range(4, sheet.max_row + 1)}
    assert colours <= {"FF0000", "FFC000", "92D050", "000000"} and len(colours) > 1


def test_everything_says_that_it_is_made_up(demo):
    assert "made up" in (demo.folder / "README.txt").read_text("utf-8")
    assert "made_up: true" in (demo.folder / "place" / "recipe.yaml").read_text("utf-8")
    for mapping in (demo.folder / "mappings").glob("*.yaml"):
        assert "made up" in mapping.read_text("utf-8"), mapping.name
    assert len(list((demo.folder / "mappings").glob("*.yaml"))) == 12


def test_too_few_homes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 200"):
        make(tmp_path, 10)


def test_areas_tile_the_country_without_gap_or_overlap():
    tiling = tile(np.random.default_rng(3), 300, core=0.4)
    outlines = [tiling.outline(area)[0][0] for area in range(300)]
    assert all(signed_area(ring) > 0 for ring in outlines)
    whole = dissolve(tiling, np.zeros(300, dtype=int))[0]
    assert sum(signed_area(ring) for polygon in whole for ring in polygon) == pytest.approx(
        sum(signed_area(ring) for ring in outlines)
    )
    parts = dissolve(tiling, share_out(tiling.centres, 7))
    assert len(parts) == 7


def test_points_lie_in_their_own_area():
    tiling = tile(np.random.default_rng(3), 120, core=0.4)
    areas = np.repeat(np.arange(120), 20)
    for area, point in zip(areas, tiling.inside(np.random.default_rng(4), areas), strict=True):
        assert holds(tiling.outline(area)[0][0], point)


def test_postcodes_are_all_different_and_of_an_area_nobody_uses():
    texts = postcode_texts(1_200_000)
    assert len(set(texts)) == len(texts)
    assert all(text.startswith("ZZ") for text in texts)
    with pytest.raises(ValueError, match="made-up postcodes"):
        postcode_texts(2_000_000)


def test_the_borough_grows_with_its_landlord():
    small, large = country(1, 12_000), country(1, 60_000)
    assert (small.local, large.local) == (150, 750)
    assert small.homes.sum() == 12_000 and postcodes(1, small).homes.sum() == 12_000
    assert np.corrcoef(small.homes, small.need[:150])[0, 1] > 0.4


def test_the_indices_score_runs_from_a_hundred_for_the_worst_to_nought():
    score = np.array([3.0, 9.0, 1.0, 5.0])
    assert ranks(score).tolist() == [3, 1, 4, 2]
    assert exponential(score)[1] == pytest.approx(100)
    assert exponential(score).argmin() == 2
