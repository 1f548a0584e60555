"""The one rule for small numbers, against a reader who tries everything; and figures that survive their own JSON."""

import json
from itertools import pairwise

import numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from placemaker.figure import Figure, Source, recompute, withhold

# --- small numbers -------------------------------------------------------------------------------------------------


@st.composite
def tables(draw, most_cells: int = 5, largest: int = 7):
    """A few small counts, and the totals over some of them that are published too."""
    count = draw(st.integers(1, most_cells))
    names = [f"c{n}" for n in range(count)]
    cells = {name: draw(st.integers(0, largest)) for name in names}
    groups = draw(st.lists(st.sets(st.sampled_from(names), min_size=1), max_size=4))
    return cells, {f"t{n}": sorted(members) for n, members in enumerate(groups)}


def possible(cells, totals, withheld):
    """Every table of counts that a reader cannot rule out: the hidden cells by trying each whole number.

    None where some hidden cell is in no published total and so could be anything.
    """
    hidden = [name for name in cells if name in withheld]
    left = [
        [{name for name in members if name in withheld}, sum(cells[n] for n in members if n in withheld)]
        for total, members in totals.items()
        if total not in withheld
    ]
    bounded = {name for members, _ in left for name in members}
    hidden = [name for name in hidden if name in bounded]

    def fill(position, chosen):
        if position == len(hidden):
            if all(sum(chosen[n] for n in members) == total for members, total in left):
                yield dict(chosen)
            return
        name = hidden[position]
        room = min(total - sum(chosen.get(n, 0) for n in members) for members, total in left if name in members)
        for value in range(room + 1):
            yield from fill(position + 1, chosen | {name: value})

    return list(fill(0, {})), set(hidden)


def test_the_reader_of_this_test_finds_what_subtraction_gives_away():
    tried, _ = possible({"a": 2, "b": 9}, {"all": ["a", "b"]}, {"a"})
    assert tried == [{"a": 2}]


@settings(max_examples=150, deadline=None)
@given(tables(), st.sampled_from([2, 3, 5]))
@example(({"a": 3, "b": 1, "c": 4, "d": 1}, {"ab": ["a", "b"], "cd": ["c", "d"], "all": ["a", "b", "c", "d"]}), 5)
def test_no_withheld_number_can_be_narrowed_to_fewer_than_smallest_values(table, smallest):
    cells, totals = table
    withheld = withhold(cells, totals, smallest)
    tables_left, bounded = possible(cells, totals, withheld)
    assert tables_left, "the true table is always possible"
    for name in withheld:
        members = totals.get(name, [name])
        if any(member in withheld and member not in bounded for member in members):
            continue  # could be anything
        values = {sum(t.get(m, cells[m]) if m in withheld else cells[m] for m in members) for t in tables_left}
        assert max(values) - min(values) >= smallest - 1, f"{name} lies in {sorted(values)}"


@settings(max_examples=150, deadline=None)
@given(tables(largest=12), st.sampled_from([2, 3, 5, 10]))
def test_every_small_count_is_withheld_and_no_zero_needlessly(table, smallest):
    cells, totals = table
    sums = cells | {name: sum(cells[cell] for cell in members) for name, members in totals.items()}
    withheld = withhold(cells, totals, smallest)
    assert {name for name, count in sums.items() if 0 < count < smallest} <= withheld <= set(sums)
    if all(count == 0 or count >= smallest for count in sums.values()):
        assert withheld == frozenset()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_in_a_table_with_margins_no_withheld_cell_is_a_sum_of_published_numbers(data):
    """Subtraction in general: a withheld cell must not be a linear combination of what is published."""
    rows, columns = data.draw(st.integers(2, 5)), data.draw(st.integers(2, 4))
    counts = data.draw(st.lists(st.integers(0, 30), min_size=rows * columns, max_size=rows * columns))
    names = [(r, c) for r in range(rows) for c in range(columns)]
    cells = {f"{r},{c}": count for (r, c), count in zip(names, counts, strict=True)}
    totals = {f"row {r}": [f"{r},{c}" for c in range(columns)] for r in range(rows)}
    totals |= {f"column {c}": [f"{r},{c}" for r in range(rows)] for c in range(columns)}
    totals["all"] = list(cells)
    withheld = withhold(cells, totals)
    order = {name: position for position, name in enumerate(cells)}
    vectors = {name: [name] for name in cells} | totals
    published = [_vector(members, order) for name, members in vectors.items() if name not in withheld]
    rank = numpy.linalg.matrix_rank(published) if published else 0
    for name in withheld:
        assert numpy.linalg.matrix_rank([*published, _vector(vectors[name], order)]) == rank + 1, name


def _vector(members, order):
    return [float(name in members) for name in order]


# --- figures -------------------------------------------------------------------------------------------------------

numbers = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False, width=32)
words = st.text(max_size=12)
sources = st.builds(
    Source, dataset=words, title=words, publisher=words, version=words, snapshot=st.none() | st.integers(0, 99)
)
plain = st.builds(
    Figure,
    value=numbers,
    unit=st.sampled_from(["homes", "%", "£", "per 1,000 homes"]),
    label=words,
    period=words,
    interval=st.none() | st.tuples(numbers, numbers),
    how=words,
    sources=st.lists(sources, max_size=2).map(tuple),
    status=st.sampled_from(["shown", "estimated"]),
    places=st.integers(0, 2),
    per=st.sampled_from([1, 100, 1000]),
    recipe=words,
)
figures = st.builds(
    lambda figure, parts, formula: Figure.from_json(
        figure.to_json() | {"parts": [part.to_json() for part in parts], "formula": formula}
    ),
    plain,
    st.lists(plain, max_size=3),
    st.sampled_from(["given", "sum", "difference", "share", "rate", "mean"]),
)


@given(figures)
def test_a_figure_comes_back_from_json_as_it_was(figure):
    assert Figure.from_json(json.loads(json.dumps(figure.to_json()))) == figure


@given(figures, st.text(min_size=1, max_size=20))
def test_a_withheld_figure_keeps_nothing_of_its_value(figure, reason):
    withheld = figure.withheld(reason)
    assert (withheld.value, withheld.parts, withheld.interval, withheld.known) == (None, (), None, False)
    assert withheld.text() == "withheld" and withheld.interval_text() == ""
    assert recompute(withheld) is None
    assert set(withheld.to_json()) & {"parts", "interval"} == set()


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=6))
def test_sum_and_difference_are_each_others_inverse(values):
    parts = tuple(Figure(value, "£", "part") for value in values)
    total = recompute(Figure(0, "£", "total", parts=parts, formula="sum"))
    assert total == sum(values)
    whole = Figure(total, "£", "whole")
    assert recompute(Figure(0, "£", "left", parts=(whole, *parts[1:]), formula="difference")) == values[0]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6, unique=True))
def test_written_numbers_keep_their_order(values):
    from placemaker.figure import write_number

    written = [int(write_number(value, "homes").replace(",", "")) for value in sorted(values)]
    assert all(low < high for low, high in pairwise(written))
