"""How long profiles take: one neighbourhood warm, and all MSOAs of the pack in one batch.

    python benchmarks/profiles.py [PACK]      # the name or folder of a place pack; default: england

Aims (issue 2): every published indicator beside four comparators under 100 ms warm; all 7,264 MSOAs of England and
Wales (6,856 where the pack holds England alone) under 60 s. Both print the figures' own making apart, since figures
are made when they are looked at.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time

from placemaker.insight import profile
from placemaker.lake import connect
from placemaker.places import Fit, Neighbourhood, Pack

COMPARATORS = ("authority", "region", "england", "social")


def main() -> None:
    pack = Pack.open(sys.argv[1] if len(sys.argv) > 1 else "england")
    con = connect()
    rows = con.execute(
        f"select msoa21, list(code order by code) from {pack.sql('areas')} where layer = 'lsoa21' group by 1 order by 1"
    ).fetchall()
    fit = Fit("residents", 0, 0, None, None, "")
    everywhere = [
        Neighbourhood(code, code, "codes", tuple((area, 0.0) for area in areas), "lsoa21", fit) for code, areas in rows
    ]
    one = everywhere[len(everywhere) // 2 :][:1]
    start = time.perf_counter()
    first = profile(con, pack, one, comparators=COMPARATORS)[0]
    lines = len(first.lines)
    print(f"first profile in a process          {time.perf_counter() - start:8.2f} s")
    walls, cpus = [], []
    for _ in range(15):
        start, cpu = time.perf_counter(), time.process_time()
        made = profile(con, pack, one, comparators=COMPARATORS)[0]
        assert len(made.lines) == lines and len(made.summary) >= 0
        walls.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
    beside = len(made.comparators)
    print(f"one profile warm, {lines} indicators, {beside} comparators: "
          f"median {statistics.median(walls) * 1000:.0f} ms, best {min(walls) * 1000:.0f} ms, "
          f"processor {statistics.median(cpus) * 1000:.0f} ms")  # fmt: skip
    start, cpu = time.perf_counter(), time.process_time()
    batch = profile(con, pack, everywhere, comparators=COMPARATORS)
    print(f"{len(batch):,} MSOAs in one batch            {time.perf_counter() - start:8.2f} s, "
          f"processor {time.process_time() - cpu:.1f} s")  # fmt: skip
    figures = 0
    for made in batch:
        figures += sum(1 + (line.homes is not None) + len(line.comparators) for line in made.lines)
        object.__setattr__(made, "lines", ())  # so that two million figures are not kept at once
    print(f"with all their {figures:,} figures made     {time.perf_counter() - start:8.2f} s, "
          f"processor {time.process_time() - cpu:.1f} s")  # fmt: skip
    print(f"peak memory                         {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB")


if __name__ == "__main__":
    main()
