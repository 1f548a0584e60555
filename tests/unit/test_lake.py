"""The lake: what a load does to it, how it is read as of a load, and what a person is told when it cannot be done."""

import json
import shutil
from contextlib import contextmanager

import pytest

from placemaker.lake import Difference, Refusal, Workspace, connect

HOMES = {"home_ref": "VARCHAR", "bedrooms": "INTEGER", "built": "DATE"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("empty") / "here", organisation="ORG1", name="A Landlord")


@pytest.fixture
def workspace(empty, tmp_path) -> Workspace:
    """An empty workspace: a copy, which is quicker to have than a new one."""
    return Workspace.open(shutil.copytree(empty.folder, tmp_path / "here"))


def values(rows) -> str:
    """A SELECT of homes (home_ref, bedrooms, built) numbered as in a file."""
    listed = ", ".join(
        f"('{ref}', {bedrooms}, cast({repr(built) if built else 'null'} as date), {n})"
        for n, (ref, bedrooms, built) in enumerate(rows, 1)
    )
    return f"select * from (values {listed or '(null, 0, null, 0)'}) t(home_ref, bedrooms, built, _row) where _row > 0"


@contextmanager
def loading(workspace, source="stock", kind="full", period=None, file="h.csv", who="Ann"):
    with workspace.write(who) as writer, writer.load(source=source, kind=kind, period=period, file=file) as one:
        yield one


def load(workspace, rows, *, kind="full", period=None, source="stock", who="Ann", table="home", **put):
    with loading(workspace, source, kind, period, who=who) as one:
        one.define(table, HOMES)
        difference = one.put(table, values(rows), key=["home_ref"], period_field="built", **put)
    return one.record, difference


def homes(workspace, as_of=None, columns="home_ref, bedrooms"):
    with workspace.read(as_of) as con:
        return con.sql(f"select {columns} from home order by 1").fetchall()


#: printf 'home_ref\\nA\\n' | sha256sum
HASH = "15492baf7477c6041e5bcf6414169933a73a8509b5f82807faffdf9a455e9bb8"

FIRST = [("A", 1, "2026-03-30"), ("B", 2, "2026-04-01"), ("C", 3, "2026-04-08")]


# --- the workspace


def test_a_workspace_opens_with_the_settings_it_was_saved_with(workspace):
    workspace.settings["share_gone"] = 0.25
    workspace.save_settings()
    again = Workspace.open(workspace.folder)
    assert again.settings["share_gone"] == 0.25
    assert (again.settings["organisation"], again.settings["smallest_count"]) == ("ORG1", 5)


def test_no_workspace_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(Refusal) as refused:
        Workspace.open(tmp_path / "nowhere")
    assert "no workspace" in str(refused.value) and "placemaker init" in str(refused.value)


def test_a_second_workspace_in_one_folder_is_refused_and_the_first_kept(workspace):
    load(workspace, FIRST)
    with pytest.raises(Refusal, match="already"):
        Workspace.create(workspace.folder, organisation="ORG2", name="Another")
    assert len(homes(Workspace.open(workspace.folder))) == 3


def test_a_folder_that_cannot_be_made_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refusal, match="cannot be made"):
        Workspace.create(tmp_path / "file", organisation="ORG1", name="A Landlord")


def test_settings_that_are_not_yaml_are_refused(workspace):
    (workspace.folder / "workspace.yaml").write_text("name: [unclosed")
    with pytest.raises(Refusal, match="workspace.yaml"):
        Workspace.open(workspace.folder)


def test_a_creation_that_was_stopped_can_be_done_again(tmp_path):
    folder = tmp_path / "here"
    (folder / "lake.making" / "data").mkdir(parents=True)
    (folder / "workspace.yaml").write_text("name: half made\n")
    workspace = Workspace.create(folder, organisation="ORG1", name="A Landlord")
    assert workspace.snapshot() == 0 and Workspace.open(folder).settings["name"] == "A Landlord"


