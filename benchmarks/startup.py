"""How long `placemaker check` of a ten-row file takes from the prompt, start of Python included.

    python benchmarks/startup.py [--runs 9]

The median of the runs, each a process of its own; the bare start of Python and the import of DuckDB beside it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = "tenancy_ref,home_ref,tenancy_type,start_date,end_date,end_reason,household_ref,fixed_term_end"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tenancies.csv"
        rows = (f"T{n},H{n},assured,2024-01-{n + 1:02},,,HH{n}," for n in range(10))
        file.write_text("\n".join([HEADER, *rows]) + "\n")
        beside = Path(sys.executable).with_name("placemaker")
        placemaker = str(beside) if beside.exists() else shutil.which("placemaker")
        library = f"from placemaker import standard; list(standard.check({str(file)!r}, 'tenancy').findings)"
        commands = {
            "python": [sys.executable, "-c", ""],
            "import duckdb": [sys.executable, "-c", "import duckdb"],
            "standard.check": [sys.executable, "-c", library],
        }
        if placemaker:
            commands["placemaker check"] = [placemaker, "check", str(file), "--as", "tenancy"]
        took: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                start = time.perf_counter()
                done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
                took[name].append(time.perf_counter() - start)
                if done.returncode:
                    sys.exit(f"{name} failed:\n{done.stderr[-2000:]}")
        for name, times in took.items():
            print(f"{name:20}{statistics.median(times):7.2f} s   (fastest {min(times):.2f})")


if __name__ == "__main__":
    main()
