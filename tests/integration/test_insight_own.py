"""The landlord's own indicators, from rows in the lake to a figure and back down to the rows."""

from datetime import date, datetime

import pytest
from insight_example import LSOAS, make_pack

from placemaker.insight import open_recipe, open_rows, own, own_catalogue, profile
from placemaker.lake import Refusal, Workspace, connect
from placemaker.places import Fit, Neighbourhood
from placemaker.standard.schema import table as standard_table

AS_AT = date(2026, 3, 31)
_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP",
          "boolean": "BOOLEAN"}  # fmt: skip


def put(workspace, tmp_path, name, rows, source="system"):
    """Load rows into a standard table, as the standard's loader leaves them."""
    standard = standard_table(name)
    columns = {field.name: _TYPES[field.type] for field in standard.fields}
    file = tmp_path / f"{source}-{name}.csv"
    file.write_text("made up", "utf-8")
    with workspace.write("test") as writer:
        con = writer.con
        con.execute(f"create temp table staged ({', '.join(f'{n} {t}' for n, t in columns.items())}, _row bigint)")
        for number, row in enumerate(rows, 1):
            given = {**row, "_row": number}
            con.execute(f"insert into staged ({', '.join(given)}) values ({', '.join('?' * len(given))})",
                        list(given.values()))  # fmt: skip
        with writer.load(source=source, kind="full", file=file) as load:
            load.define(name, columns)
            load.put(name, "staged", key=[standard.key], rows_in=len(rows))
        con.execute("drop table staged")


@pytest.fixture(scope="module")
def landlord(tmp_path_factory):
    """100 homes, 60 in the North patch (area 1) and 40 in the South (area 2), a garage and a sold home."""
    folder = tmp_path_factory.mktemp("landlord")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMAKER_HOME", str(folder / "home"))
        ws = Workspace.create(folder / "ws", organisation="test", name="Test Homes")
        ws.settings["as_at"] = AS_AT
        homes = [
            {"home_ref": f"H{at}", "unit_kind": "home", "status": "in_management", "stock_tenure": "low_cost_rental",
             "patch": "North" if at <= 60 else "South", "epc_rating": None}
            for at in range(1, 101)
        ]  # fmt: skip
        homes.append({"home_ref": "G1", "unit_kind": "garage", "status": "in_management", "patch": "North"})
        homes.append({"home_ref": "S1", "unit_kind": "home", "status": "sold", "patch": "North"})
        put(ws, folder, "home", homes, "properties")
        # The asset system knows the same homes, and nothing of those that were sold.
        assets = [{"home_ref": f"H{at}", "status": "in_management", "epc_rating": "C" if at <= 30 else "D"}
                  for at in range(1, 91)] + [{"home_ref": "S1", "status": "in_management"}]  # fmt: skip
        put(ws, folder, "home", assets, "assets")
        repairs = [
            {"repair_ref": f"R{at}", "home_ref": f"H{at}", "status": "completed", "priority": "routine",
             "reported_at": datetime(2026, 1, 1, 9, 30), "completed_at": datetime(2026, 1, 10, 12, 0),
             "target_date": None if at == 50 else date(2026, 1, 10 if at <= 40 else 9)}
            for at in range(1, 51)
        ]  # fmt: skip
        repairs += [
            _emergency("E1", datetime(2026, 2, 1, 10, 0), datetime(2026, 2, 2, 9, 59)),
            _emergency("E2", datetime(2026, 2, 1, 10, 0), datetime(2026, 2, 2, 10, 1)),
            _emergency("E3", datetime(2026, 2, 1), datetime(2026, 2, 2)),
            _emergency("E4", datetime(2026, 2, 1), datetime(2026, 2, 3)),
            _emergency("E5", datetime(2026, 2, 1), datetime(2026, 2, 1)),
        ]
        put(ws, folder, "repair", repairs, "repairs")
        asb = [{"case_ref": f"A{at}", "home_ref": f"H{at}", "reported_date": date(2026, 1, 1), "status": "open"}
               for at in [*range(1, 21), 61, 62]]  # fmt: skip
        asb.append({"case_ref": "A-old", "home_ref": "H1", "reported_date": date(2025, 3, 31), "status": "closed"})
        put(ws, folder, "asb_case", asb, "asb")
        answers = [
            {"response_ref": f"P{at}", "patch": "North" if at <= 30 else "South", "answered_date": date(2026, 1, 1),
             "tp01_overall": "very_satisfied" if at % 3 else "neither" if at % 2 else "not_applicable"}
            for at in range(1, 61)
        ]  # fmt: skip
        put(ws, folder, "survey_response", answers, "survey")
        yield ws, make_pack(folder / "pack")


def _emergency(ref, reported, completed):
    return {"repair_ref": ref, "home_ref": "H1", "status": "completed", "priority": "emergency",
            "reported_at": reported, "completed_at": completed, "target_date": date(2026, 3, 1)}  # fmt: skip


def patch(name, first, last, extra=()):
    refs = (*(f"H{at}" for at in range(first, last + 1)), *extra)
    fit = Fit("homes", len(refs), len(refs), 1.0, None, "")
    area = LSOAS[0] if name == "North" else LSOAS[1]
    return Neighbourhood(name.lower(), name, "column", ((area, 1.0),), "lsoa21", fit, refs, len(refs))


NORTH, SOUTH = patch("North", 1, 60, ("G1", "S1")), patch("South", 61, 100)


