"""The pack of the lettings log 2026/27 beside the official service: what each says of the same rows.

Each row of the sample holds the 147 cells and the fields that the service's own parser found at fault, its questions
(soft checks) among them. Fields 1 to 6 and 18 to 25 are left out: they need the service's registers of organisations,
schemes and addresses. Only the set of fields is compared, for our words are our own.
"""

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pytest

from placemaker.standard.check import check

LEFT_OUT = {*map(str, range(1, 7)), *map(str, range(18, 26))}
#: The day of the check: within the year of collection, and after the start of every tenancy in it that the rows hold.
TODAY = date(2026, 10, 1)

#: Rows on which the two may differ, by their number in the sample, and why.
REASONS: dict[int, str] = {}


@dataclass(frozen=True)
class Compared:
    """One row: the fields that each side found at fault, and our rules for those that the service did not find."""

    number: int
    theirs: frozenset[str]
    ours: frozenset[str]
    rules: tuple[str, ...]

    @property
    def same(self) -> bool:
        return self.theirs == self.ours

    def __str__(self) -> str:
        parts = [f"row {self.number}"]
        if missed := self.theirs - self.ours:
            parts.append(f"only the service finds {', '.join(sorted(missed, key=int))}")
        if extra := self.ours - self.theirs:
            parts.append(f"only the pack finds {', '.join(sorted(extra, key=int))} ({', '.join(self.rules)})")
        return "; ".join([*parts, REASONS.get(self.number, "the reason is not known")])


@pytest.fixture(scope="module")
def compared(shared_data, tmp_path_factory):
    sample = shared_data / "core" / "lettings_2026_verdicts_sample.jsonl.gz"
    if not sample.is_file():
        pytest.skip("the official verdicts are not in the shared data")
    with gzip.open(sample, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [one for provider in ("LA", "PRP") for one in _compare(rows, provider, tmp_path_factory.mktemp(provider))]


def _compare(rows, provider, folder):
    mine = [row for row in rows if row["provider"] == provider]
    file = folder / "lettings.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(["Field number", *range(1, 148)])
        lines.writerows(["", *(row["fields"].get(f"field_{n}", "") for n in range(1, 148))] for row in mine)
    found, rules = defaultdict(set), defaultdict(dict)
    with check(file, pack="core-2026", given={"provider": provider}, today=TODAY) as told:
        for one in told.findings:
            found[one.row].add(one.field)
            rules[one.row][one.field] = one.rule
    for place, row in enumerate(mine, 1):
        theirs = frozenset(error["field"].removeprefix("field_") for error in row["errors"]) - LEFT_OUT
        ours = frozenset(found[place]) - LEFT_OUT
        yield Compared(row["id"], theirs, ours, tuple(sorted({rules[place][field] for field in ours - theirs})))


def _share(rows) -> float:
    rows = list(rows)
    return sum(rows) / len(rows)


def test_every_row_of_the_sample_is_compared(compared):
    assert len(compared) == 733
    assert sum(bool(one.theirs) for one in compared) > 400


def test_at_least_99_rows_of_100_are_valid_or_not_as_the_service_says(compared):
    differ = [str(one) for one in compared if bool(one.theirs) != bool(one.ours)]
    print(*differ, sep="\n")
    assert _share(bool(one.theirs) == bool(one.ours) for one in compared) >= 0.99, "\n".join(differ)


def test_at_least_97_rows_of_100_have_the_fields_that_the_service_names(compared):
    differ = [str(one) for one in compared if not one.same]
    share = _share(one.same for one in compared)
    print(f"{share:.2%} of {len(compared)} rows have the same fields at fault", *differ, sep="\n")
    assert share >= 0.97, "\n".join(differ)


def test_each_row_that_differs_has_its_reason_written(compared):
    assert {one.number for one in compared if not one.same} == set(REASONS), "\n".join(
        str(one) for one in compared if not one.same and one.number not in REASONS
    )
