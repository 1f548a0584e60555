"""``placemaker forms``: the statutory forms that a file can be checked by, and for which dates."""

from __future__ import annotations

import click

from placemaker.cli import options
from placemaker.cli.screen import print_json


@click.command("forms", short_help="List the statutory forms that a file can be checked by.")
@click.option("--on", "day", type=options.Day(), metavar="DATE", help="Only the packs that are for this day.")
@options.as_json
def forms_command(day: object, as_json: bool) -> None:
    """List the packs: each is one statutory form for one span of dates, with what it has to be told.

    \b
    Examples:
      placemaker forms
      placemaker forms --on 2026-04-01
      placemaker check lettings.csv --pack core-2026
    """
    from placemaker.standard.packheads import heads

    found = [one for one in heads().values() if day is None or (one.start <= day and (not one.end or day <= one.end))]
    if as_json:
        print_json([_plain(one) for one in found])
        return
    if not found:
        click.echo("No form is for that day.")
    for one in found:
        click.echo(f"{one.name}: {one.title}")
        until = f"to {one.end}" if one.end else "until a later pack"
        where = f", in {' and '.join(one.nations)}" if one.nations else ""
        click.echo(f"  for {one.start} {until}{where}")
        for told in one.parameters.values():
            known = f" ({' or '.join(told.values)}; {told.default} unless given)" if told.values else ""
            click.echo(f"  --given {told.name}=...: {told.title}{known}")


def _plain(one: object) -> dict[str, object]:
    names = ("name", "form", "edition", "title", "description", "start", "end", "follows", "nations")
    plain = {name: getattr(one, name) for name in names}
    plain["parameters"] = [
        {"name": told.name, "title": told.title, "values": told.values, "default": told.default}
        for told in one.parameters.values()
    ]
    return plain
