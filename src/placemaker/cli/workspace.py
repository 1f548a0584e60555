"""A workspace and what is in its lake: ``init``, ``loads``, ``undo``, ``show``, ``publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import kept
from placemaker.cli.screen import Progress, count, print_json, table


@click.command("init", short_help="Make a workspace for a landlord.")
@click.argument("folder", type=options.A_FOLDER)
@click.option("--name", required=True, help="The landlord's name, as reports show it.")
@click.option("--organisation", required=True, help="The landlord's short reference; part of every key.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting; may be repeated.")
def init_command(folder: Path, name: str, organisation: str, settings: tuple[str, ...]) -> None:
    """Make a workspace in FOLDER: its settings (workspace.yaml) and its empty lake.

    \b
    Settings, also to be changed in workspace.yaml later:
      share_gone      the share of rows that a load may take away without asking (0.1)
      smallest_count  the smallest count of your own people and events that is shown (5)
      pack            the place pack to use, where several are installed
      as_at           the day that your own figures are of (default: the day of the newest load)
      made_up         true where nothing in it is real

    \b
    Examples:
      placemaker init ours --name "Our Homes" --organisation OURS
      placemaker init ours --name "Our Homes" --organisation OURS --set pack=england --set smallest_count=10
    """
    from placemaker.lake import Workspace

    chosen = dict(_setting(text) for text in settings)
    workspace = Workspace.create(folder, organisation=organisation, name=name)
    if chosen:
        workspace.settings.update(chosen)
        workspace.save_settings()
    click.echo(f"The workspace of {name} is in {workspace.folder}. Its settings are in workspace.yaml.")


def _setting(text: str) -> tuple[str, Any]:
    """A setting and its value, of the kind that the setting has."""
    import yaml

    from placemaker.lake.workspace import SETTINGS

    name, _, value = text.partition("=")
    known = [name for name in (*SETTINGS, "as_at", "nation") if name not in ("name", "organisation")]
    if name not in known or not value:
        raise click.UsageError(f"{text!r} is no setting. Write NAME=VALUE, with a name of: {', '.join(known)}.")
    return name, yaml.safe_load(value)


@click.command("loads", short_help="List the loads of a workspace, newest first.")
@options.workspace
@options.as_json
def loads_command(workspace: Path, as_json: bool) -> None:
    """List the loads, newest first: what came in, what was new, changed or gone, and who did it.

    \b
    Example:
      placemaker loads --workspace hollowbrook
    """
    from placemaker.lake import Workspace

    records = Workspace.open(workspace).loads()
    if as_json:
        print_json([record.to_json() for record in records])
        return
    if not records:
        click.echo("There are no loads yet. See placemaker load --help.")
        return
    head = ("load", "source", "kind", "table", "rows in", "loaded", "held back", "elsewhere", "new", "changed", "gone")
    head += ("when (UTC)", "who", "")
    rows = (
        (
            record.number if first else None,
            record.source if first else "",
            f"{record.kind} {record.period or ''}".strip() if first else "",
            part.table,
            part.rows_in,
            part.loaded,
            part.held_back,
            part.elsewhere,
            part.new,
            part.changed,
            part.gone,
            f"{record.at:%Y-%m-%d %H:%M}" if first else "",
            record.who if first else "",
            "undone" if first and record.undone else "",
        )
        for record in records
        for first, part in ((part is record.tables[0], part) for part in record.tables)
    )
    click.echo(table(head, rows))


@click.command("undo", short_help="Take the newest load back.")
@options.workspace
@options.who
def undo_command(workspace: Path, who: str | None) -> None:
    """Take the newest load back. What it held stays in the history; say it again for the load before that.

    \b
    Example:
      placemaker undo --workspace hollowbrook
    """
    from placemaker.lake import Workspace

    record = Workspace.open(workspace).undo(options.person(who))
    kept(f"load {record.number} is taken back")
    click.echo(f"Load {record.number} of {record.source} is taken back: the lake is as it was before it.")


@click.command("show", short_help="Show rows of a table in the lake.")
@click.argument("table_name", metavar="TABLE")
@options.workspace
@options.as_of
@click.option("--where", metavar="SQL", help="Only rows for which this holds.")
@click.option("--columns", metavar="A,B", help="Only these columns.")
@click.option("--findings", is_flag=True, help="The findings of the table's rows instead of the rows.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many rows at most.")
@options.as_json
def show_command(
    table_name: str,
    workspace: Path,
    as_of: int | None,
    where: str | None,
    columns: str | None,
    findings: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show rows of TABLE as they are in the lake, or as they were after an earlier load.

    \b
    Examples:
      placemaker show home --where "stock_tenure = 'leasehold'" --columns home_ref,postcode
      placemaker show tenancy --as-of 3
      placemaker show tenancy --findings --where "severity = 'error'"
    """
    from placemaker.jobs.show import show_table

    shown = show_table(
        workspace,
        table_name,
        as_of=as_of,
        where=where,
        columns=[name.strip() for name in columns.split(",")] if columns else None,
        findings=findings,
        limit=limit,
    )
    if as_json:
        print_json([dict(zip(shown.head, row, strict=True)) for row in shown.rows])
        return
    if shown.rows:
        click.echo(table(shown.head, shown.rows))
    more = f"; the first {len(shown.rows):,} are shown" if shown.total > len(shown.rows) else ""
    click.echo(f"{count(shown.total, 'finding' if findings else 'row')}{more}.")


