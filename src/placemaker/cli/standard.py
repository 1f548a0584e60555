"""``placemaker standard``: look at the standard's own files, for whoever proposes a change to them."""

from __future__ import annotations

from pathlib import Path

import click

from placemaker.cli import options
from placemaker.cli.app import CLEAN, FINDINGS
from placemaker.cli.screen import Progress, count, print_json


@click.group("standard", short_help="Check a change to the standard's own files, or write its reference site.")
def standard_command() -> None:
    """The standard is files: tables, code lists and rules that anybody can read and propose a change to.

    \b
    Examples:
      placemaker standard check my-change
      placemaker standard site reference
    """


@standard_command.command("check")
@click.argument("folder", type=options.A_FOLDER, required=False)
@click.option("--alone", is_flag=True, help="FOLDER is a whole standard; leave the shipped files out.")
@options.as_json
def check(folder: Path | None, alone: bool, as_json: bool) -> int:
    """Say all that is wrong with the standard's files in FOLDER, each with file and line.

    FOLDER holds tables/, codelists/ and rules/, whichever it changes; they are read before the shipped files of the
    same name. Descriptors, code lists, names and SQL are looked at, and the two examples of every rule that the change
    touches are tried. Without FOLDER, the shipped standard is looked at, which takes some minutes.

    \b
    Examples:
      placemaker standard check my-change
      placemaker standard check whole-standard --alone --json

    Exit code 1 where something is wrong, else 0.
    """
    from placemaker.standard.sound import faults

    with Progress("Reading the files") as progress:
        found = faults(folder, alone=alone, tell=progress)
    if as_json:
        print_json([{"what": one.what, "where": one.where, "next": one.next} for one in found])
    else:
        for one in found:
            click.echo(str(one))
        click.echo(f"\n{count(len(found), 'problem')}." if found else "The files are sound.")
    return FINDINGS if found else CLEAN


@standard_command.command("site")
@click.argument("folder", type=options.A_FOLDER)
def site(folder: Path) -> int:
    """Write the reference site of the standard into FOLDER: plain files, to open from a disk or put on a web server.

    A page for every table, field, code list, rule and pack, with the examples of every rule run, and downloads.
    """
    from placemaker.standard.site import write_site

    with Progress("Reading the files") as progress:
        pages = write_site(folder, progress)
    click.echo(f"{count(len(pages), 'page')} written; begin with {pages[0]}.")
    return CLEAN
