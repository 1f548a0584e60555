"""Exports 9, 10 and 11: complaints, anti-social behaviour, and the satisfaction survey."""

from __future__ import annotations

import numpy as np

from placemaker.demo.homes_exports import references
from placemaker.demo.lettings import AS_AT, Tenancies
from placemaker.demo.service_exports import YEAR_START
from placemaker.demo.spoiling import Batch, constant, yes_no
from placemaker.demo.stock import Stock, Units
from placemaker.demo.tenancy_exports import person_numbers, tenancy_references
from placemaker.demo.writing import NO_DAY, day_first, texts

COMPLAINTS = (
    "CASE_NO", "RELATED_CASE", "PROP_REF", "TENANCY", "PERSON_NO", "STAGE", "CATEGORY", "RECEIVED", "ACKNOWLEDGED",
    "EXTENDED", "RESPONDED", "OUTCOME", "STATUS",
)  # fmt: skip
ASB = ("CASE_NO", "COMPLAINANT", "PROP_REF", "CATEGORY", "REPORTED", "CLOSED", "STATUS", "HATE", "OUTCOME")
SURVEY = (
    "Response", "Date", "Method", "Tenure", "Area", "Overall", "Repairs", "Time taken", "Well maintained", "Safe",
    "Listens", "Informs", "Respect", "Complaints", "Communal", "Neighbourhood", "ASB handling",
)  # fmt: skip
_ABOUT = np.array(["REP", "DMP", "ASB", "STF", "RNT", "ALL", "COM", "OTH"], dtype=object)
_UPSHOT = np.array(["UPH", "PUP", "NUP", "WDN"], dtype=object)
_NUISANCE = np.array(["NOI", "VRB", "DRG", "VAN", "LIT", "ANI", "VEH", "VIO", "HAT", "OTH"], dtype=object)
_ENDING = np.array(["RES", "ADV", "WRN", "MED", "NFA", "REF"], dtype=object)
_WORDS = np.array(["Very dissatisfied", "Fairly dissatisfied", "Neither satisfied nor dissatisfied", "Fairly satisfied",
                   "Very satisfied"], dtype=object)  # fmt: skip
_AGREE = np.array(
    ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"], dtype=object
)

_ASKED_OF_ALL = ("Well maintained", "Safe", "Listens", "Informs", "Neighbourhood")


def _live(units: Units, ten: Tenancies) -> np.ndarray:
    """Places of the live tenancies of rented homes."""
    return np.flatnonzero(ten.live & np.isin(ten.kind, ("secure", "introductory")))


def _drawn(
    rng: np.random.Generator, stock: Stock, units: Units, ten: Tenancies, rate: float, lean: float
) -> np.ndarray:
    """Live tenancies that something happened to in the year, `rate` a home, more where need is greater."""
    live = _live(units, ten)
    happened = rng.poisson(rate * np.exp(lean * stock.need[units.post[ten.unit[live]]]) / np.exp(lean * 0.8))
    return live[happened > 0]


