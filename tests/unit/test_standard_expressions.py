"""What SQL a mapping or a rule may hold: its own row, or the standard's tables, and nothing else."""

import pytest

from placemaker.lake import Refusal
from placemaker.standard import table, tables
from placemaker.standard.expressions import names_in, query_sql, row_sql
from placemaker.standard.ruling import check_rule


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


ATTACKS = {
    "a file": "read_text('/etc/passwd')",
    "a file by a quoted name": "\"read_text\"('/etc/passwd')",
    "a file by a dotted name": "main.read_text('/etc/passwd')",
    "a file by the system's own name": "system.main.getenv('HOME')",
    "a file chained to a text": "'/etc/passwd'.read_text()",
    "a file in a comment that is none": "1 /* */ + read_text('x') /* */",
    "a comment to the line's end": "prop = 'x' -- ' or read_text(1)",
    "a comment that is another engine's": "prop {# '#} , read_text(1) {# ' #}",
    "a comment in a comment": "1 /* /* */ or getenv('x') */",
    "a text in dollars": "prop = $$'$$ || getenv('HOME') || $$'$$",
    "a text with escapes": r"prop = e'\\' || getenv('HOME') || e'\\'",
    "a text in hexadecimal": "x'41' = prop",
    "a text of code points": "u&'\\0041' = prop",
    "the environment": "getenv('HOME')",
    "a setting": "current_setting('temp_directory')",
    "a change of a setting": "set_config('x', 'y', false)",
    "a pragma": "pragma database_list",
    "a table function": "range(10)",
    "a macro": "my_macro(prop)",
    "a select": "(select 1)",
    "a select in a list": "prop in (select prop from other)",
    "a select in a case": "case when exists (select 1) then 1 end",
    "a select in a function": "coalesce((select content from read_text('x')), prop)",
    "a select in an interval": "interval (select 1) day",
    "a select in an array": "[x for x in (select 1)]",
    "a select by a name": "query('select 1')",
    "a query's table by a name": "query_table('home')",
    "all columns": "columns('.*')",
    "every column": "*",
    "an alias": "prop as other",
    "a lambda": "list_transform([1], x -> x)",
    "another kind of lambda": "list_transform([1], lambda x: x)",
    "a window": "count(*) over ()",
    "an aggregate": "sum(prop)",
    "a table's column": "x.prop",
    "a part of a value": "prop.x",
    "json": "prop -> '$.a'",
    "a parameter": "prop = ?",
    "a named parameter": "prop = $1",
    "the user": "current_user",
    "the session": "session_user",
    "the clock": "current_date",
    "the time": "now()",
    "chance": "random() > 0.5",
    "a cast to what the catalogue holds": "cast(prop as secret_type)",
    "a cast to a quoted name": "cast(prop as \"x) or getenv('HOME') is null --\")",
    "a cast to json": "prop::json",
    "a cast to an enumeration": "prop::enum('a', 'b')",
    "a second statement": "prop; drop table home",
    "an attachment": "attach 'x.db'",
    "a copy": "copy home to 'x.csv'",
    "an export": "export database 'x'",
    "an installation": "install httpfs",
    "a load": "load '/tmp/x.duckdb_extension'",
    "a long text": "lpad('a', 2000000000, 'b')",
    "a repeated text": "repeat('a', 2000000000)",
    "a text that grows": "replace(" * 8 + "prop" + ", 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaa')" * 8,
    "a text that doubles": "regexp_replace(" * 40 + "prop" + ", '', 'x', 'g')" * 40,
    "a text that doubles itself": r"regexp_replace(" * 40 + "prop" + r", '(.*)', '\1\1')" * 40,
    "a text replaced by a column": "replace(replace(replace(prop, 'a', prop), 'b', prop), 'c', prop)",
    "brackets": "(" * 5000 + "1" + ")" * 5000,
    "brackets without end": "(" * 5000,
    "nots": "not " * 5000 + "prop is null",
    "signs": "- " * 5000 + "1",
    "cases": "case when prop is null then " * 2000 + "1" + " end" * 2000,
    "functions": "lower(" * 3000 + "prop" + ")" * 3000,
    "casts": "prop" + "::text" * 3000,
    "lists": "[" * 3000 + "]" * 3000,
    "a long sum": "1" + " + 1" * 10_000,
    "an endless text": "'" + "a" * 100_000 + "'",
    "a letter that looks like another": "prоp = 1",
    "a function with a letter that folds": "\u017ftrptime(prop, '%Y') is null",
    "a wide quote": "prop = \uff07x\uff07",
    "a space that is none": "prop\u00a0= 1",
    "a sign that turns text about": "prop = 1 \u202e -- ",
    "a nul": "prop = 'a\0b' or \0",
    "a division by a column": "1 / type",
    "a division by a sum": "1 / (type + 1)",
    "a division by nothing": "1 / 0",
    "a division by nothing as text": "1 / '1'",
    "a remainder by a column": "1 % type",
    "a wrong nullif": "1 / nullif(0, type)",
    "an unknown column": "other_column = 1",
    "an open text": "'unclosed",
    "an open name": '"unclosed',
    "nothing": "",
    "only space": "  ",
    "only a comment": "-- prop",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_no_trick_gets_by(text):
    with pytest.raises(Refusal, match="^here: ") as refused:
        row_sql(text, ["PROP", "TYPE"], "here")
    assert len(str(refused.value)) < 600, "an endless expression does not make an endless message"
    assert refused.value.next and "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "type / 7 > 1",
        "type / nullif(prop, 0)",
        "type % 2 = 1",
        "type // -12",
        "type / nullif(date_diff('day', prop, type), 0) > 1",
        "mod(type, 10) = 1",
        "type / 365.25 > 18",
        "replace(replace(replace(prop, ',', ''), '£', ''), ' ', '') = '--/*{#$'",
        "regexp_replace(regexp_replace(prop, '[^0-9]', '', 'g'), '^0+', '') <> ''",
    ],
)
def test_what_cannot_be_zero_may_divide_and_quoted_text_may_hold_any_sign(text):
    assert row_sql(text, ["PROP", "TYPE"], "here")


