"""Temporary folders of a process that was killed are removed by the next one."""

import subprocess
import sys
import tempfile
from pathlib import Path

from placemaker.lake.scratch import scratch_folder


def test_what_a_killed_process_left_goes_and_what_a_living_one_uses_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = tmp_path / f"placemaker-{ended.pid}-abc"
    left.mkdir()
    (left / "copy.csv").write_text("made up")
    (tmp_path / "placemaker-notes").mkdir()
    with scratch_folder() as outer:
        assert not left.exists()
        with scratch_folder():
            assert Path(outer).is_dir()
    assert [folder.name for folder in tmp_path.iterdir()] == ["placemaker-notes"]
