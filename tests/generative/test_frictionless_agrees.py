"""Our check beside the frictionless package and JSON Schema, on our own descriptors: same cells, same verdict.

Hypothesis fills the standard's tables with cells that are right, nearly right or wrong, and each tool says which cells
break what. They are asked what all can express: required, type, code, pattern, limits, unique, key and parent.

Deliberate differences, which the cells made here keep clear of or which are taken out below:

- *Numbers.* We read ``£1,234.50``, ``+5`` and ``12.0`` as a person means them, and refuse more than four decimals, more
  than 14 digits, ``NaN``, ``INF``, ``1e5`` and ``1_000``; frictionless reads these and refuses ``£`` and commas.
- *Days.* We read ``2026-01-31 00:00`` as a day and ``2026-01-31 14:30`` as a day and time; frictionless reads no time
  without seconds, takes ``2026-1-5`` for a day, which we do not, and a time with a zone, ``14:30:00Z``. JSON Schema
  sees how a day is written, and not that February has 28 of them: of a day alone ``format`` says so, where it is
  checked; of a day with its time nothing does.
- *Ways of writing.* We trim cells, put postcodes in capitals with a space, and compare UPRNs without leading zeros;
  the others take a cell as it is.
- *Empty keys.* Frictionless tells of an empty key twice, as required and as primary key; we once.
- *Parents.* Frictionless tells of each child; we tell once of each parent that is nowhere, with how many children.
- *A repeated key* that cannot be read is no key to us; frictionless compares it as a cell all the same.
- *Words for nothing* (``N/A`` as a key) and days long ago are queries of ours, which the others do not know.
"""

import csv
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placemaker.lake import connect
from placemaker.standard import check, check_together, table, tables
from placemaker.standard.examples import sample_row
from placemaker.standard.exchange import data_package, json_schema, table_schema

frictionless = pytest.importorskip("frictionless")
jsonschema = pytest.importorskip("jsonschema")

TODAY = date(2026, 4, 1)
NAMES = sorted(tables())
KINDS = {"required", "type", "code", "pattern", "range", "unique"}

#: A day that there is not, with a time that there is.
NO_SUCH_MOMENT = "2026-02-30T10:00:00"

#: What the error types of frictionless are to us.
SAME = {"type-error": "type", "unique-error": "unique", "primary-key": "unique"}
CONSTRAINTS = {"required": "required", "enum": "code", "pattern": "pattern", "minimum": "range", "maximum": "range"}


def cells_of(one, field):
    """Cells for a field: right, nearly right, and wrong."""
    example = sample_row(one.name).get(field.name)
    good = [str(example)] if example is not None else []
    bad = []
    match field.type:
        case "integer":
            good += ["1", "7", "60", "1850", "2001"]
            bad += ["1.5", "x", "0x1F", "--1", "1 2", "one", "1e"]
        case "number":
            good += ["0", "12.5", "99.99", "-3", "0.0001"]
            bad += ["x", "1.2.3", "--5", "twelve"]
        case "date":
            good += ["2024-02-29", "2026-01-31"]
            bad += ["2023-02-29", "31/01/2026", "2026-13-01", "yesterday", "20260131"]
        case "datetime":
            good += ["2024-02-29T23:59:59", "2026-01-31T14:30:00"]
            bad += [NO_SUCH_MOMENT, "2026-01-31T25:00:00", "soon", "31/01/2026 10:00"]
        case "boolean":
            good += ["true", "false", "Yes", "no", "1", "0", "Y", "N"]
            bad += ["maybe", "2", "truee"]
        case "string" if field.codelist:
            good += list(one.codelist(field.codelist).values[:4])
            bad += [f"{good[0]}x", good[0].upper() + "_", "nowhere"]
        case "string" if field.pattern:
            bad += ["?", "x" * 40, "12-34"]
        case "string" if field.name == one.key or field.unique:
            good = ["K1", "K2", "K3", "K4", "K5", "K6"]
        case _:
            good += ["Anything", "é ü", 'a "quote", a comma', "ØÆ 1"]
    if field.minimum is not None:
        bad.append(str(field.minimum - 1))
    if field.maximum is not None:
        bad.append(str(field.maximum + 1))
    if field.type in ("integer", "number") and field.minimum is not None:
        good = [text for text in good if field.minimum <= float(text) <= (field.maximum or 1e9)] + [str(field.minimum)]
    return st.one_of(st.sampled_from(good), st.sampled_from(good), st.sampled_from([*bad, ""] if bad else [*good, ""]))


@st.composite
def exports(draw):
    one = table(draw(st.sampled_from(NAMES)))
    row = st.fixed_dictionaries({field.name: cells_of(one, field) for field in one.fields})
    return one, draw(st.lists(row, min_size=1, max_size=6))


def write(path, one, rows):
    with path.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.DictWriter(opened, one.names)
        lines.writeheader()
        lines.writerows(rows)


def ours(file, one):
    """(row, field, kind) of the findings that are about a cell, and the fields whose text is no value."""
    with connect() as con, check(file, one.name, today=TODAY, con=con) as found:
        names = {f"{one.name}.{field}.{kind}": (field, kind) for field in one.names for kind in KINDS}
        return {(x.row, *names[x.rule]) for x in found.findings if x.rule in names}


