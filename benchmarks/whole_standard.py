"""The whole standard over ten tables that refer to one another, beside DuckDB's bare copy of the same files to Parquet.

    python benchmarks/whole_standard.py [--rows 10000000] [--runs 3]

The files are made with SQL, a tenth of the rows in each table, 1% of them spoiled. Both candidates have two threads.
The bare copy reads each CSV and writes it as Parquet. The check reads them all, applies every rule of the standard that
these tables can answer (types, codes, ranges, unique keys, parents, rules over a row, rules across rows and tables) and
keeps every finding. Each run is a process of its own, so its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

TODAY = date(2026, 4, 1)

#: A reference is a letter and the number of its row; of every hundred rows one is spoiled, in a way of its own.
_DAY = "date '2012-01-01' + cast(i % 5000 as int)"
TABLES = {
    "home": """select 'H' || i as home_ref, cast(100000000 + i as varchar) as uprn, i || ' Mill Lane' as
        address_line_1, 'Hollowbrook' as town, 'M' || 1 + i % 9 || ' ' || 1 + i % 8 || 'AB' as postcode,
        case i % 100 when 41 then 'hous' else 'home' end as unit_kind, 'house' as dwelling_type, 1 + i % 4 as bedrooms,
        case i % 100 when 43 then 'old' else cast(1950 + i % 60 as varchar) end as year_built,
        'low_cost_rental' as stock_tenure, 'social' as rent_type, 'in_management' as status""",
    "person": f"""select 'P' || i as person_ref, 'Ann' as given_name, 'Example' ||
        translate(cast(i as varchar), '0123456789', 'abcdefghij') as family_name,
        case i % 100 when 41 then '31/02/1980' else cast({_DAY} - 15000 as varchar) end as date_of_birth,
        case i % 100 when 43 then 'x' else 'female' end as gender""",
    "household": f"""select 'U' || i as household_ref, 'H' || i as home_ref, {_DAY} as from_date,
        case i % 100 when 41 then -1 else 1 + i % 2 end as adults, i % 3 as children""",
    "tenancy": f"""select case i % 100 when 41 then 'T' || i - 1 else 'T' || i end as tenancy_ref, 'H' || i as home_ref,
        case i % 100 when 43 then 'assurd' else 'secure' end as tenancy_type, {_DAY} as start_date,
        case when i % 100 = 44 then {_DAY} - 100 end as end_date, 'U' || i as household_ref""",
    "tenancy_party": f"""select 'R' || i as party_ref, case i % 100 when 43 then 'T-' else 'T' end || i as tenancy_ref,
        'P' || i as person_ref, 'tenant' as role, {_DAY} as from_date""",
    "rent_account": """select 'A' || i as account_ref, 'T' || i as tenancy_ref, 'H' || i as home_ref,
        case i % 100 when 43 then 'rents' else 'rent' end as kind, 'current' as status,
        cast((i % 900 - 450) * 1.13 as decimal(10, 2)) as balance, date '2026-03-29' as balance_date""",
    "rent_charge": f"""select 'C' || i as charge_ref, 'A' || i as account_ref, 'H' || i as home_ref,
        'rent' as charge_type, case i % 100 when 43 then 'n/a' else cast(80 + i % 60 as varchar) end as amount,
        'weekly' as frequency, 52 as weeks_in_year, {_DAY} as from_date""",
    "rent_transaction": """select 'N' || i as transaction_ref, 'A' || i as account_ref,
        date '2026-01-05' + cast(i % 80 as int) as transaction_date, 'opening' as kind, case i % 100 when 43
        then '12.34.5' else cast(cast((i % 900 - 450) * 1.13 as decimal(10, 2)) as varchar) end as amount""",
    "repair": """select 'X' || i as repair_ref, 'H' || i as home_ref, 'routine' as priority, 'joinery' as trade,
        timestamp '2025-06-01 09:15:00' + interval (i % 200) day as reported_at,
        case i % 100 when 43 then timestamp '2024-01-01 10:00:00'
        else timestamp '2025-06-03 10:00:00' + interval (i % 200) day end as completed_at,
        'completed' as status, cast(i % 300 * 1.5 as decimal(10, 2)) as cost""",
    "compliance_check": """select 'G' || i as check_ref, 'H' || i as home_ref, 'gas' as kind,
        date '2025-05-01' + cast(i % 300 as int) as done_date,
        case i % 100 when 43 then date '2024-01-01' else date '2026-05-01' + cast(i % 300 as int) end as due_date,
        'pass' as result, 'CERT-' || i as certificate_ref, 0 as actions_open""",
}


def make_files(folder: Path, rows: int) -> None:
    """One CSV for each table, a tenth of ``rows`` in each."""
    import duckdb

    con = duckdb.connect()
    for name, query in TABLES.items():
        con.execute(f"copy ({query} from range({rows // 10}) t(i)) to '{folder / f'{name}.csv'}' (header)")


# --- the candidates: each returns the seconds it took, without its imports, and what it found -------------------------


def bare(folder: Path) -> tuple[float, str]:
    import duckdb

    con = duckdb.connect(config={"memory_limit": "2GB", "threads": 2})
    start = time.perf_counter()
    for name in TABLES:
        con.execute(f"copy (from read_csv('{folder / f'{name}.csv'}')) to '{folder / f'{name}.parquet'}'")
    return time.perf_counter() - start, ""


def check(folder: Path) -> tuple[float, str]:
    import numpy  # noqa: F401 - without what the first import costs

    from placemaker import standard

    start = time.perf_counter()
    with standard.check_together({name: folder / f"{name}.csv" for name in TABLES}, today=TODAY) as found:
        took = time.perf_counter() - start
        return took, f"{len(found.findings):,} findings in {found.rows_in:,} rows"


CANDIDATES = {one.__name__: one for one in (bare, check)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--one", choices=list(CANDIDATES), help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        took, found = CANDIDATES[chosen.one](chosen.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"took": took, "peak": peak, "found": found}))
        return
    with tempfile.TemporaryDirectory(prefix="placemaker-") as name:
        folder = Path(name)
        make_files(folder, chosen.rows)
        size = sum(file.stat().st_size for file in folder.glob("*.csv")) / 1e6
        print(f"{chosen.rows:,} rows in {len(TABLES)} tables, {size:,.0f} MB, 1% spoiled; median of {chosen.runs}\n")
        runs: dict[str, list[dict]] = {one: [] for one in CANDIDATES}
        for _ in range(chosen.runs):
            for one in CANDIDATES:
                command = [sys.executable, __file__, "--one", one, "--folder", name]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(f"{one} failed:\n{done.stderr[-2000:]}")
                runs[one].append(json.loads(done.stdout.splitlines()[-1]))
        bare_took = statistics.median(run["took"] for run in runs["bare"])
        print(f"{'':10}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
        for one, those in runs.items():
            took = statistics.median(run["took"] for run in those)
            peak = max(run["peak"] for run in those)
            print(f"{one:10}{took:>9.2f}{took / bare_took:>8.2f}{peak:>10.0f}  {those[0]['found']}")


if __name__ == "__main__":
    main()
