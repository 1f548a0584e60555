"""``placemaker place``: the landlord's homes in areas, and why some are in none."""

from __future__ import annotations

from pathlib import Path

import click

from placemaker.cli import options
from placemaker.cli.screen import Progress, print_json, write_rows


@click.command("place", short_help="Place the homes of a lake in areas.")
@options.workspace
@click.option("--pack", help="The place pack (default: the workspace's, or the only one installed).")
@click.option("--layer", help="The layer, such as oa21 or lsoa21 (default: the pack's finest).")
@options.as_of
@click.option("--unplaced", type=options.A_FILE, help="Write the homes that could not be placed to this CSV file.")
@options.as_json
def place_command(
    workspace: Path, pack: str | None, layer: str | None, as_of: int | None, unplaced: Path | None, as_json: bool
) -> None:
    """Place every home in an area, and give a reason for each home that is in none.

    \b
    Examples:
      placemaker place --workspace hollowbrook
      placemaker place --layer lsoa21 --unplaced unplaced.csv
    """
    from placemaker.jobs.place import place_homes

    with Progress("Placing homes") as progress:
        placing = place_homes(workspace, pack=pack, layer=layer, as_of=as_of, progress=progress)
    if unplaced:
        write_rows(unplaced, placing.head, placing.unplaced)
    coverage = placing.coverage
    if as_json:
        plain = {"layer": placing.layer, "homes": coverage.homes, "placed": coverage.placed}
        plain |= {"how": coverage.how, "not_placed": coverage.reasons, "doubtful": coverage.doubtful}
        print_json(plain)
        return
    click.echo(coverage.words())
    if coverage.how:
        ways = ", ".join(f"{homes:,} by {_WAY.get(way, way)}" for way, homes in coverage.how.items())
        click.echo(f"In layer {placing.layer}: {ways}.")
    for note, homes in coverage.doubtful.items():
        click.echo(f"Doubtful: {note}: {homes:,}")
    if unplaced and placing.unplaced:
        click.echo(f"The homes that were not placed are in {unplaced}.")


_WAY = {"point": "grid reference", "snapped": "the nearest area"}
