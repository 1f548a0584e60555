"""Export 5: four weeks and a bit of rent transactions, to the penny what the balances say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placemaker.demo.lettings import AS_AT, Tenancies
from placemaker.demo.spoiling import Batch
from placemaker.demo.stock import Units
from placemaker.demo.tenancy_exports import RENT_YEAR, WEEKS
from placemaker.demo.writing import day_first, pounds, texts

TRANSACTIONS = ("TRAN_NO", "ACCOUNT", "TRAN_DATE", "TRAN_TYPE", "AMOUNT", "WEEK_NO", "REVERSES", "NARRATIVE")
PERIOD_START = np.datetime64("2026-03-01")
MONDAYS = np.array(["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"], dtype="datetime64[D]")
_FREE = {48: (51, 52), 50: (52,)}
"""Weeks of March in which an account of 48 or 50 weeks is not charged."""
_NARRATIVES = {"OPB": "Balance brought forward", "CHG": "Weekly charge", "PAY": "Payment", "HBN": "Housing Benefit",
               "UCR": "UC managed payment", "REV": "Reversal of payment", "WOF": "Write-off"}  # fmt: skip


@dataclass(frozen=True)
class Ledger:
    """One value a movement, by account and day. `tenancy` is its tenancy's place, `pence` what it adds to the debt."""

    tenancy: np.ndarray
    number: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    pence: np.ndarray
    reverses: np.ndarray


def ledger(units: Units, ten: Tenancies, rng: np.random.Generator) -> Ledger:
    """The movements of every account: brought forward, charges, payments, reversals, write-offs."""
    rent = units.rent[ten.unit]
    weeks = np.array(WEEKS)[units.number[ten.unit] % 10]
    accounts = len(rent)
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]] = []

    def add(at: np.ndarray, day: np.ndarray, kind: np.ndarray | str, pence: np.ndarray, paired: int = 0) -> None:
        parts.append(
            (at, np.broadcast_to(day, len(at)), np.broadcast_to(np.array(kind, dtype=object), len(at)), pence, paired)
        )

    for week, monday in enumerate(MONDAYS, start=48):
        free = np.isin(weeks, [kind for kind, without in _FREE.items() if week in without])
        at = np.flatnonzero(ten.live & (rent > 0) & (ten.start <= monday) & ~free)
        add(at, monday, "CHG", rent[at])

    means = rng.choice(np.array(["PAY", "HBN", "UCR"], dtype=object), accounts, p=[0.55, 0.2, 0.25])
    times = np.where(means == "PAY", rng.integers(0, 4, accounts), 1)
    times = np.where(ten.live & (rent > 0), times, rng.random(accounts) < 0.2)
    means[~ten.live] = "PAY"
    at = np.repeat(np.arange(accounts), times)
    since = np.maximum(PERIOD_START, ten.start)[at]
    day = since + (rng.random(len(at)) * ((AS_AT - since).astype(np.int64) + 1)).astype(np.int64)
    paid = np.rint(np.where(rent[at] > 0, rent[at], 1_000) * 4.1 / times[at] * rng.uniform(0.5, 1.1, len(at))).astype(
        np.int64
    )
    add(at, day, means[at], -paid)
    bounced = np.flatnonzero((rng.random(len(at)) < 0.01) & (means[at] == "PAY"))
    payments = len(parts) - 1
    add(at[bounced], np.minimum(day[bounced] + 3, AS_AT), "REV", paid[bounced], paired=1)
    written = np.flatnonzero(~ten.live & (ten.balance > 0) & (rng.random(accounts) < 0.04))
    add(written, AS_AT - 6, "WOF", -np.minimum(ten.balance[written] + 500, 20_000))

    tenancy = np.concatenate([part[0] for part in parts])
    moved = np.bincount(tenancy, weights=np.concatenate([part[3] for part in parts]), minlength=accounts).astype(
        np.int64
    )
    parts.insert(0, (np.arange(accounts), np.maximum(PERIOD_START, ten.start), np.full(accounts, "OPB", dtype=object),
                     ten.balance - moved, 0))  # fmt: skip
    sizes = [len(part[0]) for part in parts]
    starts = np.cumsum([0, *sizes])
    tenancy, day, kind, pence = (np.concatenate([part[i] for part in parts]) for i in range(4))
    reverses = np.full(len(tenancy), -1)
    reversal = 1 + next(i for i, part in enumerate(parts[1:]) if part[4])
    reverses[starts[reversal] : starts[reversal + 1]] = starts[payments + 1] + bounced

    order = np.lexsort((np.arange(len(day)), day, tenancy))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.searchsorted(tenancy[order], tenancy[order])
    number = ten.number[tenancy[order]] * 100 + (np.arange(len(order)) - first) + 1
    back = reverses[order]
    back = np.where(back >= 0, number[place[np.maximum(back, 0)]], 0)
    return Ledger(tenancy[order], number, day[order], kind[order], pence[order], back)


