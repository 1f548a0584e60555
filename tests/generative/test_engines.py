"""Three engines on random tables and random rules: DuckDB, Spark and a reference in plain Python find the same.

Made up are the rules, as expressions over what is carried over to Spark, and rows of good, bad and empty cells
with repeated keys and missing parents. The rows are checked as texts, as an export has them, and as the typed rows of
a published snapshot. Many rules and rows go into each example, since Spark needs about a second to begin.
"""

import dataclasses
import random
from datetime import date

import duckdb
import pytest
import random_parts as st
from engine_cases import FIELDS, TODAY, truths
from hypothesis import HealthCheck, Phase, given, settings, strategies
from plain_reference import BLANKS, PlainRule, PlainTable, find, read, written

from placemaker import standard
from placemaker.standard.mapping import FieldMapping, Mapping, TableMapping
from placemaker.standard.reading import Read
from placemaker.standard.schema import build_rule, build_table, codelist
from placemaker.standard.spark import check_spark

pytestmark = pytest.mark.xdist_group("spark")

CODES = codelist("tenancy_type").values
cases = strategies.integers(0, 2**32 - 1).map(lambda seed: a_case(seed))
HOMES = ("h1", "h2", "H3")
letters = st.text("abcxyAB 0129'\"\\%_$£,\n\téÉßΣİǆﬁ\u00a0", max_size=6)
days = st.builds(
    "{}-{:02}-{:02}".format, st.sampled_from(["1799", "2024", "2026", "0000"]), st.integers(0, 13), st.integers(0, 32)
)
good_days = st.builds("{}-{:02}-{:02}".format, st.sampled_from([2024, 2026]), st.integers(1, 12), st.integers(1, 28))
clocks = st.sampled_from(["", " 00:00:00", "T00:00", " 10:30", "T09:05:59", " 9:05", " 24:00", " 10:30:15.25", "Z"])
numbers = st.builds(
    str.format,
    st.sampled_from(["{0}", "{0}", "-{0}", "{0}.{1}", "£{0}.{1}", "£-{0}", "-£{0}.5", "+{0}", "{0:,}", "{0:,}.{1}",
                     "0{0}", "{0}_0", "{0},{1}", ".{1}", "{0}e3", "{0}.{1}00000", "--{0}", "{0}."]),
    st.integers(0, 40) | st.integers(0, 10**9),
    st.sampled_from(["5", "50", "00", "1234", "12345"]),
)  # fmt: skip
CELLS = {
    "ref": st.sampled_from(["A", "B", "C", "D", "a", "É", "n/a", "x y"]) | letters,
    "home_ref": st.sampled_from([*HOMES, "h9", "h1 "]),
    "word": letters,
    "kind": st.sampled_from([*CODES[:3], "assurd", "Assured"]),
    "code": st.sampled_from(["1", "0012", "12a", "１２", "12\n"]) | letters,
    "n": numbers,
    "size": st.integers(-3, 60).map(str) | numbers,
    "amount": numbers,
    "flag": st.sampled_from(["true", "FALSE", "yes", "No", "1", "0", "maybe"]),
    "day": good_days | st.builds(str.__add__, days, clocks),
    "other_day": good_days | days,
    "moment": st.builds(str.__add__, good_days, clocks) | st.builds(str.__add__, days, clocks),
}
TYPES = {"n": "integer", "size": "integer", "amount": "number", "flag": "boolean", "day": "date", "other_day": "date",
         "moment": "datetime"}  # fmt: skip