def test_a_moved_workspace_keeps_its_rows_and_its_writer(workspace, tmp_path):
    load(workspace, FIRST)
    workspace.folder.rename(tmp_path / "moved, to 'there'")
    moved = Workspace.open(tmp_path / "moved, to 'there'")
    load(moved, [("D", 4, "2026-04-08")], kind="add")
    assert [ref for ref, _ in homes(moved)] == ["A", "B", "C", "D"]


def test_the_catalogue_uses_write_ahead_logging(workspace):
    """Byte 18 of a SQLite file is its write version: 2 is write-ahead logging."""
    assert (workspace.lake / "catalogue.sqlite").read_bytes()[18] == 2


# --- loads


def test_an_empty_lake_is_load_0_and_can_be_read(workspace):
    assert (workspace.snapshot(), workspace.loads(), workspace.table_names()) == (0, [], [])
    with workspace.read() as con:
        assert con.sql("select count(*) from finding").fetchone() == (0,)


def test_rows_carry_organisation_source_load_and_row(workspace):
    load(workspace, FIRST)
    assert homes(workspace, columns="home_ref, _organisation, _source, _load, _row") == [
        ("A", "ORG1", "stock", 1, 1),
        ("B", "ORG1", "stock", 1, 2),
        ("C", "ORG1", "stock", 1, 3),
    ]


def test_a_full_extract_replaces_the_rows_of_its_source_and_no_other(workspace):
    load(workspace, FIRST)
    load(workspace, [("Z", 9, "2020-01-01")], source="other system")
    _, difference = load(workspace, [("A", 1, "2026-03-30"), ("B", 5, "2026-04-01"), ("D", 4, "2026-04-09")])
    assert difference == Difference(new=1, changed=1, gone=1, before=3)
    assert difference.share_gone == pytest.approx(1 / 3)
    assert homes(workspace) == [("A", 1), ("B", 5), ("D", 4), ("Z", 9)]


def test_what_is_gone_stays_in_history(workspace):
    load(workspace, FIRST)
    load(workspace, FIRST[:1])
    assert homes(workspace) == [("A", 1)]
    assert homes(workspace, as_of=1) == [("A", 1), ("B", 2), ("C", 3)]


def test_a_period_replaces_the_rows_of_its_days_only(workspace):
    load(workspace, FIRST)
    _, difference = load(workspace, [("D", 4, "2026-04-02")], kind="period", period="2026-W14")
    assert difference == Difference(new=1, changed=0, gone=2, before=2)  # A and B lie in 30 March to 5 April
    assert homes(workspace) == [("C", 3), ("D", 4)]


def test_in_a_period_the_same_key_on_another_day_is_the_same_row(workspace):
    load(workspace, FIRST)
    _, difference = load(workspace, [("A", 1, "2026-03-30"), ("C", 3, "2026-04-02")], kind="period", period="2026-W14")
    assert difference == Difference(new=0, changed=1, gone=1, before=2)
    assert homes(workspace, columns="home_ref, cast(built as varchar)") == [("A", "2026-03-30"), ("C", "2026-04-02")]


def test_rows_outside_the_period_are_counted(workspace):
    _, difference = load(workspace, FIRST, kind="period", period="2026-W14")
    assert (difference.new, difference.outside) == (3, 1)


def test_a_row_without_a_date_goes_when_its_period_is_sent_again(workspace):
    load(workspace, FIRST)
    with loading(workspace, kind="period", period="2026-W14") as one:
        one.put("home", values([("X", 9, None)]), key=["home_ref"], period_field="built")
    with loading(workspace, kind="period", period="2026-W15") as one:
        one.put("home", values([("Y", 9, None)]), key=["home_ref"], period_field="built")
    with loading(workspace, kind="period", period="2026-W14") as one:
        difference = one.put("home", values([("Z", 9, "2026-04-01")]), key=["home_ref"], period_field="built")
    assert difference.gone == 1
    with workspace.read() as con:
        kept = {ref for (ref,) in con.execute("select home_ref from home where built is null").fetchall()}
    assert kept == {"Y"}


