"""Check lettings under the pack of the lettings log 2026/27, with all its rules: aim, 200,000 rows in under a minute.

    python benchmarks/lettings.py [--rows 200000] [--provider LA] [--runs 3]

The file is made from one letting, the one of the official template with the country's number where it is wrong, with
other values in most cells of every row, many of them odd: people, incomes, rents by authority and bedrooms, dates,
codes that are not offered. Each run is a process of its own, so that its peak memory is its own. The time is that of
the check and of counting its findings, without the imports.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

TODAY = date(2026, 10, 1)
BASE = {
    1: "ORG1", 2: "ORG1", 4: "1", 7: "2", 8: "1", 9: "4", 10: "26", 11: "1", 13: "1", 14: "1", 15: "1", 16: "5",
    17: "1", 19: "1 Example Road", 21: "Exampleton", 23: "S1", 24: "1AA", 26: "1", 27: "1", 28: "1", 29: "1",
    30: "4", 31: "25", 36: "3", 37: "1", 38: "2", 41: "20", 42: "F", 43: "1", 45: "1", 46: "826", 47: "1", 90: "1",
    91: "6", 92: "3", 93: "1", 94: "1", 100: "1", 101: "1", 111: "1", 112: "2", 113: "50", 115: "30", 116: "1",
    117: "2", 121: "1", 122: "1", 127: "1", 128: "1", 129: "1", 130: "1", 135: "2", 138: "1", 139: "2", 140: "1",
    141: "1", 142: "100", 143: "0", 144: "0", 145: "0", 146: "3",
}  # fmt: skip
#: The source of referral is asked of each kind of provider in its own way.
REFERRAL = {"LA": {131: "1"}, "PRP": {132: "6", 133: "1", 134: "1"}}

#: SQL for the cells that differ from row to row, by field number; i is the row's number from 0.
VARIED = {
    4: "case when i % 50 = 3 then '2' else '1' end",
    7: "case when i % 12 = 5 then '1' when i % 997 = 5 then '7' else '2' end",
    8: "cast(1 + i % 28 as varchar)",
    9: "cast(4 + i % 8 as varchar)",
    11: "cast(1 + i % 5 as varchar)",
    14: "'H' || lpad(cast(i as varchar), 7, '0')",
    16: "cast((array[5, 6, 8, 9, 10, 11, 12, 13, 15, 18, 19, 20, 22])[1 + i % 13] as varchar)",
    25: "las[1 + i % len(las)]",
    26: "cast((array[1, 2, 4, 6, 7, 8])[1 + i % 6] as varchar)",
    28: "cast(1 + i % 5 as varchar)",
    30: "cast(1 + i % 12 as varchar)",
    32: "case when i % 3 = 0 then cast(1 + i % 31 as varchar) end",
    33: "case when i % 3 = 0 then cast(1 + i % 3 as varchar) end",
    34: "case when i % 3 = 0 then '26' end",
    38: "cast((array[2, 4, 5, 6, 7, 8])[1 + i % 6] as varchar)",
    40: "case when i % 6 in (1, 3) then cast(1 + i % 8 as varchar) end",
    41: "case when i % 50 = 7 then 'R' else cast(16 + i % 53 as varchar) end",
    42: "(array['F', 'M', 'R'])[1 + i % 3]",
    47: "case when i % 70 = 9 then '12' else cast((array[0, 1, 2, 4, 6, 7, 10])[1 + i % 7] as varchar) end",
    48: "case when i % 2 = 0 then cast(1 + i % 66 as varchar) end",
    49: "case when i % 2 = 0 then cast(1 + i % 3 as varchar) end",
    50: "case when i % 2 = 0 then (array['F', 'M'])[1 + i // 2 % 2] end",
    51: "case when i % 2 = 0 then '1' end",
    53: "case when i % 2 = 0 then cast((array[0, 1, 2, 6])[1 + i // 2 % 4] as varchar) end",
    54: "case when i % 4 = 0 then cast(1 + i % 15 as varchar) end",
    56: "case when i % 4 = 0 then 'M' end",
    57: "case when i % 4 = 0 then '1' end",
    59: "case when i % 4 = 0 then '9' end",
    93: "case when i % 20 = 3 then '1' else '2' end",
    111: "cast((array[2, 6, 7, 8])[1 + i % 4] as varchar)",
    113: "case when i % 90 = 1 then '99' else cast((array[2, 4, 50, 51])[1 + i % 4] as varchar) end",
    115: "cast((array[3, 6, 30, 31, 32, 35])[1 + i % 6] as varchar)",
    120: "case when i % 6 = 0 then las[1 + i // 6 % len(las)] end",
    135: "cast(1 + i % 3 as varchar)",
    136: "case when i % 3 = 0 then cast(1 + i // 3 % 3 as varchar) end",
    137: "case when i % 3 = 0 then cast((array[250, 1100, 14000])[1 + i // 3 % 3] as varchar) end",
    138: "cast((array[1, 3, 6, 9, 10])[1 + i % 5] as varchar)",
    139: "cast(1 + i % 4 as varchar)",
    141: "case when i % 9 = 2 then cast(1 + i % 11 as varchar) else '1' end",
    142: "case when i % 500 = 9 then '1OO' else cast(90 + i % 70 + i % 4 * 0.25 as varchar) end",
    143: "cast(i % 27 as varchar)",
    146: "cast(1 + i % 3 as varchar)",
    147: "case when i % 3 = 0 then cast(i % 90 as varchar) end",
}


def make_file(file: Path, rows: int, provider: str) -> None:
    """The lettings, with a row of the official field numbers before them."""
    import duckdb

    from placemaker.standard.packs import pack

    base = BASE | REFERRAL[provider]
    cells = ", ".join(f'{VARIED.get(n) or _quoted(base.get(n, ""))} as "{n}"' for n in range(1, 148))
    lookup = pack("core-2026").lookups["rent_ranges"].path
    duckdb.execute(
        f"""copy (with known as (select list(distinct la order by la) as las
            from read_csv('{lookup}', all_varchar = true))
        select '' as "Field number", {cells} from range({rows}) t(i), known order by i) to '{file}' (header)"""
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def run(file: Path, provider: str) -> None:
    """Check the file, and write the seconds it took, the peak memory and what was found."""
    from placemaker.standard.check import check

    start = time.perf_counter()
    with check(file, pack="core-2026", given={"provider": provider}, today=TODAY) as told:
        found, rows = len(told.findings), told.rows_in
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{took:.2f} {peak:.0f} {rows} {found}")


def main() -> None:
    """Make the file, check it in processes of their own, and print the median."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--provider", choices=["LA", "PRP"], default="LA")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    told = options.parse_args()
    if told.one:
        return run(told.one, told.provider)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lettings.csv"
        make_file(file, told.rows, told.provider)
        command = [sys.executable, __file__, "--one", str(file), "--provider", told.provider]
        runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(told.runs)]
    times, peaks, rows, found = zip(*(map(float, one.split()) for one in runs), strict=True)
    print(f"{rows[0]:,.0f} lettings checked in {statistics.median(times):.1f} s (of {told.runs} runs), with a peak of")
    print(f"{max(peaks):,.0f} MB; {found[0]:,.0f} findings.")
    return None


if __name__ == "__main__":
    main()
