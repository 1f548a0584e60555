"""The standard on Spark beside the standard on DuckDB, on the same Parquet files: the same findings, word for word."""
# ruff: noqa: E501 (lists of expressions are easier to read in one line each)

import dataclasses
from datetime import date

import pytest

from placemaker import standard
from placemaker.demo import make
from placemaker.demo.make import ORDER
from placemaker.lake import Refusal, Workspace, connect
from placemaker.standard.examples import example_rows
from placemaker.standard.schema import build_table, tables
from placemaker.standard.spark import check_spark
from placemaker.standard.spark_sql import CARRIED, carry_query, carry_row
from placemaker.standard.together import check_together

pytestmark = pytest.mark.xdist_group("spark")

TODAY = date(2026, 4, 1)
PARTS = ("table_name", "row", "key", "field", "value", "rule", "severity", "message")


def by_duckdb(folder):
    with check_together(folder, today=TODAY) as found:
        return {
            (one.table, one.row, one.key, one.field, one.value, one.rule, one.severity, one.message)
            for one in found.findings
        }


def by_spark(spark, given):
    return {tuple(one[part] for part in PARTS) for one in check_spark(spark, given, today=TODAY).findings.collect()}


def differences(one, other):
    return sorted(one ^ other, key=str)[:20]


# --- the whole standard -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Every row that passes or fails a rule of the standard, as texts, a Parquet file for each table."""
    rows = {name: [] for name in tables()}
    for number, rule in enumerate(rule for table in tables().values() for rule in table.rules):
        for which in ("passes", "fails"):
            for name, example in example_rows(rule, which).items():
                # Rules over many rows see those of their own example alone.
                before = f"{number}{which[0]}-" if rule.breaks else ""
                rows[name] += [_apart(tables()[name], row, before) for row in example]
    folder = tmp_path_factory.mktemp("examples")
    with connect() as con:
        for name, table in tables().items():
            columns = ", ".join(f'"{field}" varchar' for field in table.names)
            con.execute(f'create table "{name}" (_row bigint, {columns})')
            values = [[n, *map(_text, row)] for n, row in enumerate(rows[name], 1)]
            con.executemany(f'insert into "{name}" values ({", ".join("?" * (len(table.names) + 1))})', values)
            con.execute(f"copy (from \"{name}\" order by _row) to '{folder / name}.parquet' (format parquet)")
    return folder


def _apart(table, row, before):
    return [
        before + str(row[field.name])
        if field.name.endswith("_ref") and row.get(field.name) and not field.pattern
        else row.get(field.name)
        for field in table.fields
    ]


def _text(value):
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_the_examples_of_all_rules_give_the_same_findings(spark, examples):
    duck = by_duckdb(examples)
    assert differences(by_spark(spark, examples), duck) == []
    broken = {rule for *_, rule, _, _ in duck}
    assert [rule.id for table in tables().values() for rule in table.rules if rule.id not in broken] == []


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The demo's landlord with its planted faults, loaded and published."""
    demo = make(tmp_path_factory.mktemp("demo"), 250)
    workspace = Workspace.create(
        tmp_path_factory.mktemp("lake") / "ws", organisation="HH", name="Hollowbrook (made up)"
    )
    exports = {path.stem: path for path in (demo.folder / "exports").iterdir()}
    for name in ORDER:
        mapping = demo.folder / "mappings" / f"{name}.yaml"
        standard.load(workspace, exports[name], mapping, who="the test", today=TODAY).check.close()
    return standard.publish(workspace, tmp_path_factory.mktemp("published") / "out", form="parquet").parent


def test_the_published_demo_gives_the_same_findings(spark, published):
    duck = by_duckdb(published)
    assert len(duck) > 100
    assert differences(by_spark(spark, published), duck) == []


def test_a_published_parquet_file_numbers_its_rows_and_keeps_its_types(spark, published):
    rows = spark.read.parquet(str(published / "repair.parquet"))
    types = dict(rows.dtypes)
    assert (types["_row"], types["reported_at"], types["repair_ref"]) == ("bigint", "timestamp_ntz", "string")
    assert [one["_row"] for one in rows.limit(3).collect()] == [1, 2, 3]


# --- what is carried over, node by node -------------------------------------------------------------------------------

