"""Check the files of several tables together: parents and the rules across tables are looked for in all of them."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from placemaker.lake import Workspace, connect
from placemaker.lake.errors import Refusal
from placemaker.standard.check import Check, Run
from placemaker.standard.findings import Findings
from placemaker.standard.mapping import direct_mapping
from placemaker.standard.outputs import not_over
from placemaker.standard.reading import Progress
from placemaker.standard.schema import Severity, table_names
from placemaker.standard.schema import table as table_of

#: The files that a folder may hold for a table.
_ENDINGS = (".parquet", ".csv", ".xlsx")


class Together:
    """What the checks of several files found: ``checks`` by table, and ``findings`` of all in the order of the files.

    Close it, or use it in a ``with`` block, to free its memory.
    """

    def __init__(self, checks: dict[str, Check], findings: Findings, closing: ExitStack) -> None:
        self.checks, self.findings, self._closing = checks, findings, closing

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the rows and the connection."""
        self._closing.close()

    @property
    def rows_in(self) -> int:
        """The records of all the files."""
        return sum(check.rows_in for check in self.checks.values())

    @property
    def rows_held_back(self) -> int:
        """The records that no table could take."""
        return sum(check.rows_held_back for check in self.checks.values())

    @property
    def rows_elsewhere(self) -> int:
        """The records that belong to no table: none, since each file is all of one table."""
        return sum(check.rows_elsewhere for check in self.checks.values())

    def count_by_severity(self) -> dict[Severity, int]:
        """How many findings there are of each severity, worst first."""
        return self.findings.count_by_severity()

    def count_by_rule(self) -> dict[str, int]:
        """How many findings there are of each rule, most first."""
        return self.findings.count_by_rule()

    def write_findings(self, path: str | Path) -> Path:
        """Write every finding to a .csv, .parquet or .xlsx file, by the end of its name."""
        return self.findings.write(not_over(path, *(check.file for check in self.checks.values())))


def check_together(
    files: AnyMapping[str, str | Path] | str | Path,
    *,
    today: date | None = None,
    workspace: Workspace | None = None,
    progress: Progress | None = None,
) -> Together:
    """Check ``files``, in the standard's own columns, by table; or all those of a folder, each named as its table is.

    ``check`` looks for a parent in its own file and the lake; this looks in every file. ``today`` is the day that rules
    go by. Raises Refusal where a file cannot be read or a folder holds none.
    """
    files = files_of(Path(files)) if isinstance(files, str | Path) else files
    today, tell = today or date.today(), progress or (lambda _: None)
    nation = (workspace.settings.get("nation") if workspace else None) or "England"
    closing = ExitStack()
    with ExitStack() as until_done:
        until_done.callback(closing.close)
        con = connect()
        closing.callback(con.close)
        if workspace:
            workspace.attach(con)
        runs = {
            name: Run(con, closing, Path(file), direct_mapping(table_of(name)), today, nation, workspace is not None,
                      prefix="_together")
            for name, file in files.items()
        }  # fmt: skip
        for run in runs.values():
            run.read(tell)
        tables = {name: compiled for run in runs.values() for name, compiled in run.tables.items()}
        findings = Findings(con, "_together_finding", "")
        for run in runs.values():
            run.look_across(tell, tables)
            findings.add_all(f"select * from {run.findings.relation}")
        until_done.pop_all()
    return Together({name: run.result for name, run in runs.items()}, findings, closing)


def files_of(folder: Path) -> dict[str, Path]:
    """The files of a folder that are named as tables of the standard are, by table; a Refusal where there are none."""
    if not folder.is_dir():
        raise Refusal("There is no such folder.", str(folder), "Check its name.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.stem in table_names() and path.suffix.lower() in _ENDINGS:
            if path.stem in found:
                raise Refusal(f"Two files are for {path.stem}.", f"{found[path.stem]} and {path}", "Leave one of them.")
            found[path.stem] = path
    if not found:
        raise Refusal(
            "The folder holds no file that is named as a table of the standard is.",
            str(folder),
            "Name each file by its table, such as tenancy.csv.",
        )
    return found
