"""What finance knows: the landlord's control totals and the accounts behind them, from the truth and no export."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from placemaker.demo.lettings import Tenancies
from placemaker.demo.stock import Units
from placemaker.demo.writing import Table, pounds, texts


class Finance:
    """The totals so far, and the two account lists on their way to their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.homes: Counter[str] = Counter()
        self.debit = self.owed = 0
        self._debits = Table(folder / "weekly_debit.csv", ("account_ref", "amount"))
        self._balances = Table(folder / "balances.csv", ("account_ref", "amount"))

    def add(self, units: Units, ten: Tenancies) -> None:
        """Count a chunk's homes in management by type, its weekly charges and its current accounts' balances."""
        self.homes.update(units.type[: units.homes].tolist())
        accounts = texts(ten.number, "R{}")
        rent = units.rent[ten.unit]
        charged = ten.live & (rent > 0)
        self._debits.write({"account_ref": accounts[charged], "amount": pounds(rent[charged])})
        self._balances.write({"account_ref": accounts[ten.live], "amount": pounds(ten.balance[ten.live])})
        self.debit += int(rent[charged].sum())
        self.owed += int(ten.balance[ten.live].sum())

    def save(self) -> None:
        """Write control_totals.yaml and close the lists."""
        for table in (self._debits, self._balances):
            table.__exit__(None, None, None)
        debit, owed = pounds(np.array([self.debit, self.owed]))
        by_type = ", ".join(f"{kind}: {count}" for kind, count in sorted(self.homes.items()))
        (self.folder / "control_totals.yaml").write_text(f"""# Control totals of Hollowbrook Homes (made up).
as_at: 2026-03-31
totals:
- id: homes
  title: Homes
  table: home
  measure: count
  where: "unit_kind = 'home' and status = 'in_management'"
  by: dwelling_type
  expected: {{{by_type}}}
- id: weekly-debit
  title: Weekly rent debit
  measure: weekly_debit
  expected: {debit}
  accounts: weekly_debit.csv
- id: balances
  title: Rent account balances
  measure: balance
  where: "status = 'current'"
  expected: {owed}
  accounts: balances.csv
""", "utf-8")  # fmt: skip
