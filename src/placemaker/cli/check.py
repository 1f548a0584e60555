"""``placemaker check``: the rules that an export breaks, without keeping anything."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import click

from placemaker.cli import options
from placemaker.cli.app import CLEAN, FINDINGS
from placemaker.cli.screen import Progress, count
from placemaker.lake.errors import Refusal

WORST_FIRST = ("reject", "error", "query", "note")

#: The keys of a finding in JSON, in this order.
FINDING = ("file", "row", "key", "field", "value", "rule", "severity", "message")


@click.command("check", short_help="Say which rules an export breaks; nothing is kept.")
@click.argument("file", type=options.A_FILE)
@click.option("--as", "table", metavar="TABLE", help="The file is in the standard's own columns for this table.")
@click.option("--mapping", type=options.A_FILE, help="The mapping from the file's columns to the standard's fields.")
@click.option("--pack", metavar="NAME", help="The pack of a statutory form: see placemaker forms.")
@click.option(
    "--given", multiple=True, metavar="NAME=VALUE", help="What the pack has to be told, such as provider=PRP."
)
@options.maybe_workspace
@options.today
@click.option("--findings", type=options.A_FILE, help="Write every finding to this .csv, .xlsx or .parquet file.")
@click.option(
    "--fix", type=options.A_FILE, help="Write suggested corrections to this .csv or .xlsx; nothing is changed."
)
@click.option("--report", type=options.A_FOLDER, help="Write a report for the file's owner here: HTML, Excel and CSV.")
@options.as_json
def check_command(
    file: Path,
    table: str | None,
    mapping: Path | None,
    pack: str | None,
    given: tuple[str, ...],
    workspace: Path | None,
    today: date | None,
    findings: Path | None,
    fix: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Say which rules FILE breaks: CSV, Excel or Parquet. Nothing is kept.

    FILE may be a folder of files in the standard's own columns, each named as its table is (tenancy.csv): they are
    checked together, so that a parent in another file is found.

    With a workspace, parents are looked for in its lake as well: a tenancy's home, a charge's account. With a pack,
    FILE is in the columns of its form, with the official header rows, other columns first, or none; a finding then
    names the form's own field number. A pack's rules on the standard's tables need --as or --mapping too.

    \b
    Examples:
      placemaker check tenancy.csv --as tenancy
      placemaker check "Tenancies June.xlsx" --mapping tenancies.yaml
      placemaker check published-tables --findings faults.parquet
      placemaker check lettings.csv --pack core-2026 --given provider=PRP
      placemaker check tenancy.csv --as tenancy --today 2026-04-01 --findings faults.csv
      placemaker check tenancy.csv --as tenancy --json > faults.json
      placemaker check tenancy.csv --as tenancy --fix corrections.xlsx --report for-the-owner

    Exit code 1 where a finding is of severity reject or error, else 0.
    """
    from placemaker.jobs.load import check_export

    if file.is_dir() and (fix or report):
        raise Refusal("Corrections and reports are made of one file", str(file), "Give one of the folder's files.")
    _look_at_outputs(file, mapping, findings, fix)
    with ExitStack() as until_done:
        with Progress(f"Checking {file.name}") as progress:
            result = until_done.enter_context(
                check_export(
                    file,
                    table=table,
                    mapping=mapping,
                    pack=pack,
                    given=options.pairs(given),
                    workspace=workspace,
                    today=today,
                    progress=progress,
                )
            )
        if findings:
            result.write_findings(findings)
        said = [f"Every finding is in {findings}."] if findings else []
        if fix:
            said.append(write_corrections(result, fix))
        if report:
            said.append(write_report(result, report, file))
        if as_json:
            write_json(result)
        else:
            click.echo(f"{file.name}: {accounting(result)}")
            click.echo(findings_text(result))
            if unread := result.unread_columns if mapping else []:
                click.echo(
                    f"\nThe mapping takes no field straight from {count(len(unread), 'column')}: {', '.join(unread)}."
                )
            if said:
                click.echo("\n" + "\n".join(said))
        return exit_code(result.count_by_severity())