QUERY_ATTACKS = {
    "a file": "select _row from 'file.csv'",
    "a file by a function": "select _row from read_csv('file.csv')",
    "a file in a join": "select h._row from home h join 'file.csv' f on true",
    "a file in a with": "with home2 as (from 'x.parquet') select _row from home2",
    "a file in a subquery": "select _row from home where home_ref in (select * from 'x.csv')",
    "a file in a lateral join": "select _row from home, lateral (select * from read_text('x'))",
    "a quoted file": 'select _row from "home.csv"',
    "another schema": "select _row from lake.main.home",
    "the catalogue": "select _row from information_schema.tables",
    "the settings": "select _row from duckdb_settings()",
    "generated rows": "select range as _row from range(10)",
    "values": "select * from (values (1)) t(_row)",
    "an unnested list": "select unnest([1]) as _row from home",
    "a pivot": "pivot home on status using count(*)",
    "a recursion": "with recursive t as (select 1 as _row union all select _row + 1 from t) select _row from t",
    "a sample": "select _row from home using sample 10%",
    "a past version": "select _row from home at (version => 1)",
    "a change": "delete from home",
    "a change in a with": "with x as (delete from home returning *) select _row from x",
    "a table made": "create table x as select _row from home",
    "a table made in a select": "select _row into x from home",
    "a function": "select getenv('HOME') as _row from home",
    "two queries": "select _row from home; select _row from home",
    "no query": "home_ref is null",
    "a described query": "describe select _row from home",
    "a shown table": "show tables",
    "a column of nothing": "select _row, secret from home",
    "a user": "select _row from home where user = 'x'",
    "a lock": "select _row from home for update",
    "a file named as a part elsewhere": (
        'with a as (select * from "x.csv"), "x.csv" as (select 1 as _row) select h._row from home h, a'
    ),
    "a catalogue named as a later part": (
        "with a as (select * from sqlite_master), sqlite_master as (select 1 as _row) select h._row from home h, a"
    ),
    "a part of a subquery read outside it": (
        "select h._row from home h, (with con as (select 1 as uprn) select * from con) t, con"
    ),
    "a part that reads itself": "with a as (select * from a) select _row from a",
    "a part named as a table": "with home as (select 1 as _row) select _row from home",
    "two parts of one name": "with a as (select 1 as _row), a as (select 2 as _row) select _row from a",
}


@pytest.mark.parametrize("text", QUERY_ATTACKS.values(), ids=QUERY_ATTACKS)
def test_no_trick_gets_by_in_a_query(text):
    with pytest.raises(Refusal, match="^here: "):
        query_sql(text, tables(), "here", table("home").names)


def test_a_part_of_a_query_may_read_the_parts_before_it():
    text = "with a as (select _row from home), b as (select _row from a) select b._row from b, a"
    assert query_sql(text, tables(), "here").startswith("WITH a AS")


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
