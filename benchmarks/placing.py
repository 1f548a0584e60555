"""How long it takes to place homes by postcode, beside DuckDB's bare hash join of the same tables.

    python benchmarks/placing.py PACK [--homes 5000000] [--rounds 5]

PACK is an installed pack or a pack's folder. Prints both medians and their ratio, which is to be at most 3. The bare
join writes the home's reference, its postcode and the area; placing writes what a person needs to trust it, too.
"""

from __future__ import annotations

import argparse
import statistics
import time

from placemaker.lake import connect
from placemaker.places import Pack
from placemaker.places.placing import coverage, place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack")
    parser.add_argument("--homes", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--untidy", type=float, default=0.02, help="share of postcodes in small letters without a space"
    )
    asked = parser.parse_args()
    pack = Pack.open(asked.pack)
    con = connect(memory_limit="4GB")
    con.execute(f"create table postcodes as select row_number() over () as place, * from {pack.sql('postcodes')}")
    many = con.execute("select count(*) from postcodes").fetchone()[0]
    con.execute(f"""
        create table home as
        select 'H' || i as home_ref,
            if(hash(i, 2) % 1000 < {asked.untidy * 1000}, lower(replace(postcode, ' ', '')), postcode) as postcode
        from (select i, 1 + (hash(i) % {many})::bigint as place from range({asked.homes}) as t(i))
            join postcodes using (place)
        order by i""")
    con.execute("drop table postcodes")
    layer = pack.finest
    bare = f"""
        create or replace temp table bare as
        select home_ref, postcode, known.{layer}
        from home left join {pack.sql("postcodes")} as known using (postcode)"""
    times: dict[str, list[float]] = {"bare join": [], "placed": []}
    for _ in range(asked.rounds):
        for name, job in (("bare join", lambda: con.execute(bare)), ("placed", lambda: place(con, pack, "home"))):
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    for name, seconds in times.items():
        print(f"{name:10} {statistics.median(seconds):6.2f} s (median of {asked.rounds})")
    print(f"ratio      {statistics.median(times['placed']) / statistics.median(times['bare join']):6.2f}")
    print(coverage(con, "placed").words())


if __name__ == "__main__":
    main()
