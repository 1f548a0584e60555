"""The accounts that explain the gap between the lake and finance's own list, each with the reason."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from placemaker.figure import write_number
from placemaker.lake import Refusal
from placemaker.standard.expressions import identifier
from placemaker.standard.schema import Table

Kind = Literal["missing here", "missing there", "different", "held back", "not counted", "unreadable"]

#: What each kind of gap means, to be read after the account's key.
WORDS: dict[str, str] = {
    "missing here": "is not in the lake",
    "missing there": "is not in finance's list",
    "different": "has another amount",
    "held back": "was held back when it was loaded",
    "not counted": "is in the lake but the total leaves it out",
    "unreadable": "has an amount that could not be read",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One account on which the lake and finance differ: ``gap`` is here less there, in £ or rows, exact."""

    key: str
    kind: Kind
    here: Decimal | None
    there: Decimal | None
    why: str = ""

    @property
    def gap(self) -> Decimal:
        """What the account adds to the difference."""
        return (self.here or Decimal(0)) - (self.there or Decimal(0))

    def sentence(self) -> str:
        """The account, what is the matter and what it comes to, in one line."""
        amounts = [
            f"{write_number(float(value), '£', 2)} {place}"
            for value, place in ((self.here, "here"), (self.there, "at finance"))
            if value is not None
        ]
        return f"{self.key} {WORDS[self.kind]}{f' ({self.why})' if self.why else ''}: {', '.join(amounts)}."

    def to_json(self) -> dict[str, Any]:
        """A plain object; amounts as text, so that no penny is lost."""
        amounts = {"here": self.here, "there": self.there, "gap": self.gap}
        told = {name: None if value is None else str(value) for name, value in amounts.items()}
        return {"key": self.key, "kind": self.kind, "why": self.why} | told


def gaps_of(
    con: Any, accounts: Path, table: Table, rows: str, amount: str, counted: str, field: str
) -> tuple[Gap, ...]:
    """The accounts on which ``accounts`` (a CSV of key and amount) and the lake's ``rows`` differ, largest gap first.

    ``amount`` and ``counted`` are SQL over ``rows``: what a row comes to, and whether the total counts it. Raises
    Refusal where the file is not such a list.
    """
    key, listed = _read(accounts, table)
    name = identifier(key)
    con.execute("create or replace temp table _finance (key varchar, amount decimal(18,4))")
    _insert(con, listed)
    found = con.execute(
        f"""with ours as (
            select cast({name} as varchar) as key, round(sum({amount}) filter ({counted}), 2) as here,
                count(*) filter ({counted}) as counts, count(*) filter ({counted} and ({amount}) is null) as unread
            from {rows} where {name} is not null group by 1),
        theirs as (select key, sum(amount) as there from _finance group by 1)
        select key, case when counts > 0 then coalesce(here, 0) end, there, counts, unread, ours.key is not null
        from ours full join theirs using (key)
        where (counts > 0 and (there is null or coalesce(here, 0) <> there))
        or (coalesce(counts, 0) = 0 and there is not null)
        order by abs(coalesce(case when counts > 0 then here end, 0) - coalesce(there, 0)) desc, key"""
    ).fetchall()
    con.execute("drop table _finance")
    held = _held_back(con, table) if any(not known for *_, known in found) else ()
    faults = _faults(con, table, field) if found else {}
    return tuple(_gap(row, held, faults) for row in found)


def _gap(row: tuple[Any, ...], held: tuple[tuple[str, str], ...], faults: dict[str, str]) -> Gap:
    key, here, there, counts, unread, known = row
    kind: Kind = "different"
    why = ""
    if there is None:
        kind = "missing there"
    elif not counts:
        kind, why = ("not counted", faults.get(key, "")) if known else ("missing here", "")
        if not known and (place := next((place for place, cells in held if f'"{key}"' in cells), "")):
            kind, why = "held back", place
    elif unread or key in faults:
        kind, why = "unreadable" if unread else "different", faults.get(key, "")
    return Gap(key, kind, _pence(here), _pence(there), why)


def _held_back(con: Any, table: Table) -> tuple[tuple[str, str], ...]:
    """Where each row held back from the table was, and its cells as JSON."""
    found = con.execute(
        "select 'load ' || _load || ', row ' || _row, row from held_back where table_name = ?", [table.name]
    )
    return tuple(found.fetchall())


def _faults(con: Any, table: Table, field: str) -> dict[str, str]:
    """By key, the rule that its newest error broke; where the amount's own field did, that one."""
    found = con.execute(
        "select key, arg_max(rule, (_load, field = ?)) from finding where table_name = ? and severity = 'error' "
        "and key is not null group by 1",
        [field, table.name],
    )
    return dict(found.fetchall())


def _read(file: Path, table: Table) -> tuple[str, list[tuple[str, Decimal]]]:
    if not file.is_file():
        raise Refusal("There is no such list of accounts", str(file), "Check the name in the control file.")
    listed = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            names = [name.strip() for name in rows.fieldnames or ()]
            if len(names) < 2 or names[1] != "amount" or names[0] not in table.names:
                raise Refusal(
                    "The list of accounts does not have the columns it needs",
                    str(file),
                    f"The first is a field of {table.name} (such as {table.key}), the second `amount`.",
                )
            for number, row in enumerate(rows, 1):
                key, amount = (row[name] or "" for name in (rows.fieldnames or ())[:2])
                try:
                    listed.append((key.strip(), Decimal(amount.strip().replace(",", "").replace("£", ""))))
                except InvalidOperation:
                    raise Refusal(f"Row {number} has no amount", str(file), "Write it as 98.40.") from None
    except UnicodeDecodeError:
        raise Refusal("The list of accounts is not UTF-8", str(file), "Save it as CSV UTF-8.") from None
    return names[0], listed


def _insert(con: Any, listed: list[tuple[str, Decimal]]) -> None:
    for start in range(0, len(listed), 1000):
        part = listed[start : start + 1000]
        con.execute(
            f"insert into _finance values {', '.join(['(?, ?)'] * len(part))}", [x for row in part for x in row]
        )


def _pence(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"))
