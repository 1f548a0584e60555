"""The compiled SQL against a reference that reads a file one row and one cell at a time, in plain Python.

Hypothesis makes up tables, the way an export writes its values, and files of good, nearly good and senseless cells;
both engines must find the same faults on the same rows and read the same values.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placemaker import standard
from placemaker.standard.mapping import FieldMapping, Mapping, TableMapping
from placemaker.standard.reading import Read
from placemaker.standard.schema import build_rule, build_table, codelist
from placemaker.standard.values import NOTHING

TODAY = date(2026, 4, 1)
BLANKS = " \t\r\n\u00a0\ufeff"
CODES = codelist("tenancy_type").values

# --- the reference engine ---------------------------------------------------------------------------------------------


def read_day(text, order):
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", text):
        return day(*found.groups())
    if order == "iso":
        return None
    if found := re.fullmatch(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", text):
        first, second = (found[1], found[3]) if order == "month-first" else (found[3], found[1])
        return day(found[4], first, second)
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    if found := re.fullmatch(r"([0-9]{1,2})[ /-]([A-Za-z]{3})[a-z]*[ /-]([0-9]{4})", text):
        return day(found[3], months.index(found[2].lower()) + 1, found[1]) if found[2].lower() in months else None
    return None


def day(year, month, number):
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


def read_moment(text, order):
    found = re.fullmatch(r"(.+?)(?:[ T]([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?)?", text)
    shape = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{4}"
    if not found or not re.fullmatch(shape, found[1]) or not (on := read_day(found[1], order)):
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[1:4])
    return datetime.combine(on, time(hour, minute, second, int((found[5] or "").ljust(6, "0"))))


def read_number(text, style, whole):
    sign = 1
    if style == "trailing-sign" and (found := re.fullmatch(r"(.*?) *(CR|DR|-|\+)", text, re.I | re.S)):
        text, sign = found[1], -1 if found[2].upper() in ("CR", "-") else 1
        if sign < 0 and re.match(r"£?[+-]", text):
            return None
    if style == "brackets" and text.startswith("(") and text.endswith(")") and len(text) > 1:
        text, sign = text[1:-1], -1
        if re.match(r"£?[+-]", text):
            return None
    if not re.fullmatch(r"[0-9,.£+-]+", text):
        return None
    head = re.fullmatch(r"([+-]?)(£?)([+-]?)(.*)", text)
    if (head[1] and head[3]) or (whole and head[2]):
        return None
    before, dot, after = head[4].partition(".")
    if "," in before and not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", before):
        return None
    before = before.replace(",", "")
    if not re.fullmatch(r"[0-9]*", before) or (dot and not re.fullmatch(r"[0-9]+", after)) or not before + after:
        return None
    if whole and (not before or after.strip("0")):
        return None
    if len(after) > 4 and after[4:].strip("0"):
        return None
    minus = -1 if "-" in (head[1], head[3]) else 1
    if whole:
        value = int(before) * minus
        return value * sign if -(2**63) <= value < 2**63 else None
    value = Decimal(f"{before or 0}.{after or 0}") * minus
    return value * sign if abs(value) < 10**14 else None


def read_flag(text):
    if text.lower() in ("true", "yes", "y", "t", "1"):
        return True
    return False if text.lower() in ("false", "no", "n", "f", "0") else None


def read_value(text, field, source):
    if text is None:
        return None
    match field.type:
        case "date":
            return read_day(text, source.dates)
        case "datetime":
            return read_moment(text, source.dates)
        case "integer" | "number":
            return read_number(text, source.number, field.type == "integer")
        case "boolean":
            return read_flag(text)
    if field.codelist:
        return text if text in CODES else None
    return text if not field.pattern or re.fullmatch(field.pattern, text) else None


RULES = {
    "amount-is-paid": ("amount >= n", lambda row: known(row, "amount", "n") and row["amount"] < row["n"]),
    "day-has-come": ("day <= today", lambda row: known(row, "day") and row["day"] > TODAY),
    "flagged-with-a-day": (
        "not flag or day is not null",
        lambda row: row["flag"] is True and row["day"] is None,
    ),
    "moment-in-order": (
        "moment < day + interval 1 day or kind = 'other'",
        lambda row: (
            known(row, "moment", "day")
            and row["moment"] >= datetime.combine(row["day"], time()) + timedelta(1)
            and row["kind"] not in ("other", None)
        ),
    ),
    "code-or-number": (
        "coalesce(length(code), n) is not null",
        lambda row: row["code"] is None and row["n"] is None,
    ),
}
NEEDS = {
    "amount-is-paid": ("amount", "n"),
    "day-has-come": ("day",),
    "flagged-with-a-day": ("flag", "day"),
    "moment-in-order": ("moment", "day", "kind"),
    "code-or-number": ("code", "n"),
}


def known(row, *names):
    return all(row[name] is not None for name in names)


def reference(rows, mapping):
    """The faults as (row, field, rule), and the rows that are loaded."""
    table, faults, loaded, first = mapping.table, set(), [], {}
    for number, cells in enumerate(rows, 1):
        if len(cells) > len(table.fields) and not any(cells[len(table.fields) :]):
            cells = cells[: len(table.fields)]
        if len(cells) != len(table.fields):
            faults.add((number, "", "thing.row"))
            continue
        texts = {field.name: cell.strip(BLANKS) or None for field, cell in zip(table.fields, cells, strict=True)}
        values = {
            field.name: read_value(texts[field.name], field, mapping.fields[field.name]) for field in table.fields
        }
        found = set()
        for field in table.fields:
            text, value, name = texts[field.name], values[field.name], field.name
            if text is None and (field.required or name == "ref"):
                found.add((number, name, f"thing.{name}.required"))
            if name == "ref" and text is not None and text.lower() in NOTHING:
                found.add((number, name, "thing.ref.word"))
            if text is not None and value is None:
                kind = "code" if field.codelist else "pattern" if field.pattern else "type"
                found.add((number, name, f"thing.{name}.{kind}"))
            low, high = field.minimum, field.maximum
            if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
                found.add((number, name, f"thing.{name}.range"))
        for rule in table.rules:
            needs = NEEDS[rule.id]
            unread = any(texts[name] is not None and values[name] is None for name in needs)
            if not unread and RULES[rule.id][1](values):
                found.add((number, needs[0], rule.id))
        key = values["ref"]
        if key is not None and first.setdefault(key, number) != number:
            found.add((number, "ref", "thing.ref.unique"))
        faults |= found
        if not any(rule in ("thing.ref.required", "thing.ref.unique") for _, _, rule in found):
            loaded.append((*values.values(), number))
    return faults, loaded


# --- tables, ways of writing, files -----------------------------------------------------------------------------------

senseless = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
days = st.builds(
    str.format,
    st.sampled_from(["{0:04}-{1:02}-{2:02}", "{2:02}/{1:02}/{0}", "{2}/{1}/{0}", "{2}.{1}.{0}", "{1}/{2}/{0}",
                     "{0}-{1}-{2}", "{2:02}-{3}-{0}", "{2} {3} {0}", "{2:02}/{1:02}/{4}", "{2}/{1}-{0}"]),
    st.sampled_from([0, 1899, 1999, 2024, 2026, 12024]),
    st.integers(0, 13),
    st.integers(0, 32),
    st.sampled_from(["Jan", "february", "MAR", "Sept", "Foo"]),
    st.integers(0, 99),
)  # fmt: skip
clocks = st.sampled_from(
    ["", "", " 00:00:00", "T00:00", " 0:00", " 10:30", "T09:05:59", " 9:05", " 24:00", " 10:30:15.25", "Z"]
)
numbers = st.builds(
    str.format,
    st.sampled_from(["{0}", "{0}.{1}", "£{0}.{1}", "-{0}.{1}", "£-{0}", "-£{0}", "+{0}", "{0}CR", "{0}.{1}DR", "{0} cr",
                     "{0}-", "({0}.{1})", "(-{0})", "-{0}CR", "{0:,}", "{0:,}.{1}", "0{0}", "{0}_000", "{0},{1}",
                     ".{1}", "{0}e3", "{0}.{1}000000", "--{0}", "{0}.", "()", "£", "-"]),
    st.integers(0, 10**7) | st.integers(0, 30) | st.integers(10**13, 10**20),
    st.integers(0, 99_999) | st.sampled_from(["50", "00", "0", "1234", "12345", "7"]),
)  # fmt: skip
flags = st.sampled_from(["true", "FALSE", "yes", "No", "y", "N", "T", "f", "1", "0", "maybe", "2"])
cells = {
    "ref": st.sampled_from(["A", "B", "C", "D", "a", "É", 'x"y', "p,q", "two\nlines", ""]) | senseless,
    "kind": st.sampled_from([*CODES, "assurd", "Assured", ""]) | senseless,
    "code": st.sampled_from(["1", "0012", "123456789012", "1234567890123", "12a", "１２", ""]) | senseless,
    "n": numbers | senseless,
    "amount": numbers | senseless,
    "day": st.builds(str.__add__, days, clocks) | senseless,
    "moment": st.builds(str.__add__, days, clocks) | senseless,
    "flag": flags | senseless,
}
blank = st.sampled_from(BLANKS)
cells = {
    name: st.one_of(st.just(""), strategy, st.builds("{}{}{}".format, blank, strategy, blank))
    for name, strategy in cells.items()
}


@st.composite
def exports(draw):
    limits = {"n": draw(st.sampled_from([{}, {"minimum": 0}, {"minimum": 0, "maximum": 20}, {"maximum": 5}]))}
    limits["amount"] = draw(st.sampled_from([{}, {"minimum": 0}]))
    limits["code"] = draw(st.sampled_from([{}, {"pattern": "^[0-9]{1,12}$"}]))
    types = {"ref": "string", "kind": "string", "code": "string", "n": "integer", "amount": "number", "day": "date",
             "moment": "datetime", "flag": "boolean"}  # fmt: skip
    fields = [
        {"name": name, "type": kind, "constraints": limits.get(name, {}) | {"required": draw(st.booleans())}}
        for name, kind in types.items()
    ]
    fields[1]["codelist"] = "tenancy_type"
    rules = tuple(
        build_rule("thing", {"id": name, "expect": sql, "severity": "query", "message": "{n}", "dimension": "validity"})
        for name, (sql, _) in RULES.items()
    )
    table = build_table({"name": "thing", "schema": {"fields": fields, "primaryKey": "ref"}}, rules)
    orders, styles = (
        st.sampled_from(["iso", "day-first", "month-first"]),
        st.sampled_from(["plain", "trailing-sign", "brackets"]),
    )
    sources = {name: FieldMapping(column=name, dates=draw(orders), number=draw(styles)) for name in types}
    rows = draw(st.lists(st.tuples(*(cells[name] for name in types)).map(list), min_size=1, max_size=8))
    if draw(st.booleans()):
        spoiled = draw(st.integers(0, len(rows) - 1))
        rows[spoiled] = draw(st.sampled_from([rows[spoiled][:3], [*rows[spoiled], ""], [*rows[spoiled], "x"]]))
    return TableMapping(table, sources), rows, draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans())


def as_csv(rows, line_end, quoted):
    def write(cell):
        return '"' + cell.replace('"', '""') + '"' if quoted or set(cell) & set(',"\r\n') else cell

    return "".join(",".join(map(write, row)) + line_end for row in rows)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(exports())
def test_the_compiled_sql_finds_and_reads_what_the_reference_does(tmp_path_factory, export):
    mapping, rows, line_end, quoted = export
    file = tmp_path_factory.mktemp("export") / "things.csv"
    file.write_bytes(as_csv([[field.name for field in mapping.table.fields], *rows], line_end, quoted).encode())
    whole = Mapping("things", "Things", Read(), (mapping,))
    with standard.check(file, whole, today=TODAY) as found:
        faults = {(one.row, one.field, one.rule) for one in found.findings}
        loaded = found.con.execute(found.tables["thing"].rows() + " order by _row").fetchall()
        assert found.rows_in == len(rows) == len(loaded) + found.rows_held_back
    assert (faults, loaded) == reference(rows, mapping)
