"""What is added to the messages of findings once all are known: the code that may be meant, how a column is written."""

from __future__ import annotations

from datetime import date

from placemaker.standard.corrections import add_rows, wrong_codes
from placemaker.standard.corrections_codes import offers_for_codes
from placemaker.standard.corrections_ways import NUMERIC_DATE, column_order
from placemaker.standard.expressions import literal
from placemaker.standard.findings import Findings
from placemaker.standard.mapping import FieldMapping
from placemaker.standard.schema import CodeList, Field, Table


def offer_codes(
    findings: Findings, rule: str, codes: CodeList, source: FieldMapping, today: date | None = None
) -> None:
    """Add ``Did you mean assured?`` to the findings of a code rule, where one code alone can be meant."""
    values = wrong_codes(findings.con, findings.relation, f"rule = {literal(rule)} and value is not null")
    offers = offers_for_codes(values, codes, source.codes, today)
    sure = [(value, offer.suggestion) for value, offer in offers.items() if offer.sure != "ask"]
    if sure:
        meant = f"{findings.relation}_codes"
        findings.con.execute(f"create or replace temp table {meant} (value varchar, suggestion varchar)")
        add_rows(findings.con, meant, sure)
        findings.con.execute(
            f"update {findings.relation} f set message = f.message || ' Did you mean ' || m.suggestion || '?' "
            f"from {meant} m where f.rule = {literal(rule)} and f.value = m.value"
        )
        findings.con.execute(f"drop table {meant}")


def tell_dates(findings: Findings, table: Table, field: Field, source: FieldMapping) -> None:
    """Say of dates that cannot be read that their column has the day first, or that there is no such day."""
    if source.dates != "iso":
        return
    mine = f"rule = {literal(f'{table.name}.{field.name}.type')}"
    values = f"(select distinct value from {findings.relation} where {mine})"
    order = findings.con.execute(f"select {column_order(field, source.dates)} from {values}").fetchone()[0]
    told = (
        f" The column seems to have the {order.removesuffix('-first')} first: put `dates: {order}` in its mapping."
        if order
        else " Where the file writes the day first, put `dates: day-first` in its mapping."
    )
    findings.con.execute(
        f"update {findings.relation} set message = message || case "
        f"when regexp_matches(value, {literal(NUMERIC_DATE)}) then {literal(told)} "
        "when regexp_matches(value, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') and try_cast(left(value, 10) as date) is null "
        f"then ' There is no such day.' else '' end where {mine}"
    )
