"""The gate for SQL against a judge of its own: DuckDB's parser, asked what it sees in a text that has passed.

Hypothesis puts pieces of SQL together at random, honest and not. Whatever passes is given to DuckDB to parse, as it was
written and as it is written anew: it must be one expression of the functions on the list, with no query in it.
"""

import json

import duckdb
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from placemaker.lake import Refusal
from placemaker.standard.allowed import OTHER_FUNCTIONS
from placemaker.standard.expressions import row_sql


def words(text):
    return text.split()


COLUMNS = ["prop", "type", "Start Date", "größe", "x"]

#: What DuckDB calls the functions that the allow-list names by sqlglot's classes, and its operators.
KNOWN = OTHER_FUNCTIONS | set(
    words("""
    abs add_months array_contains array_length ceil ceiling concat concat_ws contains date_add date_diff date_sub
    datediff date_trunc datetrunc make_date day dayofmonth dayofweek dayofyear ends_with suffix date_part floor greatest
    hour last_day least left length len levenshtein lower minute month monthname nullif quarter regexp_extract
    regexp_replace replace reverse right round sign split str_split string_split split_part starts_with prefix strpos
    position strptime substring substr strftime trim ltrim rtrim upper week weekofyear year isoyear isodow extract
    list_value array_extract array_slice list_extract row struct_pack editdist3 regexp_full_match regexp_matches
    list_contains list_has jaro_winkler_similarity damerau_levenshtein to_days to_months to_years to_hours to_minutes
    to_seconds to_weeks to_milliseconds to_microseconds to_quarters to_decades to_centuries to_millennia
    + - * / // % || ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape ~ !~ !
    list_concat list_has_any array_to_string date timestamp""")
)
CLASSES = {"COLUMN_REF", "CONSTANT", "FUNCTION", "COMPARISON", "CONJUNCTION", "OPERATOR", "CAST", "CASE", "BETWEEN"}

