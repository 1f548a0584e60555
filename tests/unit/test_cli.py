"""What the command line says and how it ends; the rooms below it are stood in for."""

import errno
import json
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from placemaker.cli import check, screen
from placemaker.cli.app import COMMANDS, run
from placemaker.lake import Refusal, Workspace


def fails_with(monkeypatch, failure):
    """Make every command that opens a workspace fail so."""

    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(Workspace, "open", fail)


def finding(rule="tenancy.tenancy_ref.unique", severity="reject", row=2, **more):
    plain = {"file": "t.csv", "row": row, "key": f"T{row}", "field": "tenancy_ref", "value": f"T{row}"}
    return SimpleNamespace(**plain | {"rule": rule, "severity": severity, "message": "Twice."} | more)


class Found:
    """Findings as a check gives them: read once from the first to the last, or the first of each rule."""

    def __init__(self, findings):
        self.findings = findings
        self.stream = iter(findings)

    def __iter__(self):
        return self.stream

    def first_of_each(self, rows):
        by_rule = {}
        for one in self.findings:
            by_rule.setdefault(one.rule, []).append(one)
        return {rule: found[:rows] for rule, found in by_rule.items()}


def result_of(*findings, rows_in=10, held_back=0, elsewhere=0):
    def count(name):
        counts = {}
        for one in findings:
            counts[getattr(one, name)] = counts.get(getattr(one, name), 0) + 1
        return counts

    return nullcontext(
        SimpleNamespace(
            rows_in=rows_in,
            rows_held_back=held_back,
            rows_elsewhere=elsewhere,
            findings=Found(findings),
            count_by_severity=lambda: count("severity"),
            count_by_rule=lambda: count("rule"),
        )
    )


@pytest.fixture
def checked(monkeypatch):
    """Let ``placemaker check`` find what the test says."""

    def found(*findings, **about):
        monkeypatch.setattr("placemaker.jobs.load.check_export", lambda *_, **__: result_of(*findings, **about))

    return found


# --- how a command ends ----------------------------------------------------------------------------------------------


def test_a_refusal_is_one_plain_message_and_exit_code_2(monkeypatch, capsys):
    fails_with(monkeypatch, Refusal("There is no workspace here", "ours", "Make one with placemaker init."))
    assert run(["loads"]) == 2
    said = capsys.readouterr()
    assert said.err == "ours: There is no workspace here. Make one with placemaker init.\n"
    assert said.out == ""


def test_a_failure_nobody_foresaw_shows_and_logs_no_data(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PLACEMAKER_HOME", str(tmp_path))
    fails_with(monkeypatch, ValueError("Could not convert string 'Mrs Patel' to INT32"))
    assert run(["loads"]) == 2
    said = capsys.readouterr()
    (log,) = (tmp_path / "log").iterdir()
    assert "Patel" not in said.err + said.out + log.read_text()
    assert str(log) in said.err
    assert "builtins.ValueError" in log.read_text()
    assert "in fail" in log.read_text(), "the log says where in the code"


def test_a_log_names_every_failure_of_a_chain_without_its_text(monkeypatch, tmp_path):
    monkeypatch.setenv("PLACEMAKER_HOME", str(tmp_path))
    try:
        try:
            raise KeyError("NINO QQ123456C")
        except KeyError:
            raise RuntimeError("while reading QQ123456C") from None
    except RuntimeError as failure:
        from placemaker.cli.mishap import describe

        text = describe(failure)
    assert "builtins.RuntimeError" in text and "builtins.KeyError" in text
    assert "QQ123456C" not in text


def test_debug_shows_the_whole_failure(monkeypatch):
    fails_with(monkeypatch, ValueError("as it was"))
    with pytest.raises(ValueError, match="as it was"):
        run(["--debug", "loads"])


def test_ctrl_c_says_that_nothing_was_changed(monkeypatch, capsys):
    fails_with(monkeypatch, KeyboardInterrupt())
    assert run(["loads"]) == 2
    assert "Stopped. Nothing was changed." in capsys.readouterr().err


def test_ctrl_c_that_the_engine_turned_into_an_error_of_its_own_is_ctrl_c(monkeypatch, capsys):
    for own in (RuntimeError("Query interrupted"), Refusal("An expression fails on a row of the file")):
        own.__context__ = KeyboardInterrupt()
        fails_with(monkeypatch, own)
        assert run(["loads"]) == 2
        assert capsys.readouterr().err.strip() == "Stopped. Nothing was changed."


def test_ctrl_c_after_a_change_does_not_deny_it(monkeypatch, capsys):
    class Record:
        number = 7

        @property
        def source(self):  # read for the message, when the load is taken back already
            raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "open", lambda *_: SimpleNamespace(undo=lambda who: Record()))
    assert run(["undo"]) == 2
    assert "Stopped. Already done and kept: load 7 is taken back." in capsys.readouterr().err


