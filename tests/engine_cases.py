"""Random rules that two engines run as SQL and plain Python works out by itself: an expression, and what it means.

Each expression holds its SQL in DuckDB's dialect, the fields that it names, and a function of a row's values. None is
unknown, as null is in SQL.
"""

import calendar
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

import random_parts as st

FIELDS = {
    "text": ("ref", "word", "code"),
    "whole": ("n", "size"),
    "decimal": ("amount",),
    "truth": ("flag",),
    "date": ("day", "other_day"),
    "moment": ("moment",),
}
KINDS = {name: kind for kind, names in FIELDS.items() for name in names}
TODAY = date(2026, 4, 1)


@dataclass(frozen=True)
class Expression:
    sql: str
    names: frozenset[str]
    value: object


def known(function):
    """A function that is unknown where one of its arguments is."""
    return lambda *values: None if any(value is None for value in values) else function(*values)


def made(sql, function, *parts, strict=True):
    """An expression of others: ``sql`` with {0}, {1} for them, ``function`` of their values."""
    work = known(function) if strict else function
    names = frozenset().union(*(part.names for part in parts))
    return Expression(
        sql.format(*(part.sql for part in parts)), names, lambda row: work(*(part.value(row) for part in parts))
    )


def literal(value):
    return "'" + value.replace("'", "''") + "'"


def constant(sql, value):
    return Expression(sql, frozenset(), lambda row: value)


def named(name):
    return Expression(name, frozenset([name]), lambda row: row[name])


def fields(kind):
    return st.sampled_from(FIELDS[kind]).map(named)


def build(options):
    """One of the ``options``: a strategy, or the SQL, the function and the strategies of the parts."""
    return st.one_of(
        *(
            one
            if not isinstance(one, tuple)
            else st.tuples(*one[2:]).map(lambda parts, one=one: made(one[0], one[1], *parts))
            for one in options
        )
    )


def coalesce(strategy):
    return st.tuples(strategy, strategy).map(
        lambda parts: made("coalesce({0}, {1})", lambda a, b: b if a is None else a, *parts, strict=False)
    )


def chosen(truth, strategy):
    return st.tuples(truth, strategy, strategy).map(
        lambda parts: made(
            "case when {0} then {1} else {2} end", lambda c, a, b: a if c is True else b, *parts, strict=False
        )
    )


def half_up(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def round_double(value, places):
    scaled = value * 10**places
    cut = math.trunc(scaled)
    return (cut + math.copysign(1, scaled) if abs(scaled - cut) >= 0.5 else float(cut)) / 10**places


def add_months(value, months):
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return value.replace(year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1]))


def at_midnight(value):
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def start_of(unit, value):
    value = at_midnight(value).replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return value - timedelta(value.weekday())
    return value.replace(day=1) if unit == "month" else value.replace(day=1, month=1) if unit == "year" else value


def between_starts(unit, a, b):
    """How many starts of a unit lie between two days; of weeks, how many whole ones."""
    if unit in ("day", "week"):
        days = (start_of("day", b) - start_of("day", a)).days
        return divided(days, 7) if unit == "week" else days
    return (b.year - a.year) * (12 if unit == "month" else 1) + (b.month - a.month if unit == "month" else 0)