#: Rules over many rows: the SQL, the fields that it rests on, and the same in Python over all rows.
SET_RULES = {
    "kind-is-there-twice": (
        "select t._row, twice.times from thing t join (select kind, day, count(*) as times from thing "
        "where kind is not null group by all having count(*) > 1) twice using (kind, day)",
        lambda rows: [
            place
            for place, row in enumerate(rows)
            if None not in (row["kind"], row["day"]) and sum(same(row, other, "kind", "day") for other in rows) > 1
        ],
    ),
    "amounts-add-up-to-much": (
        "with s as (select home_ref, sum(amount) as total, max(day) as last from thing group by 1) "
        "select t._row, s.total, s.last from thing t join s using (home_ref) where s.total > 20 and t.day < s.last",
        lambda rows: [
            place
            for place, row in enumerate(rows)
            if None not in (row["home_ref"], row["day"])
            and sum(other["amount"] or 0 for other in rows if other["home_ref"] == row["home_ref"]) > 20
            and any(
                other["home_ref"] == row["home_ref"] and other["day"] and other["day"] > row["day"] for other in rows
            )
        ],
    ),
    "another-with-a-later-day": (
        "select t._row, o.ref as later from thing t join thing o on lower(o.word) = lower(t.word) and o.day > t.day "
        "and o.size is distinct from t.size",
        lambda rows: [
            place
            for place, row in enumerate(rows)
            if row["word"] is not None
            and row["day"]
            and any(
                other["word"] is not None
                and small(other["word"]) == small(row["word"])
                and other["day"]
                and other["day"] > row["day"]
                and other["size"] != row["size"]
                for other in rows
            )
        ],
    ),
    "no-flag-in-the-home": (
        "select t._row from thing t where t.flag and not exists (select 1 from thing o where o.home_ref = t.home_ref "
        "and o._row <> t._row and o.flag is not null)",
        lambda rows: [
            place
            for place, row in enumerate(rows)
            if row["flag"] is True
            and not any(
                other is not row
                and row["home_ref"] is not None
                and other["home_ref"] == row["home_ref"]
                and other["flag"] is not None
                for other in rows
            )
        ],
    ),
}


def same(row, other, *names):
    return all(row[name] == other[name] for name in names)


def small(text):
    return "".join({"İ": "i", "Σ": "σ"}.get(letter, letter.lower()) for letter in text)


def a_case(seed):
    """A table with its rules, those as the reference knows them, and the rows of its cells."""
    rng = random.Random(seed)

    def draw(some):
        return some.make(rng)

    limits = {
        "ref": {"unique": True},
        "word": {"unique": draw(st.booleans())},
        "size": {"minimum": 0, "maximum": 50},
        "amount": draw(st.sampled_from([{}, {"maximum": 100}])),
        "code": {"pattern": "^[0-9]{1,12}$"},
        "other_day": {"minimum": date(2024, 3, 1)},
    }
    fields = []
    for name in CELLS:
        constraints = limits.get(name, {}) | {"required": draw(st.booleans())}
        one = {"name": name, "type": TYPES.get(name, "string"), "title": f"The {name}'s", "constraints": constraints}
        fields.append(one | ({"codelist": "tenancy_type"} if name == "kind" else {}))
    expressions = draw(st.lists(truths(2), 20, 30))
    rules, plain = [], []
    for number, one in enumerate(expressions):
        named = sorted(one.names, key=list(CELLS).index)
        if named:
            entry = {"id": f"rule-{number}", "expect": one.sql, "field": named[0]}
            entry["message"] = f"It is {{{named[-1]}}} of {{word}}."
            rules.append(entry)
            plain.append(PlainRule(entry["id"], "query", named[0], tuple(named), holds=one.value))
    messages = ["{times} of {kind}.", "{total} until {last}.", "Later is {later}.", "None in {home_ref}."]
    for (name, (sql, broken)), message in zip(SET_RULES.items(), messages, strict=True):
        rules.append({"id": name, "breaks": sql, "field": "size", "message": message})
        plain.append(PlainRule(name, "query", "size", broken=broken))
    schema = {"fields": fields, "primaryKey": "ref"}
    schema["foreignKeys"] = [{"fields": "home_ref", "reference": {"resource": "home", "fields": "home_ref"}}]
    common = {"severity": "query", "dimension": "validity"}
    built = tuple(dataclasses.replace(build_rule("thing", common | entry), vouched=True) for entry in rules)
    table = build_table({"name": "thing", "title": "Things", "schema": schema}, built)
    reference = PlainTable(
        "thing", table.fields, "ref", {"tenancy_type": CODES}, tuple(plain), {"home_ref": frozenset(HOMES)}
    )
    cell = {name: st.one_of(st.none(), *[strategy] * 5) for name, strategy in CELLS.items()}
    rows = draw(st.lists(st.fixed_dictionaries(cell), 10, 25))
    return Case(table, reference, rows)