@click.command("publish", short_help="Write the lake as a Data Package, or as a statutory form.")
@click.argument("folder", type=options.A_FOLDER, required=False)
@options.workspace
@options.as_of
@click.option("--form", type=click.Choice(("csv", "parquet")), default="csv", show_default=True, help="Kind of file.")
@click.option("--pack", metavar="NAME", help="Write the form of this pack instead: see placemaker forms.")
@click.option("--given", multiple=True, metavar="NAME=VALUE", help="What the pack is told: provider=PRP.")
@click.option("--out", type=options.A_FILE, help="The CSV file for the form.")
def publish_command(
    folder: Path | None,
    workspace: Path,
    as_of: int | None,
    form: str,
    pack: str | None,
    given: tuple[str, ...],
    out: Path | None,
) -> None:
    """Write the tables of the lake to FOLDER under a Data Package v2 descriptor that any Frictionless tool reads.

    With a pack, write the file of its statutory form, made of the lake's tables, under the header rows of the official
    template.

    \b
    Examples:
      placemaker publish published --workspace ours
      placemaker publish published --as-of 3 --form parquet
      placemaker publish --pack core-2026 --given provider=PRP --workspace ours --out lettings.csv
    """
    from placemaker.lake import Workspace
    from placemaker.standard import publish

    if pack:
        if folder or not out:
            raise click.UsageError("A form is written to a file: give --out FILE.csv and no folder.")
        return publish_pack(Workspace.open(workspace), pack, options.pairs(given), out, as_of)
    if out or given or not folder:
        raise click.UsageError("Give the FOLDER for the Data Package, or --pack NAME and --out FILE.csv for a form.")
    with Progress("Publishing"):
        descriptor = publish(Workspace.open(workspace), folder, as_of=as_of, form=form)
    kept(f"the Data Package in {folder}")
    click.echo(f"The lake is published: {descriptor} describes it. Mind that it holds personal data.")
    return None


def publish_pack(workspace: Any, name: str, given: dict[str, str], out: Path, as_of: int | None) -> None:
    """Write the file of a form, and say what has no code in it and how to check it."""
    from placemaker.standard import pack
    from placemaker.standard.form_publish import publish_form

    with Progress(f"Writing {out.name}"):
        done = publish_form(workspace, pack(name), out, given=given, as_of=as_of)
    kept(f"the form in {out}")
    click.echo(f"{count(done.rows, 'row')} of {name} are in {out}. Mind that it holds personal data.")
    for field, number in done.uncoded.items():
        click.echo(f"Field {field}: {count(number, 'value')} without a code in the form, left empty.")
    told = "".join(f" --given {key}={value}" for key, value in given.items())
    click.echo(f"Next: placemaker check {out} --pack {name}{told}")
