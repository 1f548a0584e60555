"""Exports 6 and 8: repairs, and the safety checks of homes and blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placemaker.demo.lettings import AS_AT
from placemaker.demo.spoiling import Batch, constant, yes_no
from placemaker.demo.stock import Stock, Units
from placemaker.demo.writing import day_first, pounds, texts

REPAIRS = (
    "JOB_NO", "REQUEST_NO", "PROP_REF", "BLOCK", "COMMUNAL", "PRIORITY", "TRADE", "DESCRIPTION", "REPORTED", "TARGET",
    "COMPLETED", "STATUS", "FIRST_FIX", "COST",
)  # fmt: skip
CHECKS = ("REF", "SITE", "SITE_TYPE", "CHECK", "DONE", "NEXT_DUE", "RESULT", "CERT", "ENGINEER", "OPEN_ACTIONS")
YEAR_START = np.datetime64("2025-04-01")

_JOBS = (
    ("Plumbing", "Leak under kitchen sink"), ("Plumbing", "WC won’t flush"), ("Plumbing", "No hot water"),
    ("Plumbing", '"Tap drips, washer perished"'), ("Gas", "Boiler losing pressure"),
    ("Gas", "No heating – elderly tenant"),
    ("Electrical", "Socket sparks when used"), ("Electrical", "Hall light won’t switch off"),
    ("Electrical", "Extractor fan noisy"),
    ("Carpentry", "Front door sticks"), ("Carpentry", "Kitchen drawer broken"), ("Carpentry", "Loose stair tread"),
    ("Glazing", "Window will not close"), ("Glazing", "Misted double glazing"),
    ("Roofing", "Slipped tile – water coming in"),
    ("Roofing", "Gutter blocked"), ("Plastering", "Ceiling plaster loose"), ("Damp", "Mould in bedroom – see photo"),
    ("Damp", "Damp patch by chimney"), ("Drainage", "Drain blocked"), ("Locks", '"Lost keys, recharge £45"'),
    ("Fencing", "Fence panel down"), ("Decoration", "Façade paint peeling"),
)  # fmt: skip
_COMMUNAL = (("Electrical", "Stairwell lights out"), ("Locks", "Door entry not working"),
              ("Cleaning", "Lift lobby – fouling"),             ("Roofing", "Roof leak over landing"))  # fmt: skip
_DAYS = {"E": 1, "U": 7, "R": 28, "P": 90}


@dataclass(frozen=True)
class Jobs:
    """One value a job. `unit` is the place of the unit it is for, -1 when it is for a block (`post`)."""

    unit: np.ndarray
    post: np.ndarray
    request: np.ndarray
    number: np.ndarray
    priority: np.ndarray
    text: np.ndarray
    minute: np.ndarray
    """Minutes from the start of the year to the report, and from the report to the end of the work."""
    taken: np.ndarray
    status: np.ndarray
    first_fix: np.ndarray
    pence: np.ndarray


def jobs(stock: Stock, units: Units, posts: np.ndarray, base: int, rng: np.random.Generator) -> Jobs:
    """A year of repairs: about three and a half a home, more and slower where need is greater. `base` numbers them."""
    let = np.flatnonzero((units.kind == "home") & (units.tenure == "rent"))
    need = stock.need[units.post[let]]
    asked = rng.poisson(2.65 * np.exp(0.14 * need) * rng.gamma(2.2, 1 / 2.2, len(let)))
    flats = posts[stock.block[posts]]
    communal = rng.poisson(2.2, len(flats))
    unit = np.concatenate([np.repeat(let, asked), np.full(communal.sum(), -1)])
    post = np.concatenate([units.post[np.repeat(let, asked)], np.repeat(flats, communal)])
    per = 1 + (rng.random(len(unit)) < 0.2) + (rng.random(len(unit)) < 0.04)
    minute = rng.integers(7 * 60, 365 * 1440, len(unit))
    minute += minute % 1440 == 0  # at midnight sharp stands a job whose time is not known
    order = np.argsort(minute, kind="stable")
    unit, post, per, minute = unit[order], post[order], per[order], minute[order]

    request = np.repeat(np.arange(len(unit)), per)
    unit, post, minute = unit[request], post[request], minute[request]
    n = len(unit)
    need = stock.need[post]
    priority = rng.choice(np.array(["E", "U", "R", "P"], dtype=object), n, p=[0.19, 0.28, 0.5, 0.03])
    allowed = np.array([_DAYS[p] for p in priority]) * 1440
    late = rng.random(n) < np.clip(0.09 + 0.035 * need, 0.02, 0.4)
    taken = (
        np.rint(allowed * np.where(late, 1.3 + rng.exponential(0.9, n), rng.beta(1.6, 2.2, n))).astype(np.int64) + 35
    )
    now = 365 * 1440
    chance = rng.random(n)
    status = np.where(
        minute + taken > now - 1440, "OPEN", np.where(chance < 0.05, "CANC", np.where(chance < 0.07, "NOACC", "COMP"))
    )
    text = np.where(unit >= 0, rng.integers(0, len(_JOBS), n), len(_JOBS) + rng.integers(0, len(_COMMUNAL), n))
    return Jobs(
        unit=unit, post=post, request=base + request + 1, number=base + np.arange(n) + 1, priority=priority, text=text,
        minute=minute, taken=taken, status=status.astype(object),
        first_fix=rng.random(n) < np.clip(0.8 - 0.03 * need, 0.5, 0.95),
        pence=np.rint(rng.gamma(1.6, 6_800, n) + 2_500).astype(np.int64),
    )  # fmt: skip


_CLOCK = np.array([f" {m // 60:02d}:{m % 60:02d}" for m in range(1440)], dtype=object)


def _moment(minutes: np.ndarray) -> np.ndarray:
    return day_first(YEAR_START + minutes // 1440) + _CLOCK[minutes % 1440]


def repairs(units: Units, work: Jobs) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of the jobs."""
    keys = texts(work.number, "J{:08d}")
    home = work.unit >= 0
    done = work.status == "COMP"
    texts_of = np.array([*_JOBS, *_COMMUNAL], dtype=object)
    finished = work.minute + work.taken
    allowed = np.array([_DAYS[p] for p in work.priority])
    return keys, {
        "JOB_NO": keys.copy(),
        "REQUEST_NO": texts(work.request, "Q{:08d}"),
        "PROP_REF": np.where(home, texts(units.number[np.maximum(work.unit, 0)], "P/{}"), ""),
        "BLOCK": np.where(home, "", texts(work.post + 1, "B{:06d}")),
        "COMMUNAL": yes_no(~home),
        "PRIORITY": work.priority.copy(),
        "TRADE": texts_of[work.text, 0],
        "DESCRIPTION": texts_of[work.text, 1],
        "REPORTED": _moment(work.minute),
        "TARGET": day_first(YEAR_START + work.minute // 1440 + allowed),
        "COMPLETED": np.where(done, _moment(finished), ""),
        "STATUS": work.status.copy(),
        "FIRST_FIX": np.where(done, yes_no(work.first_fix), ""),
        "COST": np.where(done, pounds(work.pence), ""),
    }


def spoil_repairs(batch: Batch, units: Units, work: Jobs) -> None:
    """What is wrong with real repairs."""
    done, home = work.status == "COMP", work.unit >= 0
    batch.spoil(
        "cancelled shown as complete",
        "repair-completed-without-a-time",
        "completed_at",
        0.3,
        work.status == "CANC",
        STATUS="COMP",
    )
    batch.spoil("open though mended", "repair-open-but-completed", "status", 0.01, done, STATUS="OPEN", FIRST_FIX="")
    batch.spoil(
        "mended before it was reported",
        "repair-completed-before-it-was-reported",
        "completed_at",
        0.01,
        done,
        COMPLETED="01/04/2024 10:00",
    )
    batch.spoil("communal, of no block", "communal-repair-has-a-building", "building_ref", 0.05, ~home, BLOCK="")
    batch.spoil("priority nobody knows", "repair.priority.code", "priority", 0.005, done, PRIORITY="X9")
    batch.spoil(
        "home that is not there",
        "repair.home_ref.parent",
        "home_ref",
        0.002,
        home,
        PROP_REF=lambda rows: texts(work.number[rows], "P/9{:08d}"),
    )
    batch.spoil("day that is none", "repair.target_date.type", "target_date", 0.005, done, TARGET="31/11/2025")
    batch.spoil(
        "cost below nothing",
        "repair-cost-is-negative",
        "cost",
        0.002,
        done,
        COST=lambda rows: pounds(-work.pence[rows]),
    )
    batch.spoil(
        "time not known",
        "repair-time-is-unknown",
        "reported_at",
        0.002,
        done,
        REPORTED=lambda rows: day_first(YEAR_START + work.minute[rows] // 1440),
    )
    batch.copy("the same job twice", "repair.repair_ref.unique", "repair_ref", 0.003, done)


@dataclass(frozen=True)
class Checks:
    """One value a check. `unit` is -1 for a check of a block (`post`)."""

    unit: np.ndarray
    post: np.ndarray
    kind: np.ndarray
    done: np.ndarray
    due: np.ndarray
    result: np.ndarray
    actions: np.ndarray


def checks(stock: Stock, units: Units, posts: np.ndarray, rng: np.random.Generator) -> Checks:
    """The newest check of each kind of each home and block; some overdue, more of them where need is greater."""
    let = np.flatnonzero((units.kind == "home") & (units.tenure == "rent"))
    gas = let[(units.number[let] % 20) > 2]
    flats = posts[stock.block[posts]]
    lifts = flats[stock.storeys[flats] >= 4]
    sets = [("GAS", gas, 365), ("EICR", let, 1_826), ("SMK", let, 365), ("FRA", flats, 365), ("ASB", flats, 365),
            ("LEG", flats, 730), ("LIFT", lifts, 183)]  # fmt: skip
    home = np.concatenate([np.full(len(at), kind in ("GAS", "EICR", "SMK")) for kind, at, _ in sets])
    at = np.concatenate([at for _, at, _ in sets])
    kind = np.concatenate([np.full(len(at), kind, dtype=object) for kind, at, _ in sets])
    every = np.concatenate([np.full(len(at), days) for _, at, days in sets])
    n = len(at)
    unit = np.where(home, at, -1)
    post = np.where(home, units.post[np.where(home, at, 0)], at)
    need = stock.need[post]
    age = (every * rng.uniform(0.0, 0.985, n)).astype(np.int64) + 1
    overdue = rng.random(n) < np.clip(0.012 + 0.008 * need, 0.002, 0.08)
    age = np.where(overdue, every + rng.integers(2, 90, n), age)
    done = AS_AT - age
    chance = rng.random(n)
    result = np.select(
        [overdue & (chance < 0.5), chance < 0.03, chance > 0.985], ["NACC", "FAIL", "N/A"], "PASS"
    ).astype(object)
    actions = np.where(np.isin(kind, ("FRA", "LEG")) & (result != "N/A"), rng.poisson(1.4, n), 0)
    actions = np.where(result == "FAIL", np.maximum(actions, 1), actions)
    return Checks(unit, post, kind, done, done + every, result, actions)


def compliance(units: Units, list_: Checks, base: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of the checks; blocks carry the contractor's own numbers."""
    n = len(list_.unit)
    keys = texts(base + np.arange(n) + 1, "CK{:08d}")
    home, none = list_.unit >= 0, list_.result == "N/A"
    return keys, {
        "REF": keys.copy(),
        "SITE": np.where(home, texts(units.number[np.maximum(list_.unit, 0)]), texts(list_.post + 1, "HBC-{:06d}-BLK")),
        "SITE_TYPE": np.where(home, "U", "B").astype(object),
        "CHECK": list_.kind.copy(),
        "DONE": np.where(none, "N/A", day_first(list_.done)).astype(object),
        "NEXT_DUE": np.where(none, "N/A", day_first(list_.due)).astype(object),
        "RESULT": list_.result.copy(),
        "CERT": np.where(list_.result == "PASS", texts(base + np.arange(n) + 1, "C-{}"), ""),
        "ENGINEER": constant("Marlshire Safety Ltd (made up)", n),
        "OPEN_ACTIONS": texts(list_.actions),
    }


def spoil_compliance(batch: Batch, list_: Checks) -> None:
    """What is wrong with a contractor's list."""
    home, passed = list_.unit >= 0, list_.result == "PASS"
    batch.spoil(
        "block the landlord does not know",
        "compliance_check.building_ref.parent",
        "building_ref",
        0.04,
        ~home & passed,
        SITE=lambda rows: texts(list_.post[rows] + 500_000, "HBC-{:06d}-BLK"),
    )
    batch.spoil(
        "passed, but when is N/A", "check-passed-or-failed-without-a-day", "done_date", 0.01, passed, DONE="N/A"
    )
    batch.spoil(
        "not applicable, with a certificate",
        "check-not-applicable-with-a-certificate",
        "result",
        0.05,
        list_.result == "N/A",
        CERT="C-0",
    )
    batch.spoil(
        "done in the future",
        "check-done-in-the-future",
        "done_date",
        0.005,
        passed,
        DONE="31/12/2088",
        NEXT_DUE="31/12/2089",
    )
    batch.spoil(
        "gas due in ten years",
        "gas-check-due-over-a-year-later",
        "due_date",
        0.01,
        passed & (list_.kind == "GAS"),
        NEXT_DUE="31/03/2036",
    )
    batch.spoil("check nobody knows", "compliance_check.kind.code", "kind", 0.01, passed, CHECK="PAT")
    batch.spoil("words for a day", "compliance_check.done_date.type", "done_date", 0.01, passed & home, DONE="see cert")
    batch.spoil(
        "failed, with nothing to do",
        "check-failed-without-an-action",
        "actions_open",
        0.05,
        list_.result == "FAIL",
        OPEN_ACTIONS="0",
    )
    batch.copy("the same check twice", "check-entered-twice", "check_ref", 0.003, passed, "REF")
