"""``placemaker place``: the landlord's homes in areas, and why some are in none."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.screen import Progress, count, print_json


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
        with unplaced.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(placing.head)
            writer.writerows(placing.unplaced)
    if as_json:
        print_json(
            {
                "layer": placing.layer,
                "homes": placing.homes,
                "placed": placing.placed,
                "by_way": dict(placing.by_way),
                "not_placed": dict(placing.reasons),
            }
        )
        return
    click.echo(sentence(placing))
    for way, homes in placing.by_way:
        click.echo(f"  by {way}: {homes:,}")
    for reason, homes in placing.reasons:
        click.echo(f"  not placed, {reason}: {homes:,}")
    if unplaced:
        click.echo(f"The homes that were not placed are in {unplaced}.")


def sentence(placing: Any) -> str:
    """``12,043 of 12,061 homes (99.9%) are placed in layer oa21.``"""
    # A share just below 100% must not be rounded up to it.
    share = int(1000 * placing.placed / placing.homes) / 10 if placing.homes else 0.0
    return f"{placing.placed:,} of {count(placing.homes, 'home')} ({share:.1f}%) are placed in layer {placing.layer}."
