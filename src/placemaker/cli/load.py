"""``placemaker map`` and ``placemaker load``: an export becomes the standard and is kept in the lake."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import kept
from placemaker.cli.check import exit_code, severities
from placemaker.cli.screen import Progress, count, print_json


@click.command("map", short_help="Suggest a mapping from an export to the standard.")
@click.argument("file", type=options.A_FILE)
@click.option("--as", "table", metavar="TABLE", required=True, help="The table of the standard that it should become.")
@click.option("--out", type=options.A_FILE, help="Write the mapping here (default: on the screen).")
def map_command(file: Path, table: str, out: Path | None) -> None:
    """Suggest a mapping from FILE's columns and codes to the fields of a table, by their names and values.

    Read it, correct it, and give it to check and load: it is yours from then on.

    \b
    Example:
      placemaker map "Tenancies June.csv" --as tenancy --out tenancies.yaml
    """
    from placemaker.lake import Refusal
    from placemaker.standard import suggest_mapping

    if out and out.exists():
        raise Refusal("The file for the mapping is there already", str(out), "Give another name, or remove it first.")
    with Progress(f"Reading {file.name}"):
        text = suggest_mapping(file, table).to_yaml()
    if out:
        out.write_text(text, encoding="utf-8")
        click.echo(
            f"A suggested mapping is in {out}. Read it and correct it, then: placemaker check {file} --mapping {out}"
        )
    else:
        click.echo(text, nl=False)


@click.command("load", short_help="Load an export into the lake.")
@click.argument("file", type=options.A_FILE)
@click.option("--mapping", type=options.A_FILE, help="The mapping from the file's columns to the standard's fields.")
@click.option("--as", "table", metavar="TABLE", help="The file is in the standard's own columns for this table.")
@options.workspace
@click.option("--full", "kind", flag_value="full", help="The file is all there is: it replaces this source's rows.")
@click.option("--period", metavar="PERIOD", help="The file is all of a period: 2026-W14, 2026-04, 2026, a/b.")
@click.option("--add", "kind", flag_value="add", help="The file adds to what is there; a key that is known is changed.")
@click.option("--source", help="The name of the source (default: the one in the mapping).")
@click.option("--yes", is_flag=True, help="Load even where it takes many rows away, without asking.")
@options.who
@options.today
@options.as_json
def load_command(
    file: Path,
    mapping: Path | None,
    table: str | None,
    workspace: Path,
    kind: str | None,
    period: str | None,
    source: str | None,
    yes: bool,
    who: str | None,
    today: date | None,
    as_json: bool,
) -> int:
    """Load FILE into the lake as one transaction, and say what is new, changed and gone since the last load.

    Say how much the file holds: --full, --period or --add. A load that would take away more than the workspace's set
    share of rows (share_gone in workspace.yaml) asks first. Stopped at any moment, it leaves the lake as it was.

    \b
    Examples:
      placemaker load homes.csv --mapping homes.yaml --full
      placemaker load week14.csv --mapping transactions.yaml --period 2026-W14
      placemaker load new_cases.csv --as asb_case --add

    Exit code 1 where a row was held back or flagged, else 0; either way the load is kept.
    """
    from placemaker.jobs.load import load_export

    if bool(kind) == bool(period):
        raise click.UsageError("Say how much the file holds: one of --full, --period PERIOD or --add.")
    with Progress(f"Loading {file.name}") as progress:
        result = load_export(
            workspace,
            file,
            who=options.person(who),
            table=table,
            mapping=mapping,
            source=source,
            kind=kind or "period",
            period=period,
            today=today,
            confirm=(lambda difference: True) if yes else _ask(file, progress),
            progress=progress,
        )
    record = result.record
    kept(f"load {record.number}")
    with result.check as check:
        by_severity = check.count_by_severity()
        if as_json:
            plain = {"findings_by_severity": by_severity, "findings_by_rule": check.count_by_rule()}
            print_json({"load": record.to_json()} | plain)
            return exit_code(by_severity)
    click.echo(f"{file.name} is load {record.number}.")
    for part in record.tables:
        click.echo(accounting(part))
    click.echo(f"  {severities(by_severity)}")
    if sum(by_severity.values()):
        table = record.tables[0].table if len(record.tables) == 1 else "TABLE"
        click.echo(f"  See them with: placemaker show {table} --findings")
    return exit_code(by_severity)


def accounting(part: Any) -> str:
    """What one load did to one table, in words: rows in, loaded, held back, and what changed."""
    elsewhere = f", {part.elsewhere:,} elsewhere" if part.elsewhere else ""
    return (
        f"  {part.table}: {count(part.rows_in, 'row')} in, {part.loaded:,} loaded, {part.held_back:,} held back"
        f"{elsewhere}; {part.new:,} new, {part.changed:,} changed, {part.gone:,} gone"
    )


def _ask(file: Path, progress: Progress) -> Any:
    """The question before a load that takes many rows away; None (refuse) where nobody is there to answer."""
    if not sys.stdin.isatty():
        return None

    def ask(difference: Any) -> bool:
        progress.stop()
        click.echo(
            f"{file.name} would take away {difference.gone:,} of the {count(difference.before, 'row')} that are there "
            f"({difference.new:,} new, {difference.changed:,} changed).",
            err=True,
        )
        return click.confirm("Load it all the same?", default=False, err=True)

    return ask
