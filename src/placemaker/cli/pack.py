"""``placemaker pack``: place packs are built from official files, installed, and listed."""

from __future__ import annotations

from pathlib import Path

import click

from placemaker.cli import options
from placemaker.cli.app import kept
from placemaker.cli.screen import Progress, print_json


@click.group("pack", short_help="Build, install and list place packs.")
def pack_command() -> None:
    """A place pack holds areas, boundaries, postcodes and published indicators of one country or region.

    \b
    Examples:
      placemaker pack build downloads/ --recipe england --out england-pack
      placemaker pack install england-pack
      placemaker pack list
    """


@pack_command.command("build")
@click.argument("folder", type=options.A_FOLDER)
@click.option("--recipe", required=True, help="A recipe of ours (england, trafford) or a recipe file of yours.")
@click.option("--out", type=options.A_FOLDER, required=True, help="The folder for the pack.")
def build(folder: Path, recipe: str, out: Path) -> None:
    """Build a place pack from the official files in FOLDER, as a recipe says.

    \b
    Example:
      placemaker pack build downloads/ --recipe england --out england-pack
    """
    from placemaker.places import build_pack

    with Progress("Building the pack") as progress:
        pack = build_pack(folder, recipe, out, progress=progress)
    kept(f"the pack in {out}")
    click.echo(f"The place pack {pack.name} ({pack.title}) is in {out}. Next: placemaker pack install {out}")


@pack_command.command("install")
@click.argument("path", type=options.A_FILE)
def install(path: Path) -> None:
    """Install the place pack in PATH for everybody who works with this Placemaker.

    \b
    Example:
      placemaker pack install england-pack
    """
    from placemaker.places import install_pack

    with Progress("Installing the pack"):
        pack = install_pack(path)
    click.echo(f"The place pack {pack.name} ({pack.title}) is installed.")


@pack_command.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List the place packs that are installed."""
    from placemaker.places import installed_packs

    packs = installed_packs()
    if as_json:
        print_json([{"name": p.name, "title": p.title, "vintage": p.vintage, "made_up": p.made_up} for p in packs])
    elif not packs:
        click.echo("No place pack is installed. See placemaker pack --help.")
    for pack in () if as_json else packs:
        click.echo(f"{pack.name}: {pack.title}{' (made up)' if pack.made_up else ''}")
        click.echo(f"  {pack.vintage}")
        click.echo(f"  layers: {', '.join(pack.layers)}")