def test_a_row_whose_date_could_not_be_read_is_not_outside_the_period(workspace):
    with loading(workspace, kind="period", period="2026-W14") as one:
        one.define("home", HOMES)
        rows = "select 'A' as home_ref, cast(null as date) as built, 1 as _row"
        assert one.put("home", rows, key=["home_ref"], period_field="built") == Difference(1, 0, 0, before=0, outside=0)
    assert homes(workspace) == [("A", None)]


def test_an_addition_keeps_the_others_and_the_newest_wins(workspace):
    load(workspace, FIRST)
    _, difference = load(
        workspace, [("A", 1, "2026-03-30"), ("B", 7, "2026-04-01"), ("D", 4, "2026-04-09")], kind="add"
    )
    assert (difference.new, difference.changed, difference.gone) == (1, 1, 0)
    assert homes(workspace) == [("A", 1), ("B", 7), ("C", 3), ("D", 4)]


def test_a_value_that_becomes_empty_is_a_change(workspace):
    load(workspace, FIRST)
    _, difference = load(workspace, [("A", "null", "2026-03-30"), *FIRST[1:]])
    assert difference == Difference(new=0, changed=1, gone=0, before=3)


def test_a_key_of_two_fields(workspace):
    def put(rows):
        with loading(workspace, kind="add") as one:
            select = f"select *, 1 as _row from (values {rows}) t(tenancy_ref, person_ref, role)"
            return one.put("tenancy_party", select, key=["tenancy_ref", "person_ref"])

    put("('T1', 'P1', 'tenant'), ('T1', 'P2', 'tenant')")
    assert put("('T1', 'P2', 'occupant'), ('T2', 'P1', 'tenant')") == Difference(new=1, changed=1, gone=0, before=0)
    with workspace.read() as con:
        assert con.sql("select tenancy_ref || person_ref || role from tenancy_party order by 1").fetchall() == [
            ("T1P1tenant",),
            ("T1P2occupant",),
            ("T2P1tenant",),
        ]


def test_a_field_added_to_the_standard_is_added_to_the_lake(workspace):
    load(workspace, FIRST)
    with loading(workspace) as one:
        one.define("home", HOMES | {"lift": "BOOLEAN"})
        select = "select 'A' as home_ref, 1 as bedrooms, date '2026-03-30' as built, true as lift, 1 as _row"
        assert one.put("home", select, key=["home_ref"]) == Difference(new=0, changed=1, gone=2, before=3)
    assert homes(workspace, columns="home_ref, lift") == [("A", True)]
    assert "lift" not in _columns(workspace, as_of=1)


def _columns(workspace, as_of=None):
    with workspace.read(as_of) as con:
        return con.sql("from home").columns


def test_a_field_of_another_type_is_refused(workspace):
    load(workspace, FIRST)
    with pytest.raises(Refusal, match="bedrooms is INTEGER in the lake and DATE"), loading(workspace) as one:
        one.define("home", {"home_ref": "VARCHAR", "bedrooms": "DATE"})
        one.put("home", "select 'A' as home_ref, date '2020-01-01' as bedrooms, 1 as _row", key=["home_ref"])


def test_a_field_that_the_export_has_not_is_null(workspace):
    with loading(workspace) as one:
        one.define("home", HOMES)
        one.put("home", "select 'A' as home_ref, 1 as _row", key=["home_ref"])
    assert homes(workspace, columns="*")[0][:3] == ("A", None, None)


def test_one_export_fills_two_tables_in_one_load(workspace):
    with loading(workspace) as one:
        one.put("home", values(FIRST), key=["home_ref"], held_back=1)
        one.put("garage", values(FIRST[:1]), key=["home_ref"], rows_in=4, elsewhere=3)
    record = workspace.loads()[0]
    assert [(t.table, t.rows_in, t.loaded, t.held_back, t.elsewhere) for t in record.tables] == [
        ("home", 4, 3, 1, 0),
        ("garage", 4, 1, 0, 3),
    ]
    assert (workspace.snapshot(), workspace.table_names()) == (1, ["garage", "home"])