def _look_at_outputs(file: Path, mapping: Path | None, findings: Path | None, fix: Path | None) -> None:
    """A Refusal, before anything is done, where an output would take the place of an input or of the other output."""
    from placemaker.standard.outputs import not_over

    for one in filter(None, (findings, fix)):
        not_over(one, file, *([mapping] if mapping else []))
    if findings and fix and findings.resolve() == fix.resolve():
        raise Refusal("The findings and the corrections would be one file", str(fix), "Give each a name of its own.")


def write_corrections(result: Any, file: Path) -> str:
    """Write the suggested corrections, and say how many there are and how sure."""
    corrections = result.corrections()
    corrections.write(file)
    by_sure = corrections.count_by_sure()
    sure = ", ".join(f"{many:,} {kind}" for kind, many in by_sure.items() if many)
    many = count(sum(by_sure.values()), "suggested correction")
    return f"{many[0].upper()}{many[1:]}{f' ({sure})' if sure else ''} in {file}. Nothing was changed."


def write_report(result: Any, folder: Path, file: Path) -> str:
    """Write the quality report of the file, and say where it is."""
    from placemaker.jobs.quality import quality_of_check

    with Progress(f"Writing the report of {file.name}"):
        page = quality_of_check(result, folder, title=file.stem)
    return f"The report is {page.html}; its rows are in {page.workbook} and {page.attachment}."


def exit_code(by_severity: dict[str, int]) -> int:
    """1 where a row is held back or flagged, else 0: a question or a note is no fault."""
    return FINDINGS if by_severity.get("reject") or by_severity.get("error") else CLEAN


def accounting(result: Any) -> str:
    """Rows in = rows that would be loaded + rows held back, in words."""
    elsewhere = f" {count(result.rows_elsewhere, 'row')} of the file belong elsewhere." if result.rows_elsewhere else ""
    return f"{count(result.rows_in, 'row')} in, {result.rows_held_back:,} held back.{elsewhere}"


def severities(by_severity: dict[str, int]) -> str:
    """``12 findings: 3 reject, 9 query``."""
    total = sum(by_severity.values())
    if not total:
        return "No findings."
    parts = ", ".join(f"{by_severity[kind]:,} {kind}" for kind in WORST_FIRST if by_severity.get(kind))
    return f"{count(total, 'finding')}: {parts}."


def findings_text(result: Any, rows: int = 3) -> str:
    """The summary, then the findings rule by rule, worst first, with the first rows of each."""
    lines = [severities(result.count_by_severity())]
    several = len(getattr(result, "checks", ())) > 1
    for rule, severity, how_many, first in by_rule(result, rows):
        lines.append("")
        lines.append(f"{severity:6}  {rule}  ({count(how_many, 'finding')})")
        for finding in first:
            where = f"row {finding.row:,}" if finding.row else "the whole file"
            where = f"{finding.file}, {where}" if several else where
            key = f", {finding.key}" if finding.key else ""
            field = f", field {finding.field}" if finding.field.isdecimal() else ""
            lines.append(f"        {where}{key}{field}: {finding.message}")
        if how_many > len(first):
            lines.append(f"        and {how_many - len(first):,} more (--findings FILE writes them all)")
    return "\n".join(lines)


def by_rule(result: Any, rows: int) -> list[tuple[str, str, int, list[Any]]]:
    """(rule, severity, findings, the first of them), the worst severity and then the most findings first."""
    first = result.findings.first_of_each(rows)
    severity = {rule: found[0].severity for rule, found in first.items()}
    counts = result.count_by_rule()
    order = sorted(first, key=lambda rule: (WORST_FIRST.index(severity[rule]), -counts[rule], rule))
    return [(rule, severity[rule], counts[rule], first[rule]) for rule in order]


def write_json(result: Any) -> None:
    """One JSON object, its findings written one by one as they come."""
    head = {"rows_in": result.rows_in, "rows_held_back": result.rows_held_back}
    head["findings_by_severity"] = result.count_by_severity()
    click.echo(json.dumps(head, ensure_ascii=False)[:-1] + ', "findings": [', nl=False)
    sys.stdout.writelines(_json_items(result.findings))
    click.echo("\n]}")


def _json_items(findings: Iterable[Any]) -> Iterable[str]:
    comma = "\n"
    for finding in findings:
        plain = {name: getattr(finding, name) for name in FINDING}
        yield comma + json.dumps(plain, ensure_ascii=False, default=str)
        comma = ",\n"