def transactions(ten: Tenancies, moves: Ledger) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of the movements."""
    keys = texts(moves.number)
    week = (moves.day - RENT_YEAR).astype(np.int64) // 7 + 1
    return keys, {
        "TRAN_NO": keys.copy(),
        "ACCOUNT": texts(ten.number, "R{}")[moves.tenancy],
        "TRAN_DATE": day_first(moves.day),
        "TRAN_TYPE": moves.kind.copy(),
        "AMOUNT": pounds(moves.pence),
        "WEEK_NO": texts(week),
        "REVERSES": np.where(moves.reverses > 0, texts(moves.reverses), ""),
        "NARRATIVE": np.array([_NARRATIVES[kind] for kind in moves.kind], dtype=object),
    }


def spoil_transactions(batch: Batch, moves: Ledger, accounts: Batch, first_account: int) -> None:
    """What is wrong with real transactions. `accounts` are the balances, whose first row is `first_account`.

    Amounts stay what they are; a lost opening balance shows where the account does not add up.
    """
    several = np.bincount(moves.tenancy)[moves.tenancy] > 1
    opening = (moves.kind == "OPB") & (moves.pence != 0) & several
    lost = batch.pick(0.02, opening)
    for account in moves.tenancy[lost].tolist():
        batch.truth.keep(
            "balances.csv",
            first_account + account,
            accounts.keys[account],
            "balance",
            "opening balance lost in the transactions",
            "account-lacks-its-opening-balance",
        )
    payment, bare = moves.kind == "PAY", np.full(len(moves.kind), True)
    bare[lost] = False
    taken_back = np.isin(moves.number, moves.reverses)
    batch.drop(lost)
    payment, taken_back, kind, number = payment[bare], taken_back[bare], moves.kind[bare], moves.number[bare]
    batch.spoil("week 54", "rent_transaction.rent_week.range", "rent_week", 0.01, kind == "CHG", WEEK_NO="54")
    batch.spoil(
        "reversal of nothing said",
        "reversal-names-what-it-takes-back",
        "reverses_ref",
        0.05,
        kind == "REV",
        REVERSES="",
    )
    batch.spoil(
        "reversal of what is not there",
        "reversal-of-an-unknown-movement",
        "reverses_ref",
        0.05,
        kind == "REV",
        REVERSES=lambda rows: texts(number[rows], "9{}"),
    )
    lone = payment & ~taken_back
    batch.spoil("kind nobody knows", "rent_transaction.kind.code", "kind", 0.01, lone, TRAN_TYPE="ZZZ")
    batch.spoil(
        "day that is none",
        "rent_transaction.transaction_date.type",
        "transaction_date",
        0.005,
        lone,
        TRAN_DATE="31/02/2026",
    )
    batch.spoil(
        "account that is not there",
        "rent_transaction.account_ref.parent",
        "account_ref",
        0.002,
        lone,
        ACCOUNT=lambda rows: texts(number[rows], "R9{}"),
    )
    batch.copy("the same payment twice", "movement-entered-twice", "transaction_ref", 0.005, lone, "TRAN_NO")
