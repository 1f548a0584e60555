"""The packs of hazards, complaints, safety checks and tenant satisfaction: their rules by example, and their SQL."""

from __future__ import annotations

import pytest

from placemaker.lake import connect
from placemaker.standard.clock_files import packs_with_clocks, read_clocks
from placemaker.standard.expressions import row_sql
from placemaker.standard.packexamples import verdict
from placemaker.standard.packs import pack, read_pack
from placemaker.standard.schema import table as table_of

NAMES = ("awaab-2025", "complaints-2024", "safety-2023", "tsm-2023", "tsm-2024")
RULES = [(name, rule) for name in NAMES[:4] for rule in pack(name).rules.values() if rule.expect]
SETS = [rule for rule in pack("tsm-2023").rules.values() if rule.breaks]


@pytest.fixture(scope="module")
def con():
    with connect() as con:
        yield con


@pytest.mark.parametrize("name, rule", RULES, ids=lambda one: getattr(one, "id", one))
def test_a_rule_holds_for_the_row_that_passes_and_breaks_on_the_row_that_fails(con, name, rule):
    assert verdict(con, pack(name), rule, rule.passes) is not False
    assert verdict(con, pack(name), rule, rule.fails) is False


@pytest.mark.parametrize("rule", SETS, ids=lambda rule: rule.id)
def test_a_rule_over_rows_holds_and_breaks_as_its_examples_say(con, rule):
    for rows, broken in ((rule.passes, False), (rule.fails, True)):
        for name, some in rows.items():
            names = {field: None for row in some for field in row}
            kinds = ", ".join(f"{field} {pack('tsm-2023').tables[name].field(field).sql_type}" for field in names)
            con.execute(f"create or replace temp table {name} (_row bigint, {kinds})")
            for number, row in enumerate(some, 1):
                marks = ", ".join("?" * (len(row) + 1))
                con.execute(f"insert into {name} (_row, {', '.join(row)}) values ({marks})", [number, *row.values()])
        assert bool(con.execute(rule.breaks).fetchall()) is broken


@pytest.mark.parametrize("name", NAMES)
def test_the_sql_of_its_rules_only_computes_from_its_row(name):
    read_pack(pack(name).head, ours=False)


@pytest.mark.parametrize("name", packs_with_clocks())
def test_the_sql_of_its_clocks_only_computes_from_its_row(name):
    found = read_clocks(name)
    for clock in found.clocks:
        fields = table_of(clock.table).names
        known = [*fields, *(f"{side}_{field}" for side in ("next", "previous") for field in fields)]
        known += [f"{one.name}_{what}" for one in found.clocks for what in ("due", "stop", "unextended")]
        for text in clock.expressions():
            row_sql(text, known, f"{name}, {clock.id}")


@pytest.mark.parametrize("name", packs_with_clocks())
def test_a_clock_says_where_the_law_gives_its_time(name):
    for clock in read_clocks(name).clocks:
        assert clock.source and clock.title and clock.id == clock.id.lower(), clock.id
