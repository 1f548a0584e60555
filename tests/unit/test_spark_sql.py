"""What of the standard's SQL is carried over to Spark, and what is refused: no Spark is needed to say so."""

import re
from datetime import date

import pytest

from placemaker.lake import Refusal, connect
from placemaker.standard.compile import compile_table
from placemaker.standard.mapping import direct_mapping
from placemaker.standard.ruling import rule_sql, tables_of
from placemaker.standard.schema import tables
from placemaker.standard.spark_letters import lower, upper
from placemaker.standard.spark_regex import java_pattern, java_replacement
from placemaker.standard.spark_sql import carry_query, carry_row

TODAY = date(2026, 4, 1)
RULES = [rule for table in tables().values() for rule in table.rules]
COLUMNS = {
    name: (("_row", "BIGINT"), *((f.name, f.sql_type) for f in table.fields)) for name, table in tables().items()
}
ROW = (("word", "VARCHAR"), ("n", "BIGINT"), ("amount", "DECIMAL(18,4)"), ("day", "DATE"), ("at", "TIMESTAMP"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.id}")
def test_every_rule_of_the_standard_is_carried_over(rule):
    sql = rule_sql(rule, tables()[rule.table], TODAY)
    if rule.expect:
        assert carry_row(sql, COLUMNS[rule.table], rule.id)
    else:
        _, own = carry_query(sql, tuple((name, COLUMNS[name]) for name in tables_of(rule)), rule.id)
        told = set(re.findall(r"\{(\w+)\}", rule.message)) | {rule.field}
        # A double or something unknown would be told in other words by Spark.
        assert not [name for name, kind in own if name in told and kind in ("double", "unknown", "interval")]


@pytest.mark.parametrize("name", tables())
def test_the_checks_that_each_field_brings_are_carried_over(name):
    table = tables()[name]
    (one,) = direct_mapping(table).tables
    compiled = compile_table(one, 0, name, list(table.names), False, TODAY)
    columns = [(f"_text_{field}", "VARCHAR") for field in table.names]
    kept = [(kept, "BOOLEAN" if kept[1] == "k" else table.field(kept[4:]).sql_type) for kept in compiled.kept]
    for check in compiled.checks:
        assert carry_row(check.holds, (*COLUMNS[name], *columns, *kept), check.rule)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("median(n) > 1", "MEDIAN"),
        ("word similar to 'a'", "SIMILAR TO"),
        ("regexp_matches(word, n)", "a pattern that is no text written out"),
        ("regexp_matches(word, 'a', 'i')", "a pattern with options"),
        ("regexp_matches(word, '(?s)a')", "(?"),
        ("regexp_matches(word, '[[:alpha:]]')", "[:"),
        ("regexp_replace(word, 'a', 'b') = ''", "a replacement"),
        ("substr(word, 0) = ''", "from 1"),
        ("left(word, n) = ''", "from 0"),
        ("try_cast(word as integer) > 1", "a cast from text"),
        ("cast(word as date) > day", "a cast from text"),
        ("cast(amount / 2 as varchar) = ''", "a cast from double"),
        ("word || amount / 2 = ''", "double"),
        ("word = n", "another kind"),
        ("day = word", "a text where a day is meant"),
        ("day > n", "another kind"),
        ("coalesce(day, n) is null", "another kind"),
        ("day * 2 > n", "date"),
        ("extract(hour from day) > 1", "HOUR"),
        ("extract(epoch from at) > 1", "EPOCH"),
        ("date_trunc('decade', day) > day", "DECADE"),
        ("strftime(day, '%Y') = ''", "STRFTIME"),
        ("list_contains([1], n)", "["),
        ("nowhere > 1", "nowhere"),
    ],
)
def test_what_has_no_certain_meaning_on_both_is_refused_in_plain_words(sql, words):
    with pytest.raises(Refusal, match=r"rules/thing\.yaml.*not carried over to Spark") as refused:
        carry_row(sql, ROW, "rules/thing.yaml, rule a")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select _row, any_value(word) from thing group by 1", "ANY_VALUE"),
        ("select _row from thing qualify first(n) over (order by n) > 1", "FIRST"),
        ("select distinct on (word) _row from thing", "distinct on"),
        ("select _row, sum(amount / 2) as total from thing group by 1", "double"),
    ],
)
def test_a_query_whose_result_is_not_certain_is_refused(sql, words):
    with pytest.raises(Refusal, match="not carried over to Spark") as refused:
        carry_query(sql, (("thing", (("_row", "BIGINT"), *ROW)),), "a rule")
    assert words in str(refused.value)


def test_kinds_are_known_through_queries_within_queries():
    sql = (
        "with s as (select word, sum(amount) as total, max(day) as last, count(*) as times, avg(n) as mean from thing "
        "group by 1) select t._row, s.total, s.last - t.day as days, t.day + interval 1 month as later, s.mean, "
        "s.times from thing t join s using (word)"
    )
    _, own = carry_query(sql, (("thing", (("_row", "BIGINT"), *ROW)),), "a rule")
    assert dict(own) == {
        "_row": "whole",
        "total": "decimal",
        "days": "whole",
        "later": "moment",
        "mean": "double",
        "times": "whole",
    }


@pytest.mark.parametrize(
    ("pattern", "java"),
    [
        ("^[0-9]{1,12}$", r"(?d)^[0-9]{1,12}\z"),
        ("a.b", "(?d)a.b"),
        ("(?i)cr$", r"(?diu)cr\z"),
        (r"[\s[&&]", r"(?d)[\t\n\f\r \[\&\&]"),
        (r"\$[.$]", r"(?d)\$[.$]"),
    ],
)
def test_patterns_mean_the_same_to_java(pattern, java):
    assert java_pattern(pattern, "here") == java


def test_a_whole_pattern_takes_all_its_branches_from_end_to_end():
    assert java_pattern("a|b", "here", whole=True) == r"(?d)^(?:a|b)\z"


def test_a_replacement_names_its_groups_as_java_does():
    assert java_replacement(r"\1 for $5\\") == r"$1 for \$5\\"


def test_each_letter_becomes_the_one_letter_that_duckdb_makes_of_it():
    """Python makes the same of letters as Spark does; Unicode 13 and later letters are left out."""
    letters = [chr(at) for at in [*range(1, 0xD800), *range(0xE000, 0x1E900)] if chr(at) not in "\0'\\"]
    with connect() as con:
        con.execute("create table letter as select unnest(?) as letter", [letters])
        made = con.execute("select letter, lower(letter), upper(letter) from letter").fetchall()
    small, large = _parts(lower("x")), _parts(upper("x"))
    wrong = []
    for letter, in_small, in_large in made:
        mine = letter.translate(small[0]).lower(), letter.translate(large[0]).upper().translate(large[1])
        wrong += [letter] if (in_small, in_large) != mine else []
    # Letters that one of the two does not know yet.
    assert len(wrong) < 40 and not [letter for letter in wrong if ord(letter) < 0x1C80 and letter not in "ƛɤ"]


def _parts(sql):
    """The tables of the ``translate`` calls of a piece of SQL, the inner first."""
    return [str.maketrans(old, new) for old, new in re.findall(r", '([^']*)', '([^']*)'\)", sql)]