def test_rows_in_are_rows_loaded_and_held_back(workspace):
    with pytest.raises(ValueError, match="5 rows in, but 3 loaded, 1 held back"):
        load(workspace, FIRST, rows_in=5, held_back=1)
    assert workspace.loads() == []


def test_the_record_tells_who_when_and_which_file(workspace, tmp_path):
    file = tmp_path / "homes.csv"
    file.write_text("home_ref\nA\n")
    with loading(workspace, "it's", file=file, who="Ann O'Hara") as one:
        one.put("home", values(FIRST), key=["home_ref"], held_back=2)
        one.keep_findings("select 'error' as severity, 1 as \"row\" union all select 'note', 2")
    (record,) = workspace.loads()
    assert record == one.record
    assert (record.who, record.source, record.file, record.kind, record.number) == (
        "Ann O'Hara",
        "it's",
        "homes.csv",
        "full",
        1,
    )
    assert record.file_hash == HASH
    assert (record.rows_in, record.loaded, record.held_back, record.new) == (5, 3, 2, 3)
    assert record.findings == {"error": 1, "note": 1}
    assert record.at.tzinfo is not None
    assert json.loads(json.dumps(record.to_json()))["tables"][0]["table"] == "home"


def test_findings_and_rows_held_back_are_kept_with_their_load(workspace):
    with loading(workspace) as one:
        one.put("home", values(FIRST), key=["home_ref"], held_back=1)
        one.keep_findings(
            "select * from (values ('h.csv', 7, null, 'built', '31/02/2020', 'home.built.type', 'error', 'Not a date', "
            "'home'), ('h.csv', 9, null, 'home_ref', null, 'home.home_ref.required', 'reject', 'No key.', 'home')) "
            't(file, "row", key, field, value, rule, severity, message, table_name)'
        )
        one.keep_held_back("home", "select 9 as _row, null as REF, '3 \"New\" Road' as ADDRESS")
    findings = workspace.findings(1)
    assert [(f["row"], f["severity"], f["value"]) for f in findings] == [
        (9, "reject", None),
        (7, "error", "31/02/2020"),
    ]
    (held_back,) = workspace.held_back(1)
    assert (held_back["table_name"], held_back["_row"]) == ("home", 9)
    assert json.loads(held_back["row"]) == {"REF": None, "ADDRESS": '3 "New" Road'}


def test_a_load_that_is_refused_by_its_caller_leaves_the_lake_as_it_was(workspace):
    load(workspace, FIRST)
    files = _parquet(workspace)

    class Declined(Exception):
        pass

    with pytest.raises(Declined), loading(workspace) as one:
        one.put("home", values(FIRST[:1]), key=["home_ref"])
        assert one.difference("home").gone == 2
        raise Declined
    assert (workspace.snapshot(), len(homes(workspace)), _parquet(workspace)) == (1, 3, files)


def _parquet(workspace):
    return sorted(file.name for file in (workspace.lake / "data").rglob("*.parquet"))


def test_a_load_that_fails_while_it_writes_leaves_the_lake_as_it_was_and_quotes_no_row(workspace):
    load(workspace, FIRST)
    files = _parquet(workspace)
    with pytest.raises(Refusal) as refused, loading(workspace) as one:
        one.put("home", values(FIRST[:1]), key=["home_ref"])
        one.keep_findings("select 'Mrs Secret' as \"row\", 'error' as severity")
    assert "Secret" not in str(refused.value) and "as it was" in str(refused.value)
    assert (workspace.snapshot(), len(homes(workspace)), _parquet(workspace)) == (1, 3, files)
    load(workspace, FIRST[:2])
    assert (workspace.snapshot(), len(homes(workspace))) == (2, 2)


def test_rows_staged_outside_the_lock_are_loaded_from_the_same_connection(workspace):
    con = connect()
    con.execute(f"create temp table staged as {values(FIRST)}")
    assert workspace.attach(con) == 0
    with workspace.write("Ann", con=con) as writer, writer.load(source="s", kind="full", file="h.csv") as one:
        one.put("home", "staged", key=["home_ref"])
    assert workspace.attach(con) == 1
    assert con.sql("select count(*) from lake.home").fetchone() == (3,)


