"""``placemaker totals`` and ``placemaker quality``: agreeing with finance, and faults sent to their owners."""

from __future__ import annotations

from pathlib import Path

import click

from placemaker.cli import options
from placemaker.cli.app import CLEAN, FINDINGS, kept
from placemaker.cli.screen import Progress, print_json


@click.command("totals", short_help="Reconcile the lake to figures that finance knows.")
@click.argument("file", type=options.A_FILE)
@options.workspace
@options.as_of
@click.option("--most", type=click.IntRange(0), default=20, show_default=True, help="Show at most so many accounts.")
@options.as_json
def totals_command(file: Path, workspace: Path, as_of: int | None, most: int, as_json: bool) -> int:
    """Compare the lake with the control totals in FILE, and name the accounts that explain a gap.

    \b
    FILE is YAML:
      as_at: 2026-03-31
      totals:
      - {id: homes, title: Homes, table: home, measure: count, by: dwelling_type,
         where: "unit_kind = 'home' and status = 'in_management'", expected: {flat: 711, house: 851}}
      - {id: weekly-debit, title: Weekly debit, measure: weekly_debit, expected: 176468.27, accounts: debit.csv}
      - {id: balances, title: Balances, measure: balance, where: "status = 'current'", expected: 375726.46}
    A measure is count, sum(FIELD), balance, weekly_debit or yearly_debit. Accounts are finance's own list:
    account_ref,amount.

    \b
    Example:
      placemaker totals control_totals.yaml --workspace ours

    Exit code 1 where they do not agree, else 0.
    """
    from placemaker.jobs.totals import totals

    with Progress("Comparing with finance"):
        found = totals(workspace, file, as_of)
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(found.sentence())
        for line in () if found.matches else found.lines(most):
            click.echo(f"  {line}")
    return CLEAN if found.matches else FINDINGS


@click.command("quality", short_help="Write a page of faults for the owner of each export.")
@options.workspace
@click.option("--source", help="Only this source (default: each one).")
@click.option("--out", type=options.A_FOLDER, default=Path("quality"), show_default=True, help="Where to write them.")
def quality_command(workspace: Path, source: str | None, out: Path) -> None:
    """Write a page for each export that can be sent to the owner of its system: faults by what they cost, worst first.

    The rows are attached as CSV, and the count of the load before stands beside each fault.

    \b
    Examples:
      placemaker quality --workspace ours
      placemaker quality --source tenancies --out for-the-housing-team
    """
    from placemaker.jobs.quality import quality_pages

    with Progress("Writing quality pages") as progress:
        pages = quality_pages(workspace, out, source=source, progress=progress)
    kept(f"{len(pages)} pages in {out}")
    for page in pages:
        click.echo(page)
