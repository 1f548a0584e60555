"""A landlord on Trafford's real postcodes: as many homes in each output area as it has social renters."""

from __future__ import annotations

from pathlib import Path

import duckdb


def draw_homes(con: duckdb.DuckDBPyConnection, shared_data: Path) -> None:
    """Make the table ``home``: 14,416 homes with a postcode of their output area, ``true_oa``, and its ``msoa``.

    Postcodes are written as landlords write them: with and without a space, in capitals and not.
    """
    con.execute(f"""
        create table renters as
        select area_code as oa, sum(value)::int as homes
        from '{shared_data}/trafford/census21_counts_oa_lsoa_long.parquet'
        where geo = 'OA' and "table" = 'household_tenure' and starts_with(category, 'Social rented') group by 1""")
    con.execute(f"""
        create table choice as
        select oa21cd as oa, postcode, row_number() over (partition by oa21cd order by postcode) as place,
            count(*) over (partition by oa21cd) as many
        from read_csv('{shared_data}/trafford/postcodes_oa21.csv.gz')""")
    con.execute(f"""
        create table home as
        select 'T' || row_number() over (order by oa, i) as home_ref, oa as true_oa, msoa21nm as msoa,
            case i % 3 when 0 then postcode when 1 then lower(postcode) else replace(postcode, ' ', '') end as postcode
        from renters cross join range(homes) as t(i) join choice using (oa)
        join read_csv('{shared_data}/lookups/gm_oa21_lookup.csv.gz') as lookup on lookup.oa21cd = oa
        where place = 1 + i % many""")
