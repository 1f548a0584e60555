"""Options that several commands share, and the kinds of values they take."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click


class Day(click.ParamType):
    """A day written as 2026-04-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-04-01.", param, ctx)


A_FILE = click.Path(path_type=Path)
A_FOLDER = click.Path(path_type=Path, file_okay=False)

workspace = click.option(
    "--workspace",
    "-w",
    type=A_FOLDER,
    default=Path("."),
    show_default="this folder",
    envvar="PLACEMAKER_WORKSPACE",
    help="The landlord's workspace.",
)
maybe_workspace = click.option(
    "--workspace", "-w", type=A_FOLDER, envvar="PLACEMAKER_WORKSPACE", help="The landlord's workspace."
)
today = click.option("--today", type=Day(), metavar="DATE", help="The day that rules call today (default: today).")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
as_of = click.option("--as-of", type=int, metavar="LOAD", help="Read the lake as it was after this load.")
who = click.option("--who", envvar="PLACEMAKER_WHO", help="Who does this (default: the name you are signed in by).")


def person(who: str | None) -> str:
    """Who is at the keyboard, for the record of loads."""
    import getpass

    if who:
        return who
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """``("provider=PRP",)`` as names and values."""
    for one in given:
        if "=" not in one:
            raise click.BadParameter(f"{one!r} is not NAME=VALUE, such as provider=PRP.", param_hint="'--given'")
    return dict(one.split("=", 1) for one in given)
