"""The workspace: one folder that holds one landlord's lake and settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import yaml

from placemaker.lake import snapshot
from placemaker.lake.connect import LAKE_EXTENSIONS, connect
from placemaker.lake.errors import Refusal
from placemaker.lake.guard import one_writer, remove_orphans
from placemaker.lake.snapshot import LoadRecord
from placemaker.lake.write import Writer

#: What a new workspace is set to. ``share_gone`` is the share of rows that a load may take away without asking.
SETTINGS: dict[str, Any] = {
    "name": "",
    "organisation": "",
    "share_gone": 0.10,
    "smallest_count": 5,
    "pack": None,
    "made_up": False,
    "neighbourhoods": [],
}


class Workspace:
    """One landlord's lake and settings. Make one with :meth:`create` or :meth:`open`; it holds nothing open."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder, self.settings = folder, settings
        self.lake = folder / "lake"

    @classmethod
    def create(cls, folder: str | Path, *, organisation: str, name: str) -> Workspace:
        """Make a workspace in ``folder``, which is made where it is missing. Raises Refusal where there is one."""
        folder = Path(folder)
        workspace = cls(folder, SETTINGS | {"name": name, "organisation": organisation})
        if workspace.lake.exists():
            raise Refusal("There is a workspace here already.", str(folder), "Use it, or choose another folder.")
        making = folder / "lake.making"
        try:
            shutil.rmtree(making, ignore_errors=True)
            snapshot.create_catalogue(making)
            workspace.save_settings()
            making.rename(workspace.lake)  # Last, so that a stop before it leaves no workspace, and none half made.
        except (OSError, duckdb.Error):
            shutil.rmtree(making, ignore_errors=True)
            raise Refusal(
                "The workspace cannot be made.", str(folder), "Choose a folder that you may write to, with room on it."
            ) from None
        return workspace

    @classmethod
    def open(cls, folder: str | Path) -> Workspace:
        """The workspace in ``folder``. Raises Refusal where there is none."""
        folder = Path(folder)
        file = folder / "workspace.yaml"
        if not file.is_file() or not (folder / "lake" / "catalogue.sqlite").is_file():
            raise Refusal(
                "There is no workspace here.", str(folder), "Name its folder, or make one: placemaker init --help."
            )
        try:
            settings = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            settings = None
        if not isinstance(settings, dict):
            raise Refusal("The settings cannot be read as YAML.", str(file), "Correct the file, or restore a backup.")
        return cls(folder, SETTINGS | settings)

    def save_settings(self) -> None:
        """Write ``settings`` to workspace.yaml, whole or not at all."""
        text = yaml.safe_dump(self.settings, sort_keys=False, allow_unicode=True)
        part = self.folder / "workspace.yaml.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.folder / "workspace.yaml")

    # --- reading --------------------------------------------------------------------------------------------------

    @contextmanager
    def read(self, as_of: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to read with: every table of the lake is a view of its own name, as it was after load ``as_of``.

        Without ``as_of`` it is the newest load, and stays that one while the block lasts, whatever is loaded meanwhile.
        Raises Refusal where there is no such load.
        """
        con = connect(*LAKE_EXTENSIONS)
        try:
            _, version = self._attach(con, as_of)
            snapshot.show_tables(con, version)
            yield con
        finally:
            con.close()

    def attach(self, con: duckdb.DuckDBPyConnection, as_of: int | None = None) -> int:
        """Attach the lake to ``con`` as ``lake``, READ_ONLY and as it was after load ``as_of`` (the newest without).

        Returns the load number. For a connection of one's own, to check against what is loaded already.
        """
        number, _ = self._attach(con, as_of)
        return number

    def _attach(self, con: duckdb.DuckDBPyConnection, as_of: int | None) -> tuple[int, int]:
        snapshot.attach(con, self.lake)
        known = snapshot.versions(con)
        number = max(known) if as_of is None else as_of
        if number not in known:
            raise Refusal(f"There is no load {as_of}.", str(self.folder), "See the loads with: placemaker loads")
        snapshot.attach(con, self.lake, version=known[number])
        return number, known[number]

    def snapshot(self) -> int:
        """The newest load number, an undo counting as one; 0 where nothing was loaded yet."""
        with self._catalogue() as con:
            return max(snapshot.versions(con))

    def loads(self) -> list[LoadRecord]:
        """The record of every load, newest first; those taken back are marked."""
        with self._catalogue() as con:
            return snapshot.loads(con)

    def table_names(self) -> list[str]:
        """The standard's tables that the lake holds."""
        with self._catalogue() as con:
            return [name for name in snapshot.table_names(con) if name not in snapshot.OWN_TABLES]

    def findings(self, number: int) -> list[dict[str, Any]]:
        """The findings of load ``number``, worst first, in the order of the file; also of one that was taken back."""
        order = "list_position(['reject', 'error', 'query', 'note'], severity), table_name, row, field, rule"
        with self.read(as_of=number) as con:
            found = con.execute(f"select * exclude (_row) from finding where _load = ? order by {order}", [number])
            return _dicts(found)

    def held_back(self, number: int) -> list[dict[str, Any]]:
        """The rows that load ``number`` held back: ``table_name``, ``_row`` and ``row``, the row's cells as JSON."""
        with self.read(as_of=number) as con:
            return _dicts(con.execute("from held_back where _load = ? order by table_name, _row", [number]))

    @contextmanager
    def _catalogue(self) -> Iterator[duckdb.DuckDBPyConnection]:
        con = connect()
        try:
            snapshot.attach(con, self.lake)
            yield con
        finally:
            con.close()

    # --- writing --------------------------------------------------------------------------------------------------

    @contextmanager
    def write(self, who: str, con: duckdb.DuckDBPyConnection | None = None) -> Iterator[Writer]:
        """The one writer of the lake, as ``who``. Raises Refusal at once where another holds it.

        ``con`` is a connection made by :func:`connect` in which the rows were staged and checked already, outside the
        lock; the lake is attached to it here, and detached at the end.
        """
        with one_writer(self.lake, who) as last_was_killed:
            own = con is None
            con = connect() if own else con
            try:
                snapshot.attach(con, self.lake, writing=True)
                if last_was_killed:
                    remove_orphans(con, self.lake)
                yield Writer(con, who, self.settings["organisation"])
            except BaseException:
                with suppress(duckdb.Error, OSError):
                    remove_orphans(con, self.lake)
                raise
            finally:
                if own:
                    con.close()
                else:
                    snapshot.detach(con)

    def undo(self, who: str) -> LoadRecord:
        """Take back the newest load that is not undone yet; its record. Raises Refusal where there is none."""
        with self.write(who) as writer:
            return writer.undo()


def _dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
