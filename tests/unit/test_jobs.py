"""The jobs: which pack is meant, and how an export says what it holds."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from placemaker.jobs import place
from placemaker.jobs.load import check_export
from placemaker.lake import Refusal, Workspace


@pytest.fixture
def installed(monkeypatch):
    """Let these packs be the ones that are installed."""

    def packs(*names):
        monkeypatch.setattr(place, "installed_packs", lambda: [SimpleNamespace(name=name) for name in names])

    monkeypatch.setattr(place, "Pack", SimpleNamespace(open=lambda name: SimpleNamespace(name=name)))
    return packs


def test_the_only_pack_installed_is_meant(installed):
    installed("england")
    assert place.choose_pack().name == "england"


def test_the_pack_that_is_named_comes_before_the_workspaces_and_that_before_the_only_one(installed):
    installed("england")
    ours = Workspace(Path(), {"pack": "hollowbrook"})
    assert place.choose_pack("trafford", ours).name == "trafford"
    assert place.choose_pack(None, ours).name == "hollowbrook"
    assert place.choose_pack(None, Workspace(Path(), {"pack": None})).name == "england"


def test_among_several_packs_one_is_to_be_named(installed):
    installed("england", "trafford")
    with pytest.raises(Refusal, match="--pack"):
        place.choose_pack()


def test_without_a_pack_it_is_said_how_to_get_one(installed):
    installed()
    with pytest.raises(Refusal, match="pack build FOLDER --recipe england") as refusal:
        place.choose_pack()
    assert "pack install" in str(refusal.value)


def test_an_export_is_either_in_the_standards_columns_or_has_a_mapping(tmp_path):
    for said in ({}, {"table": "home", "mapping": tmp_path / "m.yaml"}):
        with pytest.raises(Refusal, match="--mapping"):
            check_export(tmp_path / "homes.csv", **said)
