"""Any sequence of loads and undos, against a lake of Python dicts: every state, and every state *as of*, must agree."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from placemaker.lake import Refusal, Workspace, connect

DAYS = [date(2026, 3, 28) + timedelta(days=n) for n in range(12)]
WEEK = ("2026-W14", date(2026, 3, 30), date(2026, 4, 5))

some_rows = st.dictionaries(
    st.sampled_from("ABCDE"), st.tuples(st.sampled_from(DAYS) | st.none(), st.none() | st.integers(0, 2)), max_size=5
)
steps = st.lists(
    st.tuples(st.sampled_from(["full", "period", "add"]), st.sampled_from(["one", "two"]), some_rows)
    | st.just(("undo", "", {})),
    min_size=1,
    max_size=7,
)


def expected(before: dict, kind: str, source: str, rows: dict) -> dict:
    """What a load makes of ``before``: (source, key) to (day, amount)."""

    def stays(key, day):
        if key[0] != source:
            return True
        in_week = day is not None and WEEK[1] <= day <= WEEK[2]
        return not (kind == "full" or (kind == "period" and in_week) or key[1] in rows)

    kept = {key: values for key, values in before.items() if stays(key, values[0])}
    return kept | {(source, key): values for key, values in rows.items()}


def difference(before: dict, after: dict, source: str, rows: dict) -> tuple[int, int, int]:
    keys = {key for of, key in before if of == source}
    return (
        len(rows.keys() - keys),
        sum(before[source, key] != values for key, values in rows.items() if key in keys),
        len({key for key in before if key not in after}),
    )


def do(con, workspace, kind, source, rows):
    con.execute("create or replace temp table staged (ref varchar, day date, amount integer, _row bigint)")
    for number, (ref, (day, amount)) in enumerate(rows.items(), 1):
        con.execute("insert into staged values (?, ?, ?, ?)", [ref, day, amount, number])
    with workspace.write("Ann", con=con) as writer:
        period = WEEK[0] if kind == "period" else None
        with writer.load(source=source, kind=kind, period=period, file="f.csv") as load:
            found = load.put("entry", "staged", key=["ref"], period_field="day")
    return (found.new, found.changed, found.gone), load.record


def read(workspace, as_of):
    with workspace.read(as_of) as con:
        if not con.sql("select 1 from duckdb_views() where view_name = 'entry'").fetchall():
            return {}
        found = con.sql("select _source, ref, day, amount from entry").fetchall()
        rows = {(source, ref): (day, amount) for source, ref, day, amount in found}
        assert len(rows) == len(found), "a key is there twice"
        return rows


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_every_state_is_what_the_loads_make_of_it(tmp_path_factory, sequence):
    workspace = Workspace.create(tmp_path_factory.mktemp("lake") / "here", organisation="ORG1", name="A Landlord")
    con = connect()
    states, stack = [{}], []  # states by number; the stack of loads not undone, each with the state before it
    for kind, source, rows in sequence:
        now = states[-1]
        if kind == "undo":
            try:
                undone = workspace.undo("Bob")
            except Refusal:
                assert not stack
                continue
            number, before = stack.pop()
            assert undone.number == number
            states.append(before)
            continue
        then = expected(now, kind, source, rows)
        found, record = do(con, workspace, kind, source, rows)
        assert found == difference(now, then, source, rows)
        assert record.number == len(states)
        stack.append((record.number, now))
        states.append(then)
    con.close()
    assert [read(workspace, number) for number in range(len(states))] == states
    assert read(workspace, None) == states[-1]
    standing = [number for number, _ in reversed(stack)]
    assert [record.number for record in workspace.loads() if not record.undone] == standing
