"""Control totals: agreement to the penny, and the accounts behind a gap with the reason of each."""

from datetime import date
from decimal import Decimal

import pytest

from placemaker.figure import recompute
from placemaker.jobs.totals import totals
from placemaker.lake import Refusal, Workspace
from placemaker.standard import load

TODAY = date(2026, 4, 1)
CHARGES = (
    "charge_ref,account_ref,charge_type,amount,frequency,weeks_in_year,from_date,to_date\n"
    "C1,A1,rent,98.40,weekly,52,2025-04-07,\n"
    "C2,A2,rent,106.60,weekly,48,2025-04-07,\n"
    "C3,A3,rent,433.33,monthly,,2025-04-07,\n"
    "C4,A4,rent,90.10,weekly,52,2024-04-01,2025-04-06\n"  # over by the day of the totals
)


@pytest.fixture
def made(tmp_path):
    """A landlord with four homes and four charges, and a way to write its control file and compare."""
    workspace = Workspace.create(tmp_path / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")

    class Landlord:
        folder = tmp_path

        def load(self, table, text, **how):
            file = tmp_path / f"{table}.csv"
            file.write_text(text, encoding="utf-8")
            load(workspace, file, table, who="test", today=TODAY, confirm=lambda _: True, **how).check.close()

        def compare(self, text, **lists):
            for name, lines in lists.items():
                (tmp_path / f"{name}.csv").write_text(lines, encoding="utf-8")
            (tmp_path / "totals.yaml").write_text(f"as_at: 2026-03-31\ntotals:\n{text}", encoding="utf-8")
            return totals(workspace, tmp_path / "totals.yaml")

    landlord = Landlord()
    landlord.load(
        "home",
        "home_ref,unit_kind,status,dwelling_type\nH1,home,in_management,flat\nH2,home,in_management,flat\n"
        "H3,home,in_management,house\nG1,garage,in_management,\nH4,home,sold,house\n",
    )
    landlord.load("rent_charge", CHARGES)
    return landlord


HOMES = """- {id: homes, title: Homes, table: home, measure: count, by: dwelling_type,
   where: "unit_kind = 'home' and status = 'in_management'", expected: {flat: 2, house: 1}}
"""


def test_homes_by_type_agree(made):
    found = made.compare(HOMES)
    assert found.matches
    assert found.sentence() == "3 homes: matches"
    assert found.lines() == ["Homes: 3 as finance."]


def test_a_type_that_differs_is_named_though_the_sum_agrees(made):
    found = made.compare(HOMES.replace("flat: 2, house: 1", "flat: 1, house: 2"))
    assert not found.matches
    assert found.totals[0].difference.value == 0
    assert "  flat: 2 here, 1 at finance." in found.lines()


def test_the_weekly_debit_is_what_one_weeks_charges_come_to(made):
    # 98.40 + 106.60 + 433.33 x 12 / 52 (99.999...) = 305.00; the charge that ended does not count
    found = made.compare("- {id: debit, title: Weekly debit, measure: weekly_debit, expected: 305.00}\n")
    assert found.matches, found.lines()
    assert found.sentence() == "£305.00 weekly debit: matches"


def test_the_yearly_debit_goes_by_the_weeks_in_the_year(made):
    expected = Decimal("98.40") * 52 + Decimal("106.60") * 48 + Decimal("433.33") * 12
    found = made.compare(f"- {{id: year, title: Yearly debit, measure: yearly_debit, expected: {expected}}}\n")
    assert found.matches, found.lines()


def test_every_number_is_a_figure_that_adds_up_and_names_its_sources(made):
    (total,) = made.compare(HOMES.replace("flat: 2", "flat: 5")).totals
    assert (total.here.value, total.there.value, total.difference.value) == (3, 6, -3)
    assert recompute(total.difference) == total.difference.value
    assert total.here.sources[0].snapshot == 2
    assert "Finance" in total.there.sources[0].publisher


ACCOUNTS = (
    "- {id: balances, title: Balances, measure: balance, where: \"status = 'current'\", expected: EXPECTED, "
    "accounts: list.csv}\n"
)


@pytest.fixture
def accounts(made):
    made.load(
        "rent_account",
        "account_ref,kind,status,balance\nA1,rent,current,10.00\nA2,rent,current,-5.50\nA3,rent,former,70.00\n"
        "A4,rent,current,nonsense\nA5,rent,current,1.10\n,rent,current,3.00\n",
    )
    return made


def test_accounts_that_agree_explain_themselves(accounts):
    found = accounts.compare(
        ACCOUNTS.replace("EXPECTED", "5.60"), list="account_ref,amount\nA1,10.00\nA2,-5.50\nA4,0.00\nA5,1.10\n"
    )
    assert [gap.key for gap in found.totals[0].gaps] == []
    assert found.matches


def test_each_account_behind_a_gap_has_its_reason(accounts):
    found = accounts.compare(
        ACCOUNTS.replace("EXPECTED", "152.00"),
        list="account_ref,amount\nA1,12.00\nA2,-5.50\nA3,70.00\nA4,25.50\nA9,50.00\n",
    )
    (total,) = found.totals
    assert [(gap.key, gap.kind, gap.gap) for gap in total.gaps] == [
        ("A3", "not counted", Decimal("-70.00")),
        ("A9", "missing here", Decimal("-50.00")),
        ("A4", "unreadable", Decimal("-25.50")),
        ("A1", "different", Decimal("-2.00")),
        ("A5", "missing there", Decimal("1.10")),
    ]
    assert total.gaps[2].why == "rent_account.balance.type"
    assert total.unexplained.value == 0
    assert any("held back" in note for note in total.notes)


def test_what_no_account_explains_is_said(accounts):
    found = accounts.compare(
        ACCOUNTS.replace("EXPECTED", "5.61"), list="account_ref,amount\nA1,10.00\nA2,-5.50\nA4,0.00\nA5,1.10\n"
    )
    assert found.totals[0].unexplained.text() == "-£0.01"
    assert any("not explained" in line for line in found.lines())


def test_a_home_that_two_systems_know_counts_once(made):
    made.load(
        "home", "home_ref,unit_kind,status,dwelling_type,bedrooms\nH1,home,in_management,house,2\n", source="assets"
    )
    assert made.compare(HOMES).matches, "the system that was loaded first says what it is"


def test_it_is_read_as_it_was(made):
    made.load("home", "home_ref,unit_kind,status,dwelling_type\nH1,home,in_management,flat\n")
    assert not made.compare(HOMES).matches
    from placemaker.lake import Workspace

    then = totals(Workspace.open(made.folder / "ws"), made.folder / "totals.yaml", as_of=1)
    assert then.matches and then.snapshot == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {id: a}\n", "at least"),
        ("- {id: a, table: home, expected: 1, sum: 3}\n", "has no 'sum'"),
        ("- {id: a, table: homes, expected: 1}\n", "no table"),
        ("- {id: a, table: void, expected: 1}\n", "No voids are loaded"),
        ("- {id: a, table: home, measure: average, expected: 1}\n", "no measure"),
        ("- {id: a, table: home, where: \"read_text('x') = ''\", expected: 1}\n", "may not use"),
        ("- {id: a, table: home, where: \"colour = 'red'\", expected: 1}\n", "no column"),
        ("- {id: a, table: home, expected: many}\n", "no number"),
        ("- {id: a, table: home, expected: {flat: 1}}\n", "no `by`"),
        ("- {id: a, measure: weekly_debit, expected: 1, accounts: none.csv}\n", "no such list"),
    ],
)
def test_a_wrong_control_file_is_refused_in_plain_words(made, text, words):
    with pytest.raises(Refusal, match=words):
        made.compare(text)


def test_a_list_without_its_columns_is_refused(made):
    with pytest.raises(Refusal, match="columns it needs"):
        made.compare("- {id: a, measure: weekly_debit, expected: 1, accounts: list.csv}\n", list="a,b\n1,2\n")