pieces = st.sampled_from(
    words("""
    prop type "Start Date" "größe" x y 'a' '' 'it''s' 1 0 1.5 1e5 0x1F 1_000 .5 null true today date interval '1' day
    month + - * / // % || = <> < >= and or not in ( ) ( ) , , [ ] . :: : ; is between like ilike similar to case when
    then else end cast try_cast as integer varchar date timestamp decimal(3,2) int[] text json secret lower upper trim
    substr replace regexp_replace coalesce nullif nullif(x,0) /nullif(x,0) length date_diff date_trunc strftime
    read_text read_csv getenv current_setting query range unnest list_transform select from where with exists count(*)
    over sum home 'file.csv' "file.csv" -- /* */ {# #} $$ $a$ ? $1 @ # \\ ` e' x' u&' b' ' " -> ->>
    => := ~ !~ ^ & | << >>
    extract epoch from position in at time zone collate nocase distinct filter within group order by limit values
    struct {'a':1} map lambda columns(*) * exclude main. system. pragma set copy attach install load call
    current_date now() user session_user rowid escape array row any all some glob
    é ﹣ ⁄ ſ К \u202e""")
    + ["\u00a0", "\u2028", "\ufeff"]
)
honest = st.recursive(
    st.sampled_from(["prop", '"Start Date"', "type", "'a'", "'--'", "1", "2.5", "null", "date '2026-01-01'", "true"]),
    lambda one: st.one_of(
        st.builds("({} {} {})".format, one, st.sampled_from(words("+ - * || = <> < and or like")), one),
        st.builds("({} / nullif({}, 0))".format, one, one),
        st.builds("({} % 7)".format, one),
        st.builds(
            "{}({})".format,
            st.sampled_from(
                words("lower upper trim length abs year month day floor round reverse sign last_day ltrim")
            ),
            one,
        ),
        st.builds(
            "{}({}, {})".format,
            st.sampled_from(
                words(
                    "coalesce concat greatest least nullif regexp_matches regexp_full_match regexp_extract strptime "
                    "try_strptime strftime starts_with ends_with contains instr left right levenshtein "
                    "jaro_winkler_similarity list_contains string_split date_part datepart date_trunc"
                )
            ),
            one,
            one,
        ),
        st.builds("case when {} then {} else {} end".format, one, one, one),
        st.builds(
            "{}({} as {})".format, st.sampled_from(["cast", "try_cast"]), one, st.sampled_from(["int", "date", "text"])
        ),
        st.builds("({} in ({}, {}))".format, one, one, one),
        st.builds("({} between {} and {})".format, one, one, one),
        st.builds("({} is not distinct from {})".format, one, one),
        st.builds("({} + interval {} day)".format, one, st.integers(0, 99)),
        st.builds("date_diff('day', {}, {})".format, one, one),
        st.builds("split_part({}, '/', {})".format, one, st.integers(1, 3)),
        st.builds("replace({}, 'a', {})".format, one, one),
        st.builds("substring({}, 1, {})".format, one, st.integers(0, 9)),
        st.builds("extract(year from {})".format, one),
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def judge():
    """The classes and functions in DuckDB's own tree of an expression; None where it cannot parse it."""
    con = duckdb.connect(":memory:", config={"enable_external_access": False})

    def look(text):
        tree = json.loads(con.execute("select json_serialize_sql(?)", [f"select {text}"]).fetchone()[0])
        if tree["error"]:
            return None
        assert len(tree["statements"]) == 1, "more than one statement"
        node = tree["statements"][0]["node"]
        assert node["type"] == "SELECT_NODE" and not node["cte_map"]["map"] and not node["group_expressions"]
        assert node["from_table"]["type"] == "EMPTY" and node["where_clause"] is None and not node["modifiers"]
        (only,) = node["select_list"]
        assert not only["alias"], "it names itself"
        found, left = [], [only]
        while left:
            one = left.pop()
            if isinstance(one, dict):
                if "class" in one:
                    found.append((one["class"], one.get("function_name", "") if one["class"] == "FUNCTION" else ""))
                    assert one.get("schema", "") in ("", "main") and one.get("catalog", "") in ("", "system")
                left += one.values()
            elif isinstance(one, list):
                left += one
        return found

    with con:
        yield look


def passes(text):
    try:
        return row_sql(text, COLUMNS, "here")
    except Refusal:
        return None


def is_harmless(found):
    return all(kind in CLASSES and (kind != "FUNCTION" or name in KNOWN) for kind, name in found)


@settings(deadline=None, max_examples=600)
@given(st.lists(pieces, min_size=1, max_size=12), st.sampled_from(["", " ", "\n"]))
@example(["1", "/*", "*/", "+ read_text('x')"], " ")
@example(["prop", "--", "\n", "or getenv('x') is null"], " ")
@example(["'", "prop", "'", "||", "read_text('x')"], "")
def test_what_passes_is_harmless_to_duckdb_too(judge, parts, between):
    text = between.join(parts)
    anew = passes(text)
    if anew is not None:
        found = judge(anew)
        assert found is None or is_harmless(found), (anew, found)
        raw = judge(text)
        assert raw is None or is_harmless(raw), (text, raw)


@settings(deadline=None, max_examples=300)
@given(honest)
def test_an_honest_expression_passes_and_means_the_same_anew(judge, text):
    anew = passes(text)
    # A text put into itself again and again is not honest, even here.
    assume(anew is not None or "replace" in text)
    if anew is not None:
        raw, written = judge(text), judge(anew)
        assert raw is not None and written is not None, (text, anew)
        assert is_harmless(raw) and is_harmless(written), (raw, written)
        assert passes(anew), "what is written anew passes again"


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_any_text_at_all_is_an_expression_or_refused(judge, text):
    anew = passes(text)
    if anew is not None:
        assert is_harmless(judge(anew) or [])


@settings(deadline=None, max_examples=150)
@given(honest, st.data())
def test_an_expression_with_one_piece_slipped_in_is_refused_or_harmless(judge, text, data):
    place = data.draw(st.integers(0, len(text)))
    changed = text[:place] + data.draw(pieces) + text[place:]
    anew = passes(changed)
    if anew is not None:
        for one in (anew, changed):
            assert is_harmless(judge(one) or []), one
