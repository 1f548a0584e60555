"""``placemaker profile``: what published data and the landlord's own say of a place, in three forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import kept
from placemaker.cli.screen import Progress, count, print_json, write_rows


class Circle(click.ParamType):
    """Easting, northing and radius in metres: 379500,396600,800."""

    name = "E,N,METRES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        try:
            east, north, metres = (float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no circle: write easting, northing and metres as 379500,396600,800.", param, ctx)
        return east, north, metres


@click.command("profile", short_help="Profile neighbourhoods as web page, PDF and Word.")
@options.maybe_workspace
@click.option("--neighbourhood-column", "column", metavar="COLUMN", help="A column of the homes: patch, estate_ref ...")
@click.option("--only", multiple=True, metavar="NAME", help="Only the place of this name; may be repeated.")
@click.option("--postcodes", type=options.A_FILE, help="A file with a column of postcodes, one row a home.")
@click.option("--postcodes-names", type=options.A_FILE, help="A file of postcode,name: a neighbourhood for each name.")
@click.option("--codes", metavar="A,B", help="Area codes of one layer, put together.")
@click.option("--polygon", type=options.A_FILE, help="A GeoJSON file with the outline of a place.")
@click.option("--radius", type=Circle(), help="A circle: easting, northing and metres.")
@click.option("--name", help="What to call the place, for --postcodes, --codes, --polygon and --radius.")
@click.option("--pack", help="The place pack (default: the workspace's, or the only one installed).")
@click.option("--layer", help="Make neighbourhoods of areas of this layer (default: the pack's finest).")
@options.as_of
@click.option("--out", type=options.A_FOLDER, default=Path("reports"), show_default=True, help="Where to write them.")
@click.option(
    "--form",
    "forms",
    multiple=True,
    type=click.Choice(("html", "pdf", "docx")),
    help="Only this form; may be repeated (default: all three).",
)
@click.option("--unplaced", type=options.A_FILE, help="Write the postcodes that are in no area to this CSV file.")
@options.as_json
def profile_command(
    workspace: Path | None,
    column: str | None,
    only: tuple[str, ...],
    postcodes: Path | None,
    postcodes_names: Path | None,
    codes: str | None,
    polygon: Path | None,
    radius: tuple[float, float, float] | None,
    name: str | None,
    pack: str | None,
    layer: str | None,
    as_of: int | None,
    out: Path,
    forms: tuple[str, ...],
    unplaced: Path | None,
    as_json: bool,
) -> None:
    """Profile places: need beside the landlord's own performance, with comparators, a map and charts.

    A column of postcodes is enough: no workspace and no personal data are needed for it.

    \b
    Examples:
      placemaker profile --postcodes homes.csv --pack england --out report
      placemaker profile --workspace hollowbrook --neighbourhood-column patch --only "North Moor"
      placemaker profile --codes E01005061,E01005062 --name "Two streets"
      placemaker profile --polygon estate.geojson --radius 379500,396600,800
    """
    from placemaker.jobs.profile import FORMS, UNPLACED, Asked, profile_places

    asked = Asked(
        column=column,
        only=only,
        postcodes=postcodes,
        named_postcodes=postcodes_names,
        codes=tuple(code.strip() for code in codes.split(",")) if codes else (),
        polygon=polygon,
        circle=radius,
        name=name,
    )
    if not any((column, postcodes, postcodes_names, asked.codes, polygon, radius)):
        raise click.UsageError(
            "Say which place: --neighbourhood-column, --postcodes, --postcodes-names, --codes, --polygon or --radius."
        )
    if unplaced and not (postcodes or postcodes_names):
        raise click.UsageError(
            "--unplaced goes with --postcodes or --postcodes-names; for the homes of a lake, placemaker place has it."
        )
    with Progress("Opening the place pack") as progress:
        found = profile_places(
            asked,
            out,
            workspace=workspace,
            pack=pack,
            layer=layer,
            as_of=as_of,
            forms=forms or FORMS,
            progress=progress,
        )
    kept(f"{count(len(found.written), 'profile')} in {out}")
    if unplaced:
        write_rows(unplaced, UNPLACED, found.unplaced)
    if as_json:
        print_json([_plain(one) for one in found.written])
        return
    for one in found.written:
        made_up = one.profile.made_up and "made up" not in one.profile.title
        click.echo(one.profile.title + (" (made up)" if made_up else ""))
        for said in filter(None, (placed(one.profile.neighbourhood), most_deprived(one.profile))):
            click.echo(f"  {said}")
        for file in one.files.values():
            click.echo(f"  {file}")
    for name, reason in found.left_out:
        click.echo(f"Left out: {name + ': ' if name else ''}{reason}.")
    if unplaced and found.unplaced:
        click.echo(f"What could not be placed is in {unplaced}.")


def placed(neighbourhood: Any) -> str:
    """``12,041 of your 12,061 homes could be placed; 20 could not (8 in Wales, ...).``, or nothing where all could."""
    lost = neighbourhood.not_placed
    if not lost or not neighbourhood.homes_count:
        return ""
    total, gone = neighbourhood.homes_count, sum(homes for _, homes in lost)
    reasons = ", ".join(f"{homes:,} {reason.partition(':')[0]}" for reason, homes in lost)
    return f"{total - gone:,} of your {total:,} homes could be placed; {gone:,} could not ({reasons})."


def most_deprived(profile: Any) -> str:
    """``412 of your 12,061 homes are in England's most deprived 1%.``, or nothing where no home is known."""
    country = next((one.title for one in profile.comparators if one.key == "england"), "the country")
    country = country.removesuffix(" (made up)")
    for percent, share in sorted(profile.most_deprived.items()):
        if share.known and share.parts and (share.parts[0].value or percent == max(profile.most_deprived)):
            homes, all_homes = share.parts
            which = " that could be placed" if profile.neighbourhood.not_placed else ""
            are = "is" if homes.value == 1 else "are"
            return (
                f"{homes.text()} of your {all_homes.text()} homes{which} {are} in {country}'s most deprived {percent}%."
            )
    return ""


def _plain(written: Any) -> dict[str, Any]:
    profile = written.profile
    return {
        "title": profile.title,
        "layer": profile.layer,
        "made_up": profile.made_up,
        "homes": profile.homes_count.to_json(),
        "not_placed": dict(profile.neighbourhood.not_placed),
        "residents": profile.residents.to_json(),
        "most_deprived": {str(percent): share.to_json() for percent, share in profile.most_deprived.items()},
        "lines": [_line(line) for line in (*profile.lines, *profile.own)],
        "files": {form: str(file) for form, file in written.files.items()},
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "indicator": line.indicator.id,
        "place": line.place.to_json(),
        "homes": line.homes.to_json() if line.homes else None,
        "comparators": {key: figure.to_json() for key, figure in line.comparators.items()},
    }