def theirs(file, one):
    """The same as frictionless says it."""
    resource = frictionless.Resource(
        path=file.name, basepath=str(file.parent), schema=frictionless.Schema(table_schema(one, ()))
    )
    report = resource.validate()
    found = set()
    for row, field, kind, note in report.flatten(["rowNumber", "fieldName", "type", "note"]):
        if kind == "constraint-error":
            name = next(name for name in CONSTRAINTS if f'constraint "{name}"' in note)
            found.add((row - 1, field, CONSTRAINTS[name]))
        else:
            assert kind in SAME, (kind, note)
            found.add((row - 1, field or one.key, SAME[kind]))
    return found


def without_deliberate_differences(found, one, rows):
    """Empty keys are told once, and a key that cannot be read repeats none."""
    wrong = {(row, field) for row, field, kind in found if kind in ("required", "type", "code", "pattern")}
    return {(row, field, kind) for row, field, kind in found if kind != "unique" or (row, field) not in wrong}


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(exports())
def test_frictionless_and_we_say_the_same_of_the_same_cells(tmp_path_factory, export):
    one, rows = export
    file = tmp_path_factory.mktemp("export") / f"{one.name}.csv"
    write(file, one, rows)
    assert without_deliberate_differences(ours(file, one), one, rows) == without_deliberate_differences(
        theirs(file, one), one, rows
    )


def test_all_of_it_is_there_to_be_found(tmp_path):
    """A test of the tests above: a file with every kind of wrong cell, and both see each."""
    one, good = table("home"), {name: str(value) for name, value in sample_row("home").items()}
    wrong = {"unit_kind": "palace", "bedrooms": "two", "postcode": "nowhere", "epc_score": "999", "status": ""}
    rows = [good, good | wrong, good]
    file = tmp_path / "home.csv"
    write(file, one, rows)
    found = ours(file, one)
    assert found == theirs(file, one)
    assert {kind for _, _, kind in found} == KINDS


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([(one.name, link) for one in tables().values() for link in one.foreign_keys]),
    st.lists(st.sampled_from(["P1", "P2", "P3", "p1", ""]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["P1", "P2", "P4"]), min_size=1, max_size=3, unique=True),
)
def test_frictionless_and_we_miss_the_same_parents(tmp_path_factory, pair, children, parents):
    name, link = pair
    folder = tmp_path_factory.mktemp("parents")
    child = table(name)
    own = link.parent == name
    rows = [{child.key: f"C{n}", link.field: value} for n, value in enumerate(children)]
    if own:
        rows += [{child.key: value} for value in parents]
    else:
        write(folder / f"{link.parent}.csv", table(link.parent), [{link.parent_field: value} for value in parents])
    write(folder / f"{name}.csv", child, rows)
    with check_together({path.stem: path for path in folder.glob("*.csv")}, today=TODAY) as found:
        rule = f"{name}.{link.field}.parent"
        missed = {one.value for one in found.findings if one.rule == rule}
    descriptor = data_package({name, link.parent})
    for resource in descriptor["resources"]:
        schema = resource["schema"]
        mine = resource["name"] == name
        schema["foreignKeys"] = [key for key in schema.get("foreignKeys", ()) if mine and key["fields"] == [link.field]]
    report = frictionless.Package(descriptor, basepath=str(folder)).validate()
    lost = set()
    for task in report.tasks:
        for error in task.errors:
            if error.type == "foreign-key":
                lost.add(rows[error.row_number - 2][link.field])
    assert missed == lost


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(exports())
def test_json_schema_and_we_say_the_same_of_the_same_rows(tmp_path_factory, export):
    one, rows = export
    file = tmp_path_factory.mktemp("export") / f"{one.name}.csv"
    write(file, one, rows)
    judge = jsonschema.Draft202012Validator(
        json_schema(one), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    found = set()
    for number, row in enumerate(rows, 1):
        for error in judge.iter_errors({name: as_json(one.field(name), text) for name, text in row.items()}):
            found.add((number, error.path[0] if error.path else error.message.split("'")[1]))
    no_such_day = {(n, name) for n, row in enumerate(rows, 1) for name, text in row.items() if text == NO_SUCH_MOMENT}
    assert {(row, field) for row, field, kind in ours(file, one) if kind != "unique"} - no_such_day == found


def as_json(field, text):
    """A cell as JSON holds it: a number where the text is one, and text that is no value as it is."""
    if not text:
        return None
    if field.type == "boolean":
        return {"true": True, "yes": True, "y": True, "1": True}.get(
            text.lower(), False if text.lower() in ("false", "no", "n", "0") else text
        )
    if field.type in ("integer", "number"):
        try:
            return int(text) if field.type == "integer" and "_" not in text else float(text.replace("_", "x"))
        except ValueError:
            return text
    return text


@pytest.mark.parametrize("name", NAMES)
def test_a_json_schema_is_valid_and_takes_the_example(name):
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    row = {key: (value if isinstance(value, int | float) else str(value)) for key, value in sample_row(name).items()}
    jsonschema.Draft202012Validator(schema).validate(row)
    assert schema["required"], "a key at least"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({})