THINGS = """
    (1, 'Ab 1', 'x', 7, 2, 12.3450, 0.0000, date '2024-02-29', date '2026-01-04', timestamp '2024-02-29 23:30:15.25', true),
    (2, 'straße ΣΑΣ', 'İ', -7, 3, -2.5000, 1.5000, date '2023-12-31', date '2024-02-28', timestamp '2023-12-31 00:00:00', false),
    (3, '  007 ', '7', 0, 0, 2.6750, 3.0000, date '1999-01-31', null, timestamp '1999-01-31 10:00:00', null),
    (4, null, 'y', null, 5, null, 100.1250, null, date '2026-03-29', null, true),
    (5, 'a%b\\\\_c$', 'a', 40, -4, 2.5000, 7.0000, date '2026-03-29', date '2026-03-30', timestamp '2026-03-29 01:30:00', false),
    (6, 'ﬁx ǆ' || chr(10), 'a' || chr(11) || 'b', 1, 1, 99999.9999, -0.5000, date '2020-02-29', date '2019-02-28',
     timestamp '2020-02-29 12:00:00', true)
"""
COLUMNS = {"a": "VARCHAR", "b": "VARCHAR", "n": "BIGINT", "m": "BIGINT", "x": "DECIMAL(18,4)", "y": "DECIMAL(18,4)",
           "d": "DATE", "e": "DATE", "t": "TIMESTAMP", "f": "BOOLEAN"}  # fmt: skip