class Case:
    """A table, the same for the reference, and rows of texts."""

    def __init__(self, table, reference, rows):
        self.table, self.reference, self.rows = table, reference, rows

    def __repr__(self):
        rules = [f"{rule.id}: {rule.expect or rule.breaks}" for rule in self.table.rules]
        return "\n".join(["", *rules, *map(str, self.rows)])


HOME = dataclasses.replace(
    build_table(
        {"name": "home", "schema": {"fields": [{"name": "home_ref", "type": "string"}], "primaryKey": "home_ref"}}
    ),
    title=standard.table("home").title,
)


def write_parquet(path, columns, rows):
    """A Parquet file with these columns (names and DuckDB types), and ``_row``."""
    named = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    marks = ", ".join("?" * (len(columns) + 1))
    with duckdb.connect() as con:
        con.execute(f"create table t (_row bigint, {named})")
        con.executemany(f"insert into t values ({marks})", [[n, *row] for n, row in enumerate(rows, 1)])
        con.execute(f"copy (select * from t order by _row) to '{path}' (format parquet)")
    return path


def by_duckdb(folder, table, columns, rows):
    """The findings of DuckDB's check of a file that holds the things, and the homes after them."""
    both = {"is_home": "BOOLEAN", "key": "VARCHAR", **columns}
    lines = [[False, None, *row] for row in rows] + [[True, key, *([None] * len(columns))] for key in HOMES]
    file = write_parquet(folder / "both.parquet", both, lines)
    things = TableMapping(table, {name: FieldMapping(column=name) for name in CELLS}, where="not is_home = 'true'")
    homes = TableMapping(HOME, {"home_ref": FieldMapping(column="key")}, where="is_home = 'true'")
    with standard.check(file, Mapping("things", "Things", Read(), (things, homes)), today=TODAY) as found:
        return {
            (one.row, one.key, one.field, one.value, one.rule, one.severity, one.message)
            for one in found.findings
            if one.table == "thing"
        }


def by_spark(spark, folder, table, columns, rows):
    things = write_parquet(folder / "thing.parquet", columns, rows)
    homes = write_parquet(folder / "home.parquet", {"home_ref": "VARCHAR"}, [[key] for key in HOMES])
    found = check_spark(spark, {table: things, HOME: homes}, today=TODAY).findings
    return {tuple(one)[:7] for one in found.collect() if one["table_name"] == "thing"}


def views(case):
    """The rows as texts, and as published: the types of the columns, the values, and their texts."""
    table, rows = case.table, case.rows
    yield dict.fromkeys(CELLS, "VARCHAR"), [[row[name] for name in CELLS] for row in rows], rows
    # Published, a cell that cannot be read is empty, and every other has its type.
    typed = [[value_of(one, row[one.name]) for one in table.fields] for row in rows]
    texts = [{one.name: written(value) for one, value in zip(table.fields, row, strict=True)} for row in typed]
    yield {one.name: one.sql_type for one in table.fields}, typed, texts


def value_of(field, cell):
    text = (cell or "").strip(BLANKS) or None
    return read(field, text, {"tenancy_type": CODES})


#: A smaller example is not worth minutes: the rules are short, and what differs is named.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(case=cases)
def test_duckdb_finds_what_the_reference_finds(tmp_path_factory, case):
    folder = tmp_path_factory.mktemp("engines")
    for columns, cells, texts in views(case):
        found = {one[:6] for one in by_duckdb(folder, case.table, columns, cells)}
        assert sorted(found ^ find(case.reference, texts), key=str) == []


@settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(case=cases)
def test_three_engines_find_the_same(spark, tmp_path_factory, case):
    folder = tmp_path_factory.mktemp("engines")
    for columns, cells, texts in views(case):
        duck = by_duckdb(folder, case.table, columns, cells)
        assert sorted({one[:6] for one in duck} ^ find(case.reference, texts), key=str) == []
        # Between the two engines the words must be the same too.
        assert sorted(by_spark(spark, folder, case.table, columns, cells) ^ duck, key=str) == []


def test_every_kind_of_field_is_made_up():
    assert {name for names in FIELDS.values() for name in names} <= set(CELLS)