def test_a_full_disk_is_said_in_plain_words(monkeypatch, capsys):
    fails_with(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    assert run(["loads"]) == 2
    assert capsys.readouterr().err.startswith("The disk is full. Nothing was changed.")


def test_a_mistyped_command_or_option_is_exit_code_2(capsys):
    assert run(["lod"]) == 2
    assert run(["check", "--sideways", "a.csv"]) == 2
    assert "--sideways" in capsys.readouterr().err


def test_every_command_has_help_with_an_example(capsys):
    for name in COMMANDS:
        assert run([name, "--help"]) == 0
        said = capsys.readouterr().out
        assert f"placemaker {name}" in said.split("Example")[1], name
    assert run(["--help"]) == 0


# --- check -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "code"), [("reject", 1), ("error", 1), ("query", 0), ("note", 0)])
def test_only_a_reject_or_an_error_makes_exit_code_1(checked, severity, code):
    checked(finding(severity=severity))
    assert run(["check", "t.csv", "--as", "tenancy"]) == code


def test_a_clean_file_is_exit_code_0(checked, capsys):
    checked()
    assert run(["check", "t.csv", "--as", "tenancy"]) == 0
    assert capsys.readouterr().out == "t.csv: 10 rows in, 0 held back.\nNo findings.\n"


def test_check_as_json_is_one_object_with_every_finding(checked, capsys):
    checked(*(finding(row=row, value='a "quoted" é') for row in range(1, 2001)), rows_in=3000, held_back=2000)
    assert run(["check", "t.csv", "--as", "tenancy", "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert plain["rows_in"] == 3000 and plain["rows_held_back"] == 2000
    assert len(plain["findings"]) == 2000
    assert list(plain["findings"][0]) == ["file", "row", "key", "field", "value", "rule", "severity", "message"]
    assert plain["findings"][0]["value"] == 'a "quoted" é'


def test_check_as_json_of_a_clean_file_is_json_too(checked, capsys):
    checked()
    assert run(["check", "t.csv", "--as", "tenancy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_the_worst_rule_comes_first_and_the_rest_is_counted(checked, capsys):
    notes = [finding(rule="n", severity="note", row=row) for row in range(1, 10)]
    checked(*notes, finding(rule="r", severity="reject"), finding(rule="e", severity="error"))
    run(["check", "t.csv", "--as", "tenancy"])
    said = capsys.readouterr().out
    assert "11 findings: 1 reject, 1 error, 9 note." in said
    assert said.index("reject  r") < said.index("error   e") < said.index("note    n")
    assert "and 6 more" in said


def test_check_needs_a_table_or_a_mapping_and_not_both(capsys):
    assert run(["check", "t.csv"]) == 2
    assert "--as TABLE" in capsys.readouterr().err
    assert run(["check", "t.csv", "--as", "tenancy", "--mapping", "m.yaml"]) == 2
    assert "one of them" in capsys.readouterr().err


def test_a_day_is_written_as_the_standard_writes_it(capsys):
    assert run(["check", "t.csv", "--as", "tenancy", "--today", "01/04/2026"]) == 2
    assert "2026-04-01" in capsys.readouterr().err


# --- load ------------------------------------------------------------------------------------------------------------


def test_a_load_says_how_much_its_file_holds(capsys):
    for said in ([], ["--full", "--period", "2026-W14"], ["--add", "--period", "2026"]):
        assert run(["load", "t.csv", "--as", "tenancy", *said]) == 2
        assert "--full, --period PERIOD or --add" in capsys.readouterr().err


# --- on the screen ---------------------------------------------------------------------------------------------------


def test_a_table_sets_numbers_to_the_right_and_cuts_long_text():
    text = screen.table(
        ("name", "homes", "note"), [("North Moor", 1204, "y" * 80), ("x" * 80, 7, ""), (None, None, None)]
    )
    lines = text.split("\n")
    assert lines[2].startswith("North Moor") and lines[2].endswith("  1,204  " + "y" * 80)
    assert lines[3].endswith("…      7")
    assert len(lines) == 5


def test_a_count_has_its_word():
    assert [screen.count(n, "home") for n in (0, 1, 12061)] == ["no homes", "1 home", "12,061 homes"]
    assert screen.count(2, "balance", "balances") == "2 balances"


def test_progress_is_silent_where_there_is_no_terminal(capsys):
    with screen.Progress("Reading") as progress:
        progress("Reading", 1, 2)
    assert capsys.readouterr().err == ""


def test_severities_are_summed_and_named():
    assert check.severities({"error": 9, "reject": 3}) == "12 findings: 3 reject, 9 error."
    assert check.severities({}) == "No findings."


def test_a_profile_says_how_many_homes_could_be_placed_and_why_the_others_could_not():
    from types import SimpleNamespace

    from placemaker.cli.profile import placed

    lost = (("in Wales: the pack covers England", 8), ("not a postcode", 1))
    said = placed(SimpleNamespace(homes_count=1_209, not_placed=lost))
    assert said == "1,200 of your 1,209 homes could be placed; 9 could not (8 in Wales, 1 not a postcode)."
    assert placed(SimpleNamespace(homes_count=5, not_placed=())) == ""


def test_a_folder_of_tables_is_checked_together(tmp_path, capsys):
    (tmp_path / "home.csv").write_text("home_ref,unit_kind,status\nH1,home,in_management\n")
    (tmp_path / "tenancy.csv").write_text(
        "tenancy_ref,home_ref,tenancy_type,start_date\nT1,H1,secure,2020-01-06\nT2,H9,secure,2020-01-06\n"
    )
    assert run(["check", str(tmp_path), "--today", "2026-04-01"]) == 1
    said = capsys.readouterr().out
    assert "3 rows in, 0 held back." in said
    assert "tenancy.csv, row 2, T2: Home reference 'H9' is not among" in said
    assert run(["check", str(tmp_path), "--as", "tenancy"]) == 2
    assert "Leave out --as" in capsys.readouterr().err
    assert run(["check", str(tmp_path), "--report", str(tmp_path / "out")]) == 2
    assert "Give one of the folder's files" in capsys.readouterr().err