def divided(a, b):
    return int(math.copysign(abs(a) // abs(b), a * b)) if a else 0


def small(a):
    """One letter for one letter, as the engines make them."""
    return "".join({"İ": "i", "Σ": "σ"}.get(letter, letter.lower()) for letter in a)


def large(a):
    def one(letter):
        if letter == "ß":
            return "ẞ"
        if len(letter.upper()) == 1:
            return letter.upper()
        return letter.title() if len(letter.title()) == 1 else letter

    return "".join(map(one, a))


PATTERNS = ["^[a-z]+$", "(?i)^b", "[0-9]{2,3}", "^.$", r"\d$", "(^| )x( |$)", r"\bc", "^(ab|é)", "[^a-z0-9 ]", "a.b"]
words = st.sampled_from(
    ["", "a", "A", "b", "É", "ß", "x y", "12", "a'b", "\\", "%", "$", "ΣΑΣ", "İ", "\n", "é1", "abc"]
)
counts = st.integers(0, 4)


def like(pattern):
    text = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)
    return re.compile(text, re.S)


def pattern_of(text):
    """The pattern for Python, in which a bare ``$`` would match before a last line break."""
    return re.compile(text.replace("$", r"\Z"), re.ASCII if "(?i)" not in text else 0)


def texts(depth):
    leaves = [fields("text"), words.map(lambda word: constant(literal(word), word))]
    if not depth:
        return st.one_of(*leaves)
    text, whole = texts(depth - 1), wholes(depth - 1)
    return build(
        [
            *leaves,
            ("lower({0})", small, text),
            ("upper({0})", large, text),
            ("trim({0})", lambda a: a.strip(" "), text),
            ("ltrim({0}, '0')", lambda a: a.lstrip("0"), text),
            ("replace({0}, ' ', '')", lambda a: a.replace(" ", ""), text),
            ("({0} || {1})", lambda a, b: a + b, text, text),
            ("cast({0} as varchar)", str, whole),
            ("regexp_replace({0}, '[^0-9]', '', 'g')", lambda a: re.sub("[^0-9]", "", a), text),
            ("regexp_extract({0}, '([a-z])[0-9]*', 1)", lambda a: (re.search("([a-z])[0-9]*", a) or [0, ""])[1], text),
            ("split_part({0}, ' ', 2)", lambda a: (a.split(" ") + [""])[1] if " " in a else "", text),
            counts.flatmap(lambda k: text.map(lambda a: made(f"left({{0}}, {k})", lambda x: x[:k], a))),
            counts.flatmap(lambda k: text.map(lambda a: made(f"right({{0}}, {k})", lambda x: x[-k:] if k else "", a))),
            st.tuples(st.integers(1, 3), counts).flatmap(
                lambda k: text.map(
                    lambda a: made(f"substr({{0}}, {k[0]}, {k[1]})", lambda x: x[k[0] - 1 : k[0] - 1 + k[1]], a)
                )
            ),
            coalesce(text),
            chosen(truths(depth - 1), text),
        ]
    )


def wholes(depth):
    leaves = [fields("whole"), st.integers(0, 60).map(lambda n: constant(str(n), n))]
    if not depth:
        return st.one_of(*leaves)
    whole, text, day = wholes(depth - 1), texts(depth - 1), dates(depth - 1)
    divisors = st.sampled_from([2, 3, 7])
    return build(
        [
            *leaves,
            ("({0} + {1})", lambda a, b: a + b, whole, whole),
            ("({0} - {1})", lambda a, b: a - b, whole, whole),
            ("abs({0})", abs, whole),
            ("(-{0})", lambda a: -a, whole),
            ("length({0})", len, text),
            ("sign({0})", lambda a: (a > 0) - (a < 0), whole),
            ("({0} - {1})", lambda a, b: (a - b).days, day, day),
            ("extract(year from {0})", lambda a: a.year, day),
            ("month({0})", lambda a: a.month, day),
            ("isodow({0})", lambda a: a.isoweekday(), day),
            ("week({0})", lambda a: a.isocalendar()[1], day),
            ("cast({0} as integer)", lambda a: int(half_up(a, 0)), fields("decimal")),
            ("try_cast(substr({0}, 1, 1) as integer)", lambda a: int(a[:1]) if re.match("[0-9]", a) else None, text),
            ("position('a' in {0})", lambda a: a.find("a") + 1, text),
            divisors.flatmap(lambda k: whole.map(lambda a: made(f"({{0}} // {k})", lambda x: divided(x, k), a))),
            divisors.flatmap(lambda k: whole.map(lambda a: made(f"({{0}} % {k})", lambda x: x - divided(x, k) * k, a))),
            st.sampled_from(["day", "week", "month", "year"]).flatmap(
                lambda unit: st.tuples(day, day).map(
                    lambda pair: made(
                        f"date_diff('{unit}', {{0}}, {{1}})", lambda a, b: between_starts(unit, a, b), *pair
                    )
                )
            ),
            coalesce(whole),
            chosen(truths(depth - 1), whole),
        ]
    )


def decimals(depth):
    leaves = [fields("decimal"), st.sampled_from(["0.5", "12.25", "100.0"]).map(lambda n: constant(n, Decimal(n)))]
    if not depth:
        return st.one_of(*leaves)
    amount = fields("decimal")
    return build(
        [
            *leaves,
            ("({0} + {1})", lambda a, b: a + b, amount, fields("whole")),
            ("({0} * 12)", lambda a: a * 12, amount),
            ("abs({0})", abs, amount),
            ("round({0}, 1)", lambda a: half_up(a, 1), amount),
            st.tuples(amount, decimals(0)).map(
                lambda pair: made(
                    "greatest({0}, {1})",
                    lambda a, b: max((x for x in (a, b) if x is not None), default=None),
                    *pair,
                    strict=False,
                )
            ),
            coalesce(amount),
        ]
    )


def doubles(depth):
    amount = fields("decimal")
    ratio = st.tuples(amount, fields("whole")).map(
        lambda pair: made("{0} / nullif({1}, 0)", lambda a, b: float(a) / float(b) if b else None, *pair)
    )
    if not depth:
        return ratio
    return build(
        [
            ratio,
            ("{0} / 7", lambda a: float(a) / 7, amount),
            ("round({0}, 2)", lambda a: round_double(a, 2), ratio),
            ("floor({0})", lambda a: float(math.floor(a)), ratio),
        ]
    )


def dates(depth):
    leaves = [
        fields("date"),
        st.just(constant("today", TODAY)),
        st.just(constant("date '2024-02-29'", date(2024, 2, 29))),
    ]
    if not depth:
        return st.one_of(*leaves)
    day = dates(depth - 1)
    return build(
        [
            *leaves,
            (
                "({0} + cast({1} % 400 as integer))",
                lambda a, b: a + timedelta(b - divided(b, 400) * 400),
                fields("date"),
                fields("whole"),
            ),
            ("last_day({0})", lambda a: a.replace(day=calendar.monthrange(a.year, a.month)[1]), day),
            ("cast({0} as date)", lambda a: a.date(), fields("moment")),
            coalesce(day),
        ]
    )


def moments(depth):
    if not depth:
        return fields("moment")
    time_ = st.one_of(fields("moment"), dates(depth - 1))
    spans = st.sampled_from(
        [
            ("24 hours", timedelta(1)),
            ("90 minutes", timedelta(minutes=90)),
            ("10 days", timedelta(10)),
            ("2 weeks", timedelta(14)),
        ]
    )
    return build(
        [
            fields("moment"),
            spans.flatmap(
                lambda s: time_.map(lambda a: made(f"({{0}} + interval {s[0]})", lambda x: at_midnight(x) + s[1], a))
            ),
            st.sampled_from([1, 12, 18]).flatmap(
                lambda k: time_.map(
                    lambda a: made(f"({{0}} - interval {k} months)", lambda x: add_months(at_midnight(x), -k), a)
                )
            ),
            st.sampled_from(["day", "week", "month", "year"]).flatmap(
                # DuckDB 1.5.5 takes an empty time as unequal to a constant that is no start of a month, and not as
                # unknown; coalesce keeps it from that. No rule of the standard compares with such a constant.
                lambda unit: time_.map(
                    lambda a: made(f"coalesce(date_trunc('{unit}', {{0}}), null)", lambda x: start_of(unit, x), a)
                )
            ),
        ]
    )


def compared(strategy, function=lambda a: a):
    signs = {
        "=": lambda a, b: a == b,
        "<>": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    return st.tuples(st.sampled_from(sorted(signs)), strategy, strategy).map(
        lambda one: made(f"{{0}} {one[0]} {{1}}", lambda a, b: signs[one[0]](function(a), function(b)), one[1], one[2])
    )


def all_of(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def any_of(a, b):
    return True if a is True or b is True else None if a is None or b is None else False


def bytes_of(text):
    return text.encode()


def truths(depth):
    text = texts(max(depth - 1, 0))
    some = st.one_of(*(fields(kind) for kind in FIELDS))
    simple = [
        compared(text, bytes_of),
        compared(wholes(max(depth - 1, 0))),
        compared(st.one_of(decimals(max(depth - 1, 0)), fields("whole"))),
        st.tuples(doubles(max(depth - 1, 0)), st.sampled_from(["-1.5", "0", "0.25", "33.3"])).map(
            lambda one: made(f"{{0}} <= {one[1]}", lambda a: a <= float(one[1]), one[0])
        ),
        compared(st.one_of(dates(max(depth - 1, 0)), moments(max(depth - 1, 0))), at_midnight),
        fields("truth"),
        st.tuples(fields("moment"), fields("moment")).map(
            lambda pair: made("{0} - {1} > interval 36 hours", lambda a, b: a - b > timedelta(hours=36), *pair)
        ),
        some.map(lambda a: made("{0} is null", lambda x: x is None, a, strict=False)),
        some.map(lambda a: made("{0} is not null", lambda x: x is not None, a, strict=False)),
        st.tuples(text, text).map(lambda p: made("{0} is distinct from {1}", lambda a, b: a != b, *p, strict=False)),
        st.tuples(text, st.lists(words, min_size=1, max_size=3)).map(
            lambda one: made(f"{{0}} in ({', '.join(map(literal, one[1]))})", lambda a: a in one[1], one[0])
        ),
        st.tuples(fields("whole"), wholes(0), wholes(0)).map(
            lambda parts: made(
                "{0} between {1} and {2}",
                lambda a, b, c: all_of(known(lambda x, y: x >= y)(a, b), known(lambda x, y: x <= y)(a, c)),
                *parts,
                strict=False,
            )
        ),
        st.tuples(text, st.sampled_from(PATTERNS)).map(
            lambda one: made(
                "regexp_matches({0}, " + literal(one[1]).replace("{", "{{").replace("}", "}}") + ")",
                lambda a: bool(pattern_of(one[1]).search(a)),
                one[0],
            )
        ),
        st.tuples(text, st.sampled_from(["a%", "%1", "_", "%x%", "a\\%"])).map(
            lambda one: made(f"{{0}} like {literal(one[1])}", lambda a: bool(like(one[1]).fullmatch(a)), one[0])
        ),
        st.tuples(text, text).map(lambda pair: made("starts_with({0}, {1})", lambda a, b: a.startswith(b), *pair)),
        st.tuples(text, text).map(lambda pair: made("contains({0}, {1})", lambda a, b: b in a, *pair)),
    ]
    if not depth:
        return st.one_of(*simple)
    truth = truths(depth - 1)
    return st.one_of(
        *simple,
        st.tuples(truth, truth).map(lambda pair: made("({0} and {1})", all_of, *pair, strict=False)),
        st.tuples(truth, truth).map(lambda pair: made("({0} or {1})", any_of, *pair, strict=False)),
        truth.map(lambda a: made("not ({0})", lambda x: not x, a)),
        chosen(truth, truth),
    )