def complaints(
    stock: Stock, units: Units, ten: Tenancies, base: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns; a stage 2 complaint is a new case that names the first."""
    first = _drawn(rng, stock, units, ten, 0.055, 0.2)
    since = np.maximum(YEAR_START, ten.start[first])
    received = since + (rng.random(len(first)) * (AS_AT - since).astype(np.int64)).astype(np.int64)
    answered = (
        received
        + rng.integers(3, 10, len(first))
        + np.where(rng.random(len(first)) < 0.15, rng.integers(5, 20, len(first)), 0)
    )
    again = np.flatnonzero((rng.random(len(first)) < 0.12) & (answered + 45 < AS_AT))
    at = np.concatenate([first, first[again]])
    stage = np.concatenate([np.full(len(first), 1), np.full(len(again), 2)])
    start = np.concatenate([received, answered[again] + rng.integers(3, 30, len(again))])
    end = np.concatenate([answered, np.repeat(NO_DAY, len(again))])
    end[len(first) :] = start[len(first) :] + rng.integers(9, 21, len(again))
    n = len(at)
    open_ = end > AS_AT
    numbers = base + np.arange(n) + 1
    keys = texts(numbers, "CMP{:07d}")
    about = rng.choice(_ABOUT, len(first), p=[0.42, 0.13, 0.1, 0.1, 0.07, 0.06, 0.06, 0.06])
    related = constant("", n)
    related[len(first) :] = keys[again]
    upshot = rng.choice(_UPSHOT, n, p=[0.38, 0.27, 0.31, 0.04])
    extended = (end - start).astype(np.int64) > np.where(stage == 1, 12, 27)
    return keys, {
        "CASE_NO": keys.copy(),
        "RELATED_CASE": related,
        "PROP_REF": references(units.number[ten.unit[at]]),
        "TENANCY": tenancy_references(ten.number[at]),
        "PERSON_NO": person_numbers(ten.number[at], np.ones(n, dtype=np.int64)),
        "STAGE": texts(stage, "Stage {}"),
        "CATEGORY": np.concatenate([about, about[again]]),
        "RECEIVED": day_first(start),
        "ACKNOWLEDGED": day_first(np.minimum(start + rng.integers(0, 5, n), np.minimum(end, AS_AT))),
        "EXTENDED": np.where(extended, day_first(end + 2), "").astype(object),
        "RESPONDED": np.where(open_, "", day_first(end)).astype(object),
        "OUTCOME": np.where(open_, "", upshot).astype(object),
        "STATUS": np.where(open_, "OPEN", "CLSD").astype(object),
    }


def spoil_complaints(batch: Batch) -> None:
    """What is wrong with real complaints."""
    done, two = batch.columns["STATUS"] == "CLSD", batch.columns["STAGE"] == "Stage 2"
    one = done & ~two & ~np.isin(batch.keys, batch.columns["RELATED_CASE"][two])
    batch.spoil(
        "stage 2 as a new complaint",
        "stage-2-recorded-as-a-new-complaint",
        "stage",
        0.1,
        two,
        STAGE="Stage 1",
        RELATED_CASE="",
    )
    batch.spoil("stage 2 of nothing said", "stage-2-names-its-stage-1", "first_stage_ref", 0.1, two, RELATED_CASE="")
    batch.spoil(
        "answered before it came",
        "complaint-answered-before-received",
        "responded_date",
        0.02,
        one,
        RESPONDED="01/04/2024",
    )
    batch.spoil(
        "closed without an answer",
        "complaint-closed-without-an-answer",
        "responded_date",
        0.02,
        one & (batch.columns["OUTCOME"] != "WDN"),
        RESPONDED="",
    )
    batch.spoil("category nobody knows", "complaint.category.code", "category", 0.02, one, CATEGORY="999")
    batch.spoil("stage 3", "complaint.stage.range", "stage", 0.02, one, STAGE="Stage 3")
    batch.spoil("day that is none", "complaint.received_date.type", "received_date", 0.02, one, RECEIVED="30/02/2026")


def antisocial(
    stock: Stock, units: Units, ten: Tenancies, base: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys (cases) and columns: a row a complainant, neighbours who live near in the list."""
    live = _live(units, ten)
    happened = rng.poisson(0.04 * np.exp(0.45 * stock.need[units.post[ten.unit[live]]]) / np.exp(0.36))
    case = np.flatnonzero(happened)
    heads = 1 + rng.binomial(3, 0.18, len(case))
    row = np.repeat(np.arange(len(case)), heads)
    beside = np.arange(len(row)) - np.searchsorted(row, row)
    at = live[np.minimum(case[row] + beside, len(live) - 1)] if len(live) else live
    n = len(case)
    since = np.maximum(YEAR_START, ten.start[live[case]]) if n else np.empty(0, dtype="datetime64[D]")
    reported = since + (rng.random(n) * (AS_AT - since).astype(np.int64)).astype(np.int64)
    closed = reported + rng.gamma(1.8, 30, n).astype(np.int64) + 1
    open_ = closed > AS_AT
    keys = texts(base + np.arange(n) + 1, "ASB{:07d}")
    category = rng.choice(_NUISANCE, n, p=[0.32, 0.14, 0.12, 0.07, 0.08, 0.09, 0.06, 0.04, 0.03, 0.05])
    ending = np.where(open_, "", rng.choice(_ENDING, n)).astype(object)
    return keys[row], {
        "CASE_NO": keys[row],
        "COMPLAINANT": person_numbers(ten.number[at], np.ones(len(row), dtype=np.int64)),
        "PROP_REF": references(units.number[ten.unit[at]]),
        "CATEGORY": category[row],
        "REPORTED": day_first(reported)[row],
        "CLOSED": np.where(open_, "", day_first(closed)).astype(object)[row],
        "STATUS": np.where(open_, "OPEN", "CLSD").astype(object)[row],
        "HATE": yes_no(category == "HAT")[row],
        "OUTCOME": ending[row],
    }


def spoil_antisocial(batch: Batch) -> None:
    """What is wrong with real cases, said in a case's only row."""
    cases, counts = np.unique(batch.keys.astype(str), return_counts=True)
    alone = np.isin(batch.keys.astype(str), cases[counts == 1])
    done = alone & (batch.columns["STATUS"] == "CLSD")
    batch.spoil(
        "closed before it was reported", "asb-closed-before-reported", "closed_date", 0.03, done, CLOSED="01/04/2024"
    )
    batch.spoil(
        "open with a closing day", "asb-open-with-a-closing-day", "status", 0.03, done, STATUS="OPEN", OUTCOME=""
    )
    batch.spoil("closed without a day", "asb-closed-without-a-day", "closed_date", 0.03, done, CLOSED="")
    batch.spoil(
        "hate not marked",
        "hate-case-is-marked",
        "hate_incident",
        0.2,
        alone & (batch.columns["CATEGORY"] == "HAT"),
        HATE="N",
    )
    batch.spoil("kind nobody knows", "asb_case.category.code", "category", 0.03, done, CATEGORY="XX")
    batch.spoil(
        "person that is not there",
        "asb_case.complainant_ref.parent",
        "complainant_ref",
        0.02,
        done,
        COMPLAINANT=lambda rows: np.array(["9" + batch.columns["COMPLAINANT"][row] for row in rows], dtype=object),
    )


def survey(
    stock: Stock, units: Units, ten: Tenancies, base: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of the answers of a tenth of the tenants; the survey knows the patch and not the home."""
    live = np.flatnonzero(ten.live & np.isin(ten.kind, ("secure", "introductory", "shared_ownership")))
    live = live[rng.random(len(live)) < 0.1]
    n = len(live)
    post = units.post[ten.unit[live]]
    mood = rng.normal(0.62 - 0.28 * stock.need[post], 1)
    keys = texts(base + np.arange(n) + 1, "S{:06d}")
    shared = ten.kind[live] == "shared_ownership"

    def answer(shift: float, words: np.ndarray = _WORDS, skip: float = 0.0) -> np.ndarray:
        level = np.digitize(0.72 * mood + 0.75 * rng.normal(size=n) + shift, [-1.25, -0.65, -0.25, 0.75])
        text = words[level]
        text[rng.random(n) < skip] = "Not applicable/Don't know"
        return text

    shifts = {"Overall": 0.1, "Repairs": 0.15, "Time taken": 0.0, "Well maintained": 0.1, "Safe": 0.25,
              "Listens": -0.25, "Informs": 0.05}  # fmt: skip
    answers = {
        name: answer(shift, skip=0.25 if name in ("Repairs", "Time taken") else 0.03) for name, shift in shifts.items()
    }
    answers["Overall"] = answer(0.1)
    answers |= {
        "Respect": answer(0.2, _AGREE), "Complaints": answer(-0.95, skip=0.7), "Communal": answer(0.0, skip=0.45),
        "Neighbourhood": answer(0.0, skip=0.05), "ASB handling": answer(-0.2, skip=0.3),
    }  # fmt: skip
    # Nobody here says the same to every question: that is a fault, and planted where it is wanted.
    same = np.all([answers[name] == answers["Overall"] for name in _ASKED_OF_ALL], axis=0)
    answers["Safe"] = np.where(same, np.where(answers["Overall"] == _WORDS[4], _WORDS[3], _WORDS[4]), answers["Safe"])
    day = np.datetime64("2025-09-01") + rng.integers(0, 75, n)
    return keys, {
        "Response": keys.copy(),
        "Date": day_first(day),
        "Method": rng.choice(np.array(["Telephone", "Online", "Postal"], dtype=object), n, p=[0.6, 0.3, 0.1]),
        "Tenure": np.where(shared, "LCHO", "LCRA").astype(object),
        "Area": np.array(stock.patch_names, dtype=object)[stock.patch[post]],
    } | answers


def spoil_survey(batch: Batch) -> None:
    """What is wrong with a survey company's file."""
    batch.spoil(
        "answer in other words", "survey_response.tp01_overall.code", "tp01_overall", 0.02, Overall="Quite happy"
    )
    batch.spoil(
        "number for an answer",
        "survey_response.tp04_well_maintained.code",
        "tp04_well_maintained",
        0.02,
        **{"Well maintained": "4"},
    )
    batch.spoil("day that is none", "survey_response.answered_date.type", "answered_date", 0.02, Date="31/09/2025")
    batch.spoil("answered in the future", "answered-in-the-future", "answered_date", 0.01, Date="10/10/2052")
    empty = {name: "" for name in SURVEY[5:]}
    alike = {name: str(_AGREE[4] if name == "Respect" else _WORDS[4]) for name in SURVEY[5:]}
    batch.spoil("the same to every question", "all-answers-are-the-same", "tp01_overall", 0.01, **alike)
    batch.spoil("sent back empty", "no-question-answered", "tp01_overall", 0.01, **empty)
