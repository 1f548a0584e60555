"""A made-up pack of a small form, for several folders of tests."""

import csv
from pathlib import Path

PACK = """
form: flat
edition: "{edition}"
title: The flat log {edition}
start: {edition}-04-01
parameters:
  provider: {{title: Kind of landlord, values: [LA, PRP], default: LA}}
shown_key: ref
older: {{"3": the flat log of before}}
"""
TABLE = """
name: flat_log
title: Flats
schema:
  fields:
  - {name: ref, number: "1", type: string, title: Reference}
  - {name: beds, number: "2", type: integer, title: Bedrooms, constraints: {minimum: 0}}
  - {name: rent, number: "3", type: number, title: Rent}
  - {name: period, number: "4", type: integer, title: Rent period, codelist: period}
"""
DERIVED = """
- {name: weeks, type: integer, value: case period when 1 then 1 when 2 then 2 end}
- {name: weekly, type: number, value: "rent / nullif(weeks, 0)"}
- lookup: limits
  on: {beds: 'least(beds, 2)', provider: provider}
  gives: {most: number}
- {name: share, type: number, value: "weekly / nullif(most, 0)"}
"""
RULES = """
- id: rent-needs-period
  expect: rent is null or raw_period is not null
  fields: [rent, period]
  severity: error
  message: A rent of {rent} needs its period.
  dimension: completeness
- id: rent-over-limit
  expect: weekly <= most
  fields: [rent, beds]
  stage: 2
  severity: query
  message: A weekly {weekly} is more than {most} for a {provider} of {beds} bedrooms.
  dimension: accuracy
- id: beds-few
  expect: beds <= 3
  field: beds
  severity: query
  message: There are {beds} bedrooms.
  dimension: accuracy
"""
LIMITS = "beds,provider,most\n1,LA,100\n2,LA,150.50\n1,PRP,90\n2,PRP,120\n"
PERIODS = "code,label,parent,start,end,source\n1,Weekly,,,,\n2,Fortnightly,,,,\n"


def write_pack(root: Path, edition: str = "2026", **files: str) -> Path:
    """A made-up pack of two files at least: the folder of the edition."""
    folder = root / "packs" / "flat" / edition
    files = {
        "pack.yaml": PACK.format(edition=edition),
        "tables/flat_log.yaml": TABLE,
        "derived/flat_log.yaml": DERIVED,
        "rules/rent.yaml": RULES,
        "lookups/limits.csv": LIMITS,
        "codelists/period.csv": PERIODS,
    } | files
    for name, text in files.items():
        if text:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def write_csv(path: Path, *rows: list) -> Path:
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    return path


NUMBERS = ["Field number", "1", "2", "3", "4"]
