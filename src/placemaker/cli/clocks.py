"""``placemaker clocks``: what the law gives a time for, what is due, and what is late."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import CLEAN, FINDINGS
from placemaker.cli.screen import Progress, count, table

#: The verdicts as columns, in this order.
VERDICTS = ("overdue", "late", "cannot tell", "running", "met", "not started")


class LoadOrMoment(click.ParamType):
    """A load's number, a day, or a day and a time."""

    name = "load or date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | date | datetime:
        if not isinstance(value, str):
            return value
        if value.isdigit() and len(value) < 8:
            return int(value)
        try:
            return date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no load, day or time: write 12, 2026-04-01 or '2026-04-01 17:00'.", param, ctx)


@click.command("clocks", short_help="Say which time limits of the law are met, due and late.")
@click.argument("file", type=options.A_FILE, required=False)
@click.option("--pack", required=True, metavar="PACK", help="Whose clocks: awaab-2025, complaints-2024, safety-2023.")
@click.option("--as", "as_table", metavar="TABLE", help="The file is in the standard's own columns for this table.")
@click.option("--mapping", type=options.A_FILE, help="The mapping from the file's columns to the standard's fields.")
@options.maybe_workspace
@click.option(
    "--as-of",
    type=LoadOrMoment(),
    metavar="LOAD|DATE",
    help="The lake as it was after this load, or the day or moment to judge by (default: now).",
)
@click.option("--today", type=options.Day(), metavar="DATE", help="The day to judge by, as in other commands.")
@click.option("--out", type=options.A_FILE, help="Write every clock of every case to this .csv, .parquet or .xlsx.")
@click.option("--most", type=click.IntRange(0), default=10, show_default=True, help="Show at most so many overdue.")
@options.as_json
def clocks_command(
    file: Path | None,
    pack: str,
    as_table: str | None,
    mapping: Path | None,
    workspace: Path | None,
    as_of: int | date | datetime | None,
    today: date | None,
    out: Path | None,
    most: int,
    as_json: bool,
) -> int:
    """Say how every time limit of PACK stands, for the cases in FILE or in a workspace.

    A clock is met, late (done too late), overdue (not done, and its time is up), running, not started, or it cannot be
    told: a clock in hours needs times of day, and an export that holds days alone does not have them. Days are
    working days in England where the law says so. A day given by --as-of or --today means the end of that day.

    \b
    Examples:
      placemaker clocks --pack awaab-2025 --workspace ours
      placemaker clocks damp.csv --as hazard_case --pack awaab-2025
      placemaker clocks "Damp tracker.xlsx" --mapping damp.yaml --pack awaab-2025 --as-of 2026-03-31
      placemaker clocks --pack complaints-2024 --workspace ours --out complaints.xlsx

    Exit code 1 where a clock is late or overdue, else 0.
    """
    from placemaker.jobs.clocks import look_at_clocks

    load = as_of if type(as_of) is int else None
    moment = as_of if isinstance(as_of, date) else today
    if isinstance(as_of, date) and today is not None:
        raise click.UsageError("Give the day once: --as-of or --today.")
    if file is not None and bool(as_table) == bool(mapping):
        raise click.UsageError("Say what FILE holds: --as TABLE or --mapping FILE.")
    with Progress("Looking at the clocks") as progress:
        found = look_at_clocks(
            pack, file=file, table=as_table, mapping=mapping, workspace=workspace, now=moment, as_of=load,
            progress=progress,
        )  # fmt: skip
    with found:
        if out:
            found.write(out)
        if as_json:
            write_json(found)
        else:
            click.echo(text(found, most))
            if out:
                click.echo(f"\nEvery clock of every case is in {out}.")
        return CLEAN if found.clean else FINDINGS


def text(found: Any, most: int) -> str:
    """What the screen shows: how many stand how, clock by clock, and the longest overdue."""
    cases = ", ".join(f"{number:,} in {name}" for name, number in found.cases.items())
    lines = [f"{found.pack.title} ({found.pack.name}) at {found.now:%H:%M} on {found.now.day} {found.now:%B %Y}."]
    without = clockless(found)
    lines.append(f"Cases: {cases}{f'; {without:,} with no clock (see below)' if without else ''}.")
    lines.append("")
    counts = found.count()
    lines.append(table(("clock", *VERDICTS), ((clock, *map(by.get, VERDICTS)) for clock, by in counts.items())))
    lines += [f"Left out: {clock} ({why})." for clock, why in found.left_out.items()]
    if without:
        lines.append("A case has no clock where none was in force for its kind and day, or none of them is about it.")
    total = sum(by["overdue"] for by in counts.values())
    if total:
        lines += ["", f"{count(total, 'clock')} overdue, the longest first:"]
        lines += [f"  {row.key}: {row.clock}, due {due(row)}, {behind(row)}" for row in found.overdue(most)]
        if total > most:
            lines.append(f"  and {total - most:,} more (--out FILE writes them all)")
    return "\n".join(lines)


def clockless(found: Any) -> int:
    """How many cases no clock counts for: a hazard of a kind that has not commenced, or of before the law."""
    query = f"select count(*) from (select distinct table_name, key from {found.relation})"
    return sum(found.cases.values()) - found.con.execute(query).fetchone()[0]


def due(row: Any) -> str:
    """When it was due, in words."""
    if row.due_at:
        return f"{row.due_at:%H:%M} on {row.due_at.day} {row.due_at:%B %Y}"
    return f"{row.due_date.day} {row.due_date:%B %Y}"


def behind(row: Any) -> str:
    """How late it is: in hours for a clock in hours, else in days."""
    if row.late_hours is not None:
        hours = row.late_hours
        return f"{hours:,.1f} hours ago" if hours < 48 else f"{count(int(hours // 24), 'day')} ago"
    working = f" ({count(row.late_working_days, 'working day')})" if row.late_working_days is not None else ""
    return f"{count(row.late_days, 'day')}{working} ago"


def write_json(found: Any) -> None:
    """One JSON object, its clocks written one by one as they come."""
    head = {"pack": found.pack.name, "now": found.now.isoformat(), "cases": found.cases, "left_out": found.left_out}
    head["counts"] = found.count()
    click.echo(json.dumps(head, ensure_ascii=False)[:-1] + ', "clocks": [', nl=False)
    comma = "\n"
    for row in found:
        sys.stdout.write(comma + json.dumps(row.to_json(), ensure_ascii=False))
        comma = ",\n"
    click.echo("\n]}")
