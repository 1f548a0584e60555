"""Check and load 2,000,000 tenancies beside DuckDB's bare copy of the same file, and beside other validators.

    python benchmarks/check_and_load.py [--rows 2000000] [--runs 5] [--python PYTHON_WITH_PEERS]

Each run is a process of its own, so that its peak memory is its own; the runs of the candidates take turns, and the
median of each is given with its ratio to the bare copy's. The file is made with SQL: two tenancies for each home, one
ended and one running, 5% of the rows spoiled in ten ways. The homes are in the lake. Everything is on: each rule of the
standard that needs no other table than these two, keys, parents, and every finding kept.

frictionless, pointblank and pandera check the rules they can express (types, required, codes, unique key, ends after it
starts), and so does check_same_rules. frictionless reads 100,000 rows, and its time is scaled by its rate.
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
CODES = ["secure", "introductory", "flexible", "demoted", "assured", "assured_shorthold", "starter", "periodic_assured",
         "licence", "non_secure", "shared_ownership", "leasehold", "garage", "other"]  # fmt: skip
PEERS = ("frictionless", "pointblank", "pandera")
FRICTIONLESS_ROWS = 100_000


def make_files(folder: Path, rows: int) -> None:
    """tenancies.csv and homes.csv; of every 200 tenancies ten are spoiled, each in its own way."""
    import duckdb

    con = duckdb.connect()
    con.execute(
        f"""copy (select 'H' || lpad(cast(i as varchar), 7, '0') as home_ref, 'home' as unit_kind,
        'in_management' as status, 'social_rent' as rent_type, 1950 + i % 60 as year_built
        from range({(rows + 1) // 2}) t(i)) to '{folder / "homes.csv"}' (header)"""
    )
    con.execute(
        f"""copy (
        select case i % 200 when 3 then null when 7 then 'T' || lpad(cast(i - 1 as varchar), 8, '0')
            else 'T' || lpad(cast(i as varchar), 8, '0') end as tenancy_ref,
          case i % 200 when 13 then 'X' || i when 17 then null
            else 'H' || lpad(cast(i // 2 as varchar), 7, '0') end as home_ref,
          case i % 200 when 23 then 'SEC' when 27 then 'assurd'
            else (['secure', 'assured', 'leasehold', 'shared_ownership'])[1 + i % 7 % 4] end as tenancy_type,
          case i % 200 when 33 then strftime(start, '%d/%m/%Y') when 37 then '2023-02-29'
            else cast(start as varchar) end as start_date,
          case when i % 200 = 44 then cast(start - 100 as varchar) when i % 2 = 0 then cast(start + 700 as varchar) end
            as end_date,
          case when i % 200 = 54 then 'gone' when i % 2 = 0 then 'transfer' end as end_reason,
          'HH' || i as household_ref,
          cast(null as date) as fixed_term_end
        from (select i, date '2012-01-01' + cast(i // 2 % 3000 as int) + cast(i % 2 * 800 as int) as start
              from range({rows}) t(i))
        ) to '{folder / "tenancies.csv"}' (header)"""
    )


def make_workspace(folder: Path) -> None:
    from placemaker import standard
    from placemaker.lake import Workspace

    workspace = Workspace.create(folder / "workspace", organisation="HH", name="Hollowbrook Homes")
    standard.load(workspace, folder / "homes.csv", "home", who="benchmark", today=TODAY).check.close()


# --- the candidates: each returns the seconds it took, without its imports, and what it found -------------------------


def bare(folder: Path) -> tuple[float, str]:
    import duckdb

    con = duckdb.connect(config={"memory_limit": "2GB"})
    start = time.perf_counter()
    con.execute(f"copy (from read_csv('{folder / 'tenancies.csv'}')) to '{folder / 'bare.parquet'}'")
    return time.perf_counter() - start, ""


def check_same_rules(folder: Path) -> tuple[float, str]:
    """Ours, on no more than the rules that the peers can express."""
    from dataclasses import replace

    import numpy  # noqa: F401 - as the peers, without what the first import costs

    from placemaker import standard

    table = standard.table("tenancy")
    rules = tuple(rule for rule in table.rules if rule.id == "tenancy-ends-after-it-starts")
    fields = tuple(replace(field, codelist="") if field.name == "end_reason" else field for field in table.fields)
    table = replace(table, rules=rules, fields=fields, names={})
    start = time.perf_counter()
    with standard.check(folder / "tenancies.csv", table, today=TODAY) as found:
        return time.perf_counter() - start, f"{len(found.findings):,} findings"


def check(folder: Path) -> tuple[float, str]:
    import numpy  # noqa: F401 - as the peers, without what the first import costs

    from placemaker import standard
    from placemaker.lake import Workspace

    workspace = Workspace.open(folder / "workspace")
    start = time.perf_counter()
    with standard.check(folder / "tenancies.csv", "tenancy", today=TODAY, workspace=workspace) as found:
        took = time.perf_counter() - start
        return took, f"{len(found.findings):,} findings, {found.rows_held_back:,} of {found.rows_in:,} rows held back"


def check_and_load(folder: Path) -> tuple[float, str]:
    import numpy  # noqa: F401 - as the peers, without what the first import costs

    from placemaker import standard
    from placemaker.lake import Workspace

    workspace = Workspace.open(folder / "workspace")
    start = time.perf_counter()
    done = standard.load(workspace, folder / "tenancies.csv", "tenancy", who="benchmark", today=TODAY)
    took = time.perf_counter() - start
    done.check.close()
    record = done.record
    workspace.undo("benchmark")  # so that the next run starts from the same lake
    return took, f"{record.loaded:,} loaded, {record.held_back:,} held back, {sum(record.findings.values()):,} findings"


def frictionless(folder: Path) -> tuple[float, str]:
    from frictionless import Resource, Schema, fields

    with (folder / "tenancies.csv").open() as whole, (folder / "part.csv").open("w") as part:
        part.writelines(line for line, _ in zip(whole, range(FRICTIONLESS_ROWS + 1), strict=False))
        rows = sum(1 for _ in whole) + FRICTIONLESS_ROWS
    needed = {"required": True}
    schema = Schema(
        fields=[
            fields.StringField(name="tenancy_ref", constraints={"required": True, "unique": True}),
            fields.StringField(name="home_ref", constraints=needed),
            fields.StringField(name="tenancy_type", constraints=needed | {"enum": CODES}),
            fields.DateField(name="start_date", constraints=needed),
            fields.DateField(name="end_date"),
            fields.StringField(name="end_reason"),
            fields.StringField(name="household_ref"),
            fields.DateField(name="fixed_term_end"),
        ]
    )
    start = time.perf_counter()
    report = Resource(path="part.csv", basepath=str(folder), schema=schema).validate(limit_errors=1_000_000)
    took = (time.perf_counter() - start) * rows / FRICTIONLESS_ROWS
    return took, f"{report.stats['errors']:,} errors in {FRICTIONLESS_ROWS:,} rows; time scaled to {rows:,}"


def _as_text(folder: Path):
    import polars

    file = folder / "tenancies.csv"
    return polars.read_csv(file, infer_schema=False).with_columns(
        polars.col("start_date", "end_date", "fixed_term_end")
        .str.to_date("%Y-%m-%d", strict=False)
        .name.suffix("_read")
    )


def pandera(folder: Path) -> tuple[float, str]:
    import pandera.polars as pa
    import polars

    def readable(name: str) -> pa.Check:
        return pa.Check(
            lambda data: data.lazyframe.select(polars.col(name).is_null() | polars.col(f"{name}_read").is_not_null())
        )

    ends = pa.Check(
        lambda data: data.lazyframe.select(
            (polars.col("end_date_read") >= polars.col("start_date_read")).fill_null(True)
        )
    )
    schema = pa.DataFrameSchema(
        {
            "tenancy_ref": pa.Column(str, nullable=False, unique=True),
            "home_ref": pa.Column(str, nullable=False),
            "tenancy_type": pa.Column(str, pa.Check.isin(CODES), nullable=False),
            "start_date": pa.Column(str, nullable=False),
            "end_date": pa.Column(str, nullable=True),
        },
        checks=[readable("start_date"), readable("end_date"), ends],
    )
    start = time.perf_counter()
    table = _as_text(folder)
    try:
        schema.validate(table, lazy=True)
        faults = 0
    except pa.errors.SchemaErrors as error:
        faults = len(error.failure_cases)
    return time.perf_counter() - start, f"{faults:,} failure cases"


def pointblank(folder: Path) -> tuple[float, str]:
    import pointblank as pb

    start = time.perf_counter()
    done = (
        pb.Validate(_as_text(folder))
        .col_vals_not_null(columns=["tenancy_ref", "home_ref", "tenancy_type", "start_date"])
        .rows_distinct(columns_subset="tenancy_ref")
        .col_vals_in_set(columns="tenancy_type", set=CODES)
        .col_vals_not_null(columns="start_date_read")
        .col_vals_ge(columns="end_date_read", value=pb.col("start_date_read"), na_pass=True)
        .interrogate(get_first_n=None)
    )
    faults = sum(done.n_failed().values())
    return time.perf_counter() - start, f"{faults:,} failures"


CANDIDATES = {f.__name__: f for f in (bare, check_and_load, check, check_same_rules, frictionless, pointblank, pandera)}


# --- taking turns -----------------------------------------------------------------------------------------------------


def run_one(python: str, name: str, folder: Path) -> dict | None:
    """One run in its own process: seconds, peak memory in MiB and what was found; None where it is not installed."""
    done = subprocess.run([python, __file__, "--one", name, "--folder", str(folder)], capture_output=True, text=True)
    if done.returncode:
        if "ModuleNotFoundError" in done.stderr:
            return None
        sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--python", default=sys.executable, help="the interpreter that has the peers")
    options.add_argument("--only", nargs="*", choices=list(CANDIDATES), default=list(CANDIDATES))
    options.add_argument("--one", choices=list(CANDIDATES), help=argparse.SUPPRESS)
    options.add_argument("--make", type=int, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.make:
        make_files(chosen.folder, chosen.make)
        make_workspace(chosen.folder)
        return
    if chosen.one:
        took, found = CANDIDATES[chosen.one](chosen.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"took": took, "peak": peak, "found": found}))
        return
    with tempfile.TemporaryDirectory(prefix="placemaker-") as name:
        folder = Path(name)
        # In a process of their own: a child begins with the peak memory of its parent.
        subprocess.run([sys.executable, __file__, "--make", str(chosen.rows), "--folder", name], check=True)
        size = (folder / "tenancies.csv").stat().st_size / 1e6
        print(f"{chosen.rows:,} tenancies, {size:,.0f} MB, 5% of them spoiled; median of {chosen.runs} runs\n")
        runs: dict[str, list[dict]] = {one: [] for one in chosen.only}
        for _ in range(chosen.runs):
            for one in chosen.only:
                if one not in PEERS or len(runs[one]) < min(chosen.runs, 3):
                    done = run_one(chosen.python if one in PEERS else sys.executable, one, folder)
                    runs[one] += [done] if done else []
    medians = {one: statistics.median(run["took"] for run in done) for one, done in runs.items() if done}
    print(f"{'':16}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
    for one, done in runs.items():
        if not done:
            print(f"{one:16}{'':>9}  not installed here (see locks/bench.txt, and --python)")
            continue
        peak = max(run["peak"] for run in done)
        print(f"{one:16}{medians[one]:9.2f}{medians[one] / medians['bare']:8.2f}{peak:10,.0f}  {done[-1]['found']}")


if __name__ == "__main__":
    main()
