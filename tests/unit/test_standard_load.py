"""Loading: what goes into the lake, what is held back, and what is asked before rows go."""

from datetime import date

import pytest

from placemaker import standard
from placemaker.lake import Refusal, Workspace

TODAY = date(2026, 4, 1)
HEADER = "transaction_ref,account_ref,transaction_date,kind,amount\n"


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace.create(tmp_path / "w", organisation="HH", name="Hollowbrook Homes")


@pytest.fixture
def load(workspace, tmp_path):
    def run(rows, **options):
        file = tmp_path / "ledger.csv"
        file.write_text(HEADER + rows)
        done = standard.load(workspace, file, "rent_transaction", who="test", today=TODAY, **options)
        done.check.close()
        return done

    return run


def refs(workspace, as_of=None):
    with workspace.read(as_of) as con:
        return [ref for (ref,) in con.execute("select transaction_ref from rent_transaction order by 1").fetchall()]


def lines(*days):
    return "".join(f"X{day:02},A1,2026-03-{day:02},payment,-10.00\n" for day in days)


def test_a_load_is_recorded_with_its_rows_findings_and_held_back_rows(workspace, load):
    record = load(lines(1, 2) + ",A1,2026-03-03,payment,-1\nX04,A1,2026-03-40,payment,12.3x\n").record
    assert (record.rows_in, record.loaded, record.held_back) == (4, 3, 1)
    assert (record.findings["reject"], record.findings["error"]) == (1, 2)
    kept = {(one["row"], one["rule"], one["value"]) for one in workspace.findings(1)}
    assert (4, "rent_transaction.amount.type", "12.3x") in kept
    (held,) = workspace.held_back(1)
    assert held["_row"] == 3 and '"transaction_date":"2026-03-03"' in held["row"]
    with workspace.read() as con:
        assert con.execute("select amount, transaction_date, _row from rent_transaction where _row = 4").fetchall() == [
            (None, None, 4)
        ]


def test_a_full_load_that_takes_too_much_away_asks_first(workspace, load):
    load(lines(*range(1, 21)))
    with pytest.raises(Refusal, match="take away 15 of 20 rows"):
        load(lines(*range(1, 6)))
    asked = []
    with pytest.raises(Refusal, match="The lake is as it was"):
        load(lines(*range(1, 6)), confirm=lambda difference: asked.append(difference.gone))
    assert asked == [15] and len(refs(workspace)) == 20 and workspace.snapshot() == 1
    load(lines(*range(1, 6)), confirm=lambda difference: True)
    assert len(refs(workspace)) == 5 and len(refs(workspace, as_of=1)) == 20


def test_a_few_rows_may_go_without_asking(workspace, load):
    load(lines(*range(1, 21)))
    assert load(lines(*range(1, 20))).differences["rent_transaction"].gone == 1


def test_a_period_replaces_its_own_days_alone(workspace, load):
    load(lines(2, 9, 10))
    load(lines(10, 11), kind="period", period="2026-03-09/2026-03-15", confirm=lambda difference: True)
    assert refs(workspace) == ["X02", "X10", "X11"]


def test_an_addition_takes_nothing_away(workspace, load):
    load(lines(2))
    load(lines(3), kind="add")
    assert refs(workspace) == ["X02", "X03"]


def test_sources_do_not_replace_each_other(workspace, load):
    load(lines(2), source="old system")
    load(lines(3), source="new system")
    assert refs(workspace) == ["X02", "X03"]


def test_the_date_of_a_period_is_the_tables_first_required_date():
    from placemaker.standard.load import period_field

    assert period_field(standard.table("rent_transaction")) == "transaction_date"
    assert period_field(standard.table("tenancy")) == "start_date"