#: For each way in which something is carried over, what is tried on both engines.
TRIED = {
    "Abs Neg Sign": "abs(n) + -m, abs(x), sign(n), sign(x - y)",
    "Add Sub Mul": "n + m, n - m * 2, x + y, x - n, x * 12, x * n, d - e, d + 3, d - 3, 3 + d, t - d > interval 1 hour",
    "Interval": "d + interval 1 month, d - interval 3 years, t + interval 90 minutes, t - interval 2 weeks, "
    "d + interval 1 quarter, t + interval (m) days, d + interval (m) months, t + interval (m) hours, "
    "case when f then d + interval 10 days end",
    "Div IntDiv Mod": "x / 7, n / 4, x / nullif(y, 0), n // 3, n % 3, n // nullif(m, 0), n % nullif(m, 0)",
    "Round Floor Ceil": "round(x, 2), round(x, 0), round(x), round(n, 1), round(x / 3, 2), round(n / 8, 2), floor(x), "
    "ceil(x), floor(x / 7), ceil(n / 4), round(2.675 / 1, 2)",
    "Cast TryCast": "cast(x as integer), cast(x / 1 as bigint), cast(n as varchar), cast(x as varchar), cast(t as varchar), "
    "cast(d as varchar), cast(f as varchar), cast(t as date), cast(d as timestamp), cast(x as decimal(18,1)), "
    "cast(n as decimal(18,2)), cast(n as double), cast(f as integer), cast(f as boolean), cast('2024-01-31' as date), "
    "cast('2024-01-31 10:00:00' as timestamp), try_cast(substr(a, 4, 1) as integer), try_cast(left(b, 1) as bigint), "
    "try_cast(regexp_replace(a, '[^0-9]', '', 'g') as bigint), cast(null as integer)",
    "EQ NEQ GT GTE LT LTE": "n = m, x <> y, a > b, x >= n, d < e, d <= t, x / 2 > y, d > '2024-01-01', t >= '2024-01-01 00:00:00'",
    "Between In Is": "n between m and 8, x between y and n, d between e and t, a in ('x', 'a', null), n in (1, 7), "
    "x in (2.5, 3), d in ('2024-02-29'), f is true, f is not false, a is null",
    "NullSafeEQ NullSafeNEQ": "n is not distinct from m, a is distinct from b, d is distinct from e",
    "And Or Not Boolean Null": "f and n > 1, f or null, not f, n > 0 and null, true, null is null",
    "Case If": "case when f then n when n > 1 then x end, case n when 7 then 'a' else a end, if(f, d, t), "
    "case when f then 1 else 2.5 end",
    "Coalesce Nullif Least Greatest": "coalesce(a, b), coalesce(n, x), coalesce(e, t), nullif(n, m), least(n, m, 1), "
    "greatest(d, e), greatest(e, t), least(x, n, x / 2)",
    "Paren Alias Literal": "(n), 'it''s', 1.50, 2e3, '\\d'",
    "Lower Upper Trim": "lower(a), upper(a), lower(b), upper(b), trim(a), ltrim(a), rtrim(a), ltrim(trim(a), '0'), "
    "trim(b, 'ax'), rtrim(a, '$1')",
    "Length ByteLength strlen()": "length(a), length(b), strlen(a)",
    "Left Right Substring": "left(a, 2), right(a, 3), left(a, 0), substr(a, 2, 3), substr(a, 2), substring(a, 9, 2)",
    "Replace SplitPart": "replace(a, ' ', ''), replace(a, b, '-'), split_part(a, ' ', 1), split_part(a, ' ', 2), "
    "split_part(a, ' ', 9)",
    "DPipe Concat ConcatWs": "a || b, a || n, d || ' ' || x, t || f, concat(a, b, n), concat_ws('-', a, b, d)",
    "StartsWith EndsWith Contains StrPosition": "starts_with(a, 'A'), ends_with(a, '1'), contains(a, b), "
    "position('1' in a), instr(a, 'b')",
    "Like": "a like '%b%', a not like 'A_ %', a like '%\\%', a like 'a_b%', b like '_'",
    "RegexpLike RegexpFullMatch": "regexp_matches(a, '^[A-Z]'), regexp_matches(a, '\\d$'), regexp_matches(a, '[0-9]$'), "
    "regexp_matches(b, '^.$'), regexp_matches(b, '^\\S\\s\\S$'), regexp_matches(a, '(?i)^ab'), regexp_matches(a, '\\b1'), "
    "regexp_full_match(b, '[a-z]|y'), regexp_full_match(a, '.*'), regexp_matches(a, '[[$%]'), "
    "not regexp_matches(a, '^(exec|of)( |$)')",
    "RegexpReplace RegexpExtract": "regexp_replace(a, '[^0-9]', '', 'g'), regexp_replace(a, '([a-z])', '<\\1$>', 'g'), "
    "regexp_extract(a, '[0-9]+'), regexp_extract(a, '([a-z])(x)?', 2), regexp_extract(b, '^(z)', 1)",
    "Extract Year Quarter Month Day DayOfMonth": "extract(year from d), year(t), quarter(d), month(d), day(d), "
    "dayofmonth(t), extract(day from t), extract(month from d)",
    "Hour Minute Week WeekOfYear DayOfYear": "hour(t), minute(t), extract(hour from t), week(d), weekofyear(t), dayofyear(d)",
    "DayOfWeek DayOfWeekIso weekday() isodow()": "dayofweek(d), isodow(d), weekday(d), extract(isodow from t), "
    "extract(dow from d)",
    "TimestampTrunc DateTrunc": "date_trunc('day', t), date_trunc('week', t), date_trunc('month', d), date_trunc('quarter', d), "
    "date_trunc('year', t), date_trunc('hour', t), date_trunc('minute', t)",
    "DateDiff": "date_diff('day', d, e), date_diff('day', t, d), date_diff('week', d, e), date_diff('month', d, e), "
    "date_diff('quarter', d, e), date_diff('year', d, e), date_diff('hour', t, e::timestamp), date_diff('minute', t, t)",
    "DateFromParts LastDay": "make_date(year(d), month(d), 1), last_day(d), last_day(t)",
}
SETS = {
    "Count CountIf Sum Min Max Avg": "select f, count(*) as a, count(n) as b, count(distinct m % 2) as c, sum(x) as d, "
    "sum(n) as e, min(a) as g, max(t) as h, avg(x) as i, avg(n) as j, count(*) filter (n > 0) as k, count_if(n > 0) as l "
    "from thing group by f",
    "LogicalAnd LogicalOr": "select n > 0 as p, bool_and(f) as a, bool_or(f) as b from thing group by all",
    "RowNumber Lag Lead": "select n, row_number() over (partition by f order by e desc, n) as a, "
    "lag(d) over (order by e, n) as b, lead(n) over (partition by f order by d, n) as c from thing",
    "": "with one as (select n, m from thing union all select m, n from thing) select one.n, t.a from one "
    "left join thing t on t.n = one.n where one.n in (select m from thing) qualify row_number() over "
    "(partition by one.n order by t.a) = 1",
}