def test_a_load_of_a_period_names_it(workspace):
    with pytest.raises(Refusal, match="names the period"):
        load(workspace, FIRST, kind="period")
    with pytest.raises(Refusal, match="names the period"):
        load(workspace, FIRST, kind="full", period="2026")


# --- undo, and reading as of


def test_undo_takes_back_the_newest_load_and_history_stays(workspace):
    load(workspace, FIRST)
    load(workspace, FIRST[:1])
    undone = workspace.undo("Bob")
    assert (undone.number, undone.undone, undone.undone_by) == (2, True, "Bob")
    assert len(homes(workspace)) == 3
    assert len(homes(workspace, as_of=2)) == 1
    assert workspace.snapshot() == 3  # an undo is a change of its own
    assert [(r.number, r.undone, r.undone_by) for r in workspace.loads()] == [(2, True, "Bob"), (1, False, "")]


@pytest.mark.parametrize(("kind", "period"), [("full", None), ("period", "2026-W14"), ("add", None)])
def test_undo_of_each_kind_gives_back_the_rows_as_they_were(workspace, kind, period):
    load(workspace, FIRST)
    load(workspace, FIRST, source="other")
    before = homes(workspace, columns="*")
    load(workspace, [("A", 8, "2026-04-02"), ("D", 4, "2026-04-03")], kind=kind, period=period)
    assert homes(workspace, columns="*") != before
    workspace.undo("Bob")
    assert sorted(homes(workspace, columns="*")) == sorted(before)


def test_undo_goes_newest_first_until_nothing_is_left(workspace):
    load(workspace, FIRST)
    load(workspace, FIRST[:2])
    workspace.undo("Bob")
    load(workspace, FIRST[:1])
    assert [workspace.undo("Bob").number for _ in range(2)] == [4, 1]
    assert workspace.table_names() == []
    with pytest.raises(Refusal, match="no load to undo"):
        workspace.undo("Bob")
    load(workspace, FIRST)
    assert (workspace.snapshot(), len(homes(workspace)), len(homes(workspace, as_of=4))) == (7, 3, 1)


def test_undo_takes_the_findings_back_and_they_can_still_be_read(workspace):
    with loading(workspace) as one:
        one.keep_findings("select 1 as \"row\", 'error' as severity")
    workspace.undo("Bob")
    with workspace.read() as con:
        assert con.sql("select count(*) from finding").fetchone() == (0,)
    assert len(workspace.findings(1)) == 1


def test_reading_as_of_an_unknown_load_is_refused(workspace):
    load(workspace, FIRST)
    with pytest.raises(Refusal, match="no load 7"), workspace.read(7):
        pass


def test_a_reading_connection_stays_at_its_load(workspace):
    load(workspace, FIRST)
    with workspace.read() as con:
        load(workspace, FIRST[:1])
        assert con.sql("select count(*) from home").fetchone() == (3,)


def test_a_reading_connection_cannot_write_to_the_lake(workspace):
    load(workspace, FIRST)
    with workspace.read() as con, pytest.raises(Exception, match="read-only"):
        con.execute("delete from lake.home")
    assert len(homes(workspace)) == 3


# --- the one writer


def test_a_second_writer_is_refused_at_once_and_told_who_writes(workspace):
    with workspace.write("Ann"):
        with pytest.raises(Refusal) as refused, workspace.write("Bob"):
            pass
        assert "Ann is writing to this workspace since" in str(refused.value)
    with workspace.write("Bob"):
        pass


def test_the_next_writer_clears_what_a_killed_one_left(workspace):
    load(workspace, FIRST)
    orphan = workspace.lake / "data" / "main" / "home" / "ducklake-left.parquet"
    orphan.write_bytes(b"half a file")
    (workspace.lake / "writer.lock").write_text('{"who": "Ann"}')  # a killed writer could not empty it
    load(workspace, FIRST[:1])
    assert not orphan.exists()
    assert len(homes(workspace, as_of=1)) == 3