@pytest.fixture(scope="module")
def own_lines(landlord):
    ws, pack = landlord
    con = connect()
    con.execute(f"""create table somewhere as select 'H' || i as home_ref,
        if(i <= 60, '{LSOAS[0]}', '{LSOAS[1]}') as area from range(1, 101) t(i)""")
    made = profile(con, pack, [NORTH, SOUTH], workspace=ws, placed="somewhere")
    return {one.neighbourhood.id: {line.indicator.id: line for line in one.own} for one in made}, made


def test_a_home_that_two_systems_know_is_one_home_and_the_register_of_the_stock_is_believed(own_lines):
    lines, _ = own_lines
    assert lines["north"]["homes"].place.value == 60
    assert lines["south"]["homes"].place.value == 40
    assert lines["north"]["homes"].comparators["stock"].value == 100
    assert lines["north"]["garages-and-other-units"].place.value == 1
    # The energy band comes from the other system.
    epc = lines["north"]["epc-c-or-above"].place
    assert [part.value for part in epc.parts] == [30, 60]
    assert lines["south"]["epc-missing"].place.parts[0].value == 10


def test_a_share_leaves_out_what_cannot_be_judged_and_says_so(own_lines):
    figure = own_lines[0]["north"]["repairs-on-time"].place
    # 40 of the 50 on time and the 5 emergencies; the one without a target date is left out.
    assert [part.value for part in figure.parts] == [45, 54]
    assert figure.status == "estimated"
    assert "1 of 55 rows have no target date" in figure.reason
    assert figure.interval[0] < figure.value < figure.interval[1]


def test_where_the_time_is_midnight_only_days_that_decide_are_counted(own_lines):
    figure = own_lines[0]["north"]["emergency-repairs-24h"].place
    # Within: E1, and E5 of the same day. Too late: E2 by a minute, E4 by its days. E3 cannot be told.
    assert [part.value for part in figure.parts] == [2, 4]
    assert "1 of 5 rows" in figure.reason


def test_events_are_counted_in_the_twelve_months_to_the_day(own_lines):
    line = own_lines[0]["north"]["asb-cases"]
    # The case of 31 March 2025 is outside; stock 22 of 100 homes.
    assert line.comparators["stock"].value == 220
    assert line.comparators["stock"].period == "1 April 2025 to 31 March 2026"


def test_small_numbers_are_withheld_with_what_would_give_them_away(own_lines):
    lines, _ = own_lines
    south = lines["south"]["asb-cases"].place
    assert south.status == "suppressed" and south.value is None and south.parts == ()
    # With 20 of 22 shown, the two would be known.
    assert lines["north"]["asb-cases"].place.status == "suppressed"
    assert lines["south"]["repairs-per-home"].place.value == 0


def test_answers_without_a_home_count_by_patch(own_lines):
    figure = own_lines[0]["north"]["tp01-overall"].place
    assert [part.value for part in figure.parts] == [20, 25]
    assert own_lines[0]["north"]["survey-responses"].place.value == 30
    assert figure.interval[0] < 80 < figure.interval[1]


def test_a_table_that_was_never_loaded_is_said(own_lines):
    figure = own_lines[0]["north"]["complaints-stage-1"].place
    assert figure.status == "missing"
    assert "complaint" in figure.reason


def test_our_homes_are_those_in_management(own_lines):
    _, made = own_lines
    assert [one.homes_count.value for one in made] == [60, 40]
    assert made[0].snapshot == 5


def test_an_own_figure_opens_to_file_and_row(landlord, own_lines):
    ws, _ = landlord
    figure = own_lines[0]["north"]["repairs-on-time"].place
    rows = open_recipe(ws, figure.recipe, NORTH.homes)
    assert sum(row.numerator for row in rows if row.counted) == figure.parts[0].value
    assert sum(row.counted for row in rows) == figure.parts[1].value
    first = rows[0]
    assert (first.table, first.key, first.file, first.row) == ("repair", "R1", "repairs-repair.csv", 1)
    assert [row.key for row in rows if not row.counted] == ["R50"]


def test_every_figure_adds_up_to_its_rows(landlord, own_lines):
    ws, _ = landlord
    for name, line in own_lines[0]["north"].items():
        if line.place.status in ("suppressed", "missing"):
            continue
        rows = [row for row in open_rows(ws, name, NORTH.homes) if row.counted]
        top = line.place.parts[0].value if line.place.parts else line.place.value
        assert sum(row.numerator for row in rows) == pytest.approx(top), name


def test_figures_as_of_an_earlier_load_do_not_know_the_later_ones(landlord):
    ws, _ = landlord
    with pytest.raises(Refusal, match="never loaded"):
        open_rows(ws, "asb-cases", as_of=2)
    assert len(open_rows(ws, "homes", as_of=1)) == 100


def test_an_unknown_indicator_or_a_published_figure_does_not_open_to_rows(landlord):
    ws, _ = landlord
    with pytest.raises(Refusal):
        open_rows(ws, "no-such")
    with pytest.raises(Refusal):
        open_recipe(ws, "published:imd-score?place=x")


def test_every_own_indicator_runs_on_empty_tables(landlord, tmp_path):
    con = connect()
    for name in {t for i in own_catalogue().values() for t in (i.table, *(j for j, _ in i.join))}:
        columns = [f"{field.name} {_TYPES[field.type]}" for field in standard_table(name).fields]
        con.execute(f"create table {name} ({', '.join(columns)}, _organisation varchar, _source varchar, "
                    "_load bigint, _row bigint)")  # fmt: skip
    assert own.prepare(con)
    own.put_pieces(con, {})
    found = own.counts(con, own_catalogue(), AS_AT)
    assert all(not isinstance(counts, str) for counts in found.values()), found