@pytest.fixture(scope="module")
def things(spark, tmp_path_factory):
    """The same rows on both engines."""
    file = tmp_path_factory.mktemp("things") / "thing.parquet"
    typed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in COLUMNS.items())
    con = connect()
    rows = THINGS.replace("\\\\", "\\")
    con.execute(f"create table thing as select r, {typed} from (values {rows}) v(r, {', '.join(COLUMNS)})")
    con.execute(f"copy thing to '{file}' (format parquet)")
    spark.read.parquet(str(file)).createOrReplaceTempView("thing")
    yield con
    spark.catalog.dropTempView("thing")
    con.close()


def _ansi(spark, sql):
    from placemaker.standard.spark import _settings

    with _settings(spark):
        return spark.sql(sql)


def _split(text):
    """The expressions of a list, told apart by the commas that stand in no brackets and no quotes."""
    found, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        quoted ^= sign == "'"
        depth += not quoted and (sign == "(") - (sign == ")")
        if sign == "," and not depth and not quoted:
            found.append(text[start:at].strip())
            start = at + 1
    return [*found, text[start:].strip()]


@pytest.mark.parametrize("names", TRIED)
def test_an_expression_has_the_same_value_on_both(spark, things, names):
    expressions = _split(TRIED[names])
    carried = [carry_row(one, tuple(COLUMNS.items()), "here") for one in expressions]
    wanted = things.execute(f"select {', '.join(expressions)} from thing order by r").fetchall()
    named = ", ".join(f"{sql} as c{place}" for place, sql in enumerate(carried))
    given = [tuple(one)[1:] for one in _ansi(spark, f"select r, {named} from thing order by r").collect()]
    for place, one in enumerate(expressions):
        assert (one, [row[place] for row in given]) == (one, [row[place] for row in wanted])


@pytest.mark.parametrize("names", SETS)
def test_a_query_gives_the_same_rows_on_both(spark, things, names):
    tree, _ = carry_query(SETS[names], (("thing", tuple(COLUMNS.items())),), "here")
    given = [tuple(one) for one in _ansi(spark, tree.sql("spark")).collect()]
    assert sorted(given, key=str) == sorted(things.execute(SETS[names]).fetchall(), key=str)


def test_all_that_is_carried_over_is_tried():
    tried = {name for names in [*TRIED, *SETS] for name in names.split()}
    assert set(CARRIED) - tried == set()


# --- DataFrames that nobody published ---------------------------------------------------------------------------------

SMALL = build_table(
    {
        "name": "thing",
        "title": "Things",
        "schema": {
            "fields": [
                {"name": "ref", "type": "string", "title": "Reference"},
                {"name": "size", "type": "integer", "title": "Size", "constraints": {"minimum": 1}},
                {"name": "amount", "type": "number", "title": "Amount", "constraints": {"required": True}},
                {"name": "at", "type": "datetime", "title": "Time"},
                {"name": "on", "type": "date", "title": "Day"},
            ],
            "primaryKey": "ref",
        },
    }
)


def found_in(spark, frame, table=SMALL):
    return {(one["row"], one["rule"], one["message"]) for one in check_spark(spark, {table: frame}).findings.collect()}


def test_rows_without_numbers_are_numbered_as_they_are_read(spark):
    rows = [("A", 1), ("B", 0), ("A", 2), ("C", None), ("B", 3)]
    frame = spark.createDataFrame(
        [(ref, size, 1) for ref, size in rows], "ref string, size int, amount int"
    ).repartition(1)
    found = found_in(spark, frame)
    assert {(row, rule) for row, rule, _ in found if row} == {
        (3, "thing.ref.unique"),
        (5, "thing.ref.unique"),
        (2, "thing.size.range"),
    }
    assert (5, "thing.ref.unique", "Reference 'B' is on row 2 already.") in found


def test_numbers_of_rows_go_on_from_part_to_part(spark):
    frame = spark.range(0, 100, 1, 4).selectExpr("cast(id as string) as ref", "0 as size", "1.5D as amount")
    found = check_spark(spark, {SMALL: frame}).findings.where("row is not null").collect()
    assert sorted((one["row"], one["key"]) for one in found) == [(n + 1, str(n)) for n in range(100)]


