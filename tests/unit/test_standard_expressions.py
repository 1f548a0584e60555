"""What SQL a mapping or a rule may hold: its own row, or the standard's tables, and nothing else."""

import pytest

from placemaker.lake import Refusal
from placemaker.standard import tables
from placemaker.standard.ruling import check_rule
from placemaker.standard.expressions import names_in, query_sql, row_sql


@pytest.mark.parametrize(
    "text",
    [
        "\"TYPE\" <> 'GAR'",
        "regexp_replace(\"PROP\", '^0+', '')",
        "upper(trim(prop)) || '-' || coalesce(type, '')",
        "case when type in ('A', 'B') then prop else null end",
        "try_cast(prop as integer) between 1 and 10",
        "strftime(try_strptime(type, '%b %y'), '%Y-%m-01')",
        "split_part(prop, '/', 1)",
    ],
)
def test_an_expression_over_its_own_row_is_allowed(text):
    assert row_sql(text, ["PROP", "TYPE"], "here")


@pytest.mark.parametrize(
    "text",
    [
        "read_text('/etc/passwd')",
        "lpad('a', 2000000000, 'b')",
        "(select content from read_text('/etc/passwd'))",
        "exists (select 1)",
        "prop in (select prop from other)",
        "getenv('HOME')",
        "current_setting('temp_directory')",
        "nextval('x')",
        "query('select 1')",
        "list_transform([1], x -> x)",
        "count(*) over ()",
        "sum(prop)",
        "other_column = 1",
        "x.prop",
        "prop; drop table home",
        "attach 'x.db'",
        "copy home to 'x.csv'",
        "prop = ",
        "'unclosed",
        "",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(Refusal, match="here"):
        row_sql(text, ["PROP", "TYPE"], "here")


def test_a_query_may_read_the_standards_tables_alone():
    assert query_sql(
        "with a as (select * from home) select _row from a join tenancy using (home_ref)", tables(), "here"
    )
    for text in (
        "select * from 'file.csv'",
        "select * from read_csv('file.csv')",
        "select * from duckdb_settings()",
        "select * from lake.main.home",
        "select * from finding",
        "delete from home",
        "select getenv('HOME') from home",
    ):
        with pytest.raises(Refusal, match="here"):
            query_sql(text, tables(), "here")


def test_every_rule_of_the_standard_passes_the_same_gate():
    rules = [rule for table in tables().values() for rule in table.rules]
    assert len(rules) >= 100
    for rule in rules:
        check_rule(rule)


def test_names_are_found_without_parsing():
    assert names_in("\"Start Date\" >= day and lower(kind) <> 'end_date' or Day is null") == (
        "start date",
        "day",
        "and",
        "kind",
        "or",
        "is",
        "null",
    )