def test_columns_of_other_types_are_read_as_what_they_say(spark):
    frame = spark.sql(
        "select * from values ('A', 12.0D, 12345678.5D, timestamp'2024-01-01 10:00:00', timestamp_ntz'2024-01-01 00:00:00'), "
        "('B', 12.5D, 0.00001D, null, timestamp_ntz'2024-01-01 10:00:00') as t(ref, size, amount, at, on)"
    )
    found = found_in(spark, frame)
    assert {(rule, message.split(" is not ")[0]) for row, rule, message in found if row == 2} == {
        ("thing.size.type", "Size '12.5'"),
        ("thing.amount.type", "Amount '1.0E-5'"),
        ("thing.on.type", "Day '2024-01-01 10:00:00'"),
    }
    assert not [row for row, *_ in found if row == 1]


def test_missing_and_unknown_columns_are_findings_of_the_whole_table(spark):
    frame = spark.createDataFrame([(1, "A", "x")], "_row bigint, REF string, colour string")
    assert {(row, rule) for row, rule, _ in found_in(spark, frame)} == {
        (None, "thing.amount.column"),
        (None, "thing.size.column"),
        (None, "thing.at.column"),
        (None, "thing.on.column"),
        (None, "thing.columns"),
    }


def test_findings_are_counted_by_rule_and_severity(spark):
    rows = [("A", 0, 1), ("A", 0, 1), (None, 1, None)]
    found = check_spark(spark, {SMALL: spark.createDataFrame(rows, "ref string, size int, amount int").repartition(1)})
    assert found.count_by_rule()["thing.size.range"] == 2
    assert found.count_by_severity() == {"reject": 2, "error": 3, "query": 0, "note": 2}
    assert found.rows["thing"].columns == ["_row", "ref", "size", "amount"]


def test_the_session_keeps_its_own_settings_and_no_view_is_left(spark):
    before = {"spark.sql.ansi.enabled": "false", "spark.sql.parser.escapedStringLiterals": "true"}
    for name, value in before.items():
        spark.conf.set(name, value)
    try:
        views = spark.sql("show tables").count()
        frame = spark.createDataFrame([("it's \\ here", 1)], "ref string, amount int")
        assert "thing.ref.unique" not in {rule for _, rule, _ in found_in(spark, frame)}
        assert {name: spark.conf.get(name) for name in before} == before
        assert spark.sql("show tables").count() == views
    finally:
        for name in before:
            spark.conf.unset(name)


def test_what_cannot_be_checked_is_refused_in_plain_words(spark, tmp_path):
    frame = spark.createDataFrame([(1,)], "n int")
    with pytest.raises(Refusal, match="no column 'ref'"):
        check_spark(spark, {SMALL: frame})
    with pytest.raises(Refusal, match="no table 'hoem'.*home"):
        check_spark(spark, {"hoem": frame})
    with pytest.raises(Refusal, match="published Parquet files only"):
        check_spark(spark, {"home": tmp_path / "homes.csv"})
    with pytest.raises(Refusal, match="no such file"):
        check_spark(spark, {"home": tmp_path / "home.parquet"})
    with pytest.raises(Refusal, match="no published Parquet"):
        check_spark(spark, tmp_path)
    with pytest.raises(Refusal, match="no tables"):
        check_spark(spark, {})
    with pytest.raises(Refusal, match="holds array"):
        check_spark(spark, {SMALL: spark.createDataFrame([("A", [1])], "ref string, size array<int>")})


def test_a_rule_that_is_not_carried_over_is_named(spark):
    rule = standard.schema.build_rule(
        "thing",
        {"id": "odd", "expect": "reverse(ref) <> ref", "severity": "note", "message": "Odd.", "dimension": "validity"},
    )
    table = dataclasses.replace(SMALL, rules=(dataclasses.replace(rule, vouched=True),))
    frame = spark.createDataFrame([("A", 1)], "ref string, amount int")
    with pytest.raises(Refusal, match=r"odd: `REVERSE\(.ref.\)` is not carried over to Spark"):
        check_spark(spark, {table: frame})
