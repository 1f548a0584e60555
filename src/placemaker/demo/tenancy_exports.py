"""Exports 3, 4 and 7: tenancies with everyone in the household, account balances, and empty homes."""

from __future__ import annotations

import numpy as np

from placemaker.demo.homes_exports import references
from placemaker.demo.lettings import People, Tenancies, Voids
from placemaker.demo.spoiling import Batch, New, constant
from placemaker.demo.stock import Units
from placemaker.demo.writing import day_first, pounds, texts

TENANCIES = (
    "TEN_REF", "PROP_REF", "TYPE", "START", "END", "END_RSN", "PERSON_NO", "ROLE", "TITLE", "FORENAME", "SURNAME",
    "DOB", "DOD", "SEX", "EMAIL", "NI_NO", "ETHNIC", "JOINED", "HH_ADULTS", "HH_CHILDREN",
)  # fmt: skip
BALANCES = (
    "ACCOUNT", "TENANCY", "PROPERTY", "ACC_TYPE", "STATUS", "BALANCE", "BAL_DATE", "WKLY_CHARGE", "CHG_WEEKS",
    "CHG_FROM",
)  # fmt: skip
VOIDS = ("VOID_NO", "PROP_REF", "VOID_TYPE", "VOID_FROM", "READY", "RELET", "REASON", "OLD_TEN", "NEW_TEN")

_TYPES = {"secure": "SEC", "introductory": "INT", "shared_ownership": "SHO", "leasehold": "LEA", "garage": "GAR"}
_REASONS = {"": "", "transfer": "TRF", "moved_private": "PRI", "moved_social": "RSL", "death": "DTH", "care": "CAR",
            "eviction": "EVI", "abandoned": "ABD"}  # fmt: skip
_ROLES = {"tenant": "T", "joint": "J", "partner": "P", "other": "O", "child": "C"}
_GROUPS = np.array(["W1", "W2", "A1", "A2", "B1", "M1", "O1", "", "NS"], dtype=object)
WEEKS = (52, 52, 52, 52, 52, 52, 48, 48, 50, 53)
"""Weeks of the year in which an account is charged, by the last digit of its unit's number."""
RENT_YEAR = np.datetime64("2025-04-07")


def tenancy_references(numbers: np.ndarray) -> np.ndarray:
    """100123/01 from 10012301."""
    return np.array([f"{n // 100}/{n % 100:02d}" for n in numbers.tolist()], dtype=object)


def person_numbers(tenancy_numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
    return texts(tenancy_numbers * 100 + places)


def _coded(codes: dict[str, str], values: np.ndarray) -> np.ndarray:
    return np.array([codes[value] for value in values], dtype=object)


def tenancies(
    units: Units, ten: Tenancies, people: People, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys (persons) and columns: a row for everyone of every tenancy."""
    of = people.tenancy
    count = len(of)
    persons = person_numbers(ten.number[of], people.place)
    grown = people.role != "child"
    died = (ten.reason == "death")[of] & (people.place == 1)
    has_mail = grown & ~died & (rng.random(count) < 0.6)
    mail = np.array([f"{g.lower()}.{f.lower()}{p[-6:]}@example.org" if m else "" for g, f, p, m in
                     zip(people.given, people.family, persons, has_mail, strict=True)], dtype=object)  # fmt: skip
    title = np.where(~grown, "", np.where(people.woman, np.where(people.place % 2 == 0, "Mrs", "Ms"), "Mr"))
    return persons, {
        "TEN_REF": tenancy_references(ten.number)[of],
        "PROP_REF": references(units.number[ten.unit])[of],
        "TYPE": _coded(_TYPES, ten.kind)[of],
        "START": day_first(ten.start)[of],
        "END": np.where(ten.live, "31/12/2099", day_first(ten.end))[of].astype(object),
        "END_RSN": _coded(_REASONS, ten.reason)[of],
        "PERSON_NO": persons.copy(),
        "ROLE": _coded(_ROLES, people.role),
        "TITLE": title.astype(object),
        "FORENAME": people.given.copy(),
        "SURNAME": np.char.upper(people.family.astype(str)).astype(object),
        "DOB": day_first(people.born),
        "DOD": np.where(died, day_first(ten.end)[of], "").astype(object),
        "SEX": np.where(people.woman, "F", "M").astype(object),
        "EMAIL": mail,
        "NI_NO": constant("", count),
        "ETHNIC": rng.choice(_GROUPS, count, p=[0.52, 0.05, 0.08, 0.05, 0.06, 0.03, 0.02, 0.15, 0.04]),
        "JOINED": day_first(people.joined),
        "HH_ADULTS": texts(ten.adults)[of],
        "HH_CHILDREN": texts(ten.children)[of],
    }  # fmt: skip


def spoil_tenancies(batch: Batch, units: Units, ten: Tenancies, people: People) -> None:
    """What is wrong with real tenancies. A fault of a whole tenancy is planted where one person has it alone."""
    of = people.tenancy
    first = people.place == 1
    live, home = ten.live[of], (ten.kind != "garage")[of]
    alone = first & ((ten.adults + ten.children)[of] == 1)
    ended = alone & ~live
    followed = ended & np.isin(ten.unit, ten.unit[ten.live])[of]
    tenancy, persons = tenancy_references(ten.number)[of], batch.keys
    surname = batch.columns["SURNAME"].copy()

    def person(fault: str, rule: str, field: str, share: float, where: np.ndarray, **new: New) -> None:
        batch.spoil(fault, rule, field, share, where, **new)

    def whole(fault: str, rule: str, field: str, share: float, where: np.ndarray, **new: New) -> None:
        batch.spoil(fault, rule, field, share, where, keys=tenancy, **new)

    person("Exors of", "person-stands-for-an-estate", "family_name", 0.02, first & live & home, TITLE="Exors of")
    person(
        "two people in a name",
        "person-name-holds-two-people",
        "family_name",
        0.01,
        first & home,
        SURNAME=lambda rows: surname[rows] + " & PARTNER",
    )
    person(
        "remark in a name",
        "person-name-holds-a-remark",
        "family_name",
        0.01,
        first & home,
        SURNAME=lambda rows: surname[rows] + " (DECD)",
    )
    person(
        "placeholder for a name", "person-name-is-a-placeholder", "family_name", 0.005, first & home, SURNAME="UNKNOWN"
    )
    person("born in the future", "person-born-in-the-future", "date_of_birth", 0.01, alone & home, DOB="01/07/2068")
    person(
        "born in 1866",
        "person-over-120",
        "date_of_birth",
        0.005,
        first & (batch.columns["DOD"] == ""),
        DOB="14/10/1866",
    )
    person("day that is none", "person.date_of_birth.type", "date_of_birth", 0.01, first, DOB="30/02/1961")
    person(
        "placeholder NI number",
        "national-insurance-number-never-given-out",
        "national_insurance_number",
        0.01,
        first,
        NI_NO="QQ123456C",
    )
    person(
        "NI number cut short",
        "person.national_insurance_number.pattern",
        "national_insurance_number",
        0.01,
        first,
        NI_NO="AB1234",
    )
    person("sex nobody knows", "person.gender.code", "gender", 0.01, first, SEX="7")
    batch.spoil(
        "words for an address",
        "email-looks-like-one",
        "value",
        0.01,
        first & (batch.columns["DOD"] == ""),
        keys="E" + persons,
        EMAIL="none at present",
    )
    batch.spoil(
        "has died, tenancy runs on",
        "tenant-who-died-still-on-the-tenancy",
        "to_date",
        0.005,
        alone & live & home,
        keys=tenancy + "/" + persons,
        DOD="02/01/2026",
        EMAIL="",
    )
    whole(
        "tenancy type nobody knows", "tenancy.tenancy_type.code", "tenancy_type", 0.02, alone & home & live, TYPE="ZZZ"
    )
    whole("ends before it starts", "tenancy-ends-after-it-starts", "end_date", 0.03, ended, END="02/01/1971")
    whole(
        "never ended when the next began",
        "two-live-tenancies-on-one-home",
        "home_ref",
        0.03,
        followed,
        END="31/12/2099",
        END_RSN="",
    )
    whole(
        "default end that nobody declared", "tenancy-end-is-a-default", "end_date", 0.02, alone & live, END="31/12/2100"
    )
    whole("starts in 2031", "tenancy-starts-in-the-future", "start_date", 0.01, alone & live & home, START="01/04/2031")
    whole("no start", "tenancy.start_date.required", "start_date", 0.01, alone & live & home, START="")
    whole(
        "home that is not there",
        "tenancy.home_ref.parent",
        "home_ref",
        0.01,
        alone & live & home,
        PROP_REF=lambda rows: references(70_000_000 + units.number[ten.unit[of[rows]]]),
    )


def _owed(pence: int) -> str:
    """1,234.50DR for a debt, 9.99CR for a credit, 0.00 for neither."""
    return f"{abs(pence) // 100:,}.{abs(pence) % 100:02d}" + ("CR" if pence < 0 else "DR" if pence else "")


def balances(units: Units, ten: Tenancies) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns: an account a tenancy, former tenants' accounts mixed in."""
    keys = texts(ten.number, "R{}")
    rent = units.rent[ten.unit]
    charged = ten.live & (rent > 0)
    kind = np.select([ten.kind == "garage", ten.kind == "leasehold"], ["GAR", "LSE"], "RNT").astype(object)
    weeks = np.array(WEEKS)[units.number[ten.unit] % 10]
    owed = [_owed(pence) for pence in ten.balance.tolist()]
    return keys, {
        "ACCOUNT": keys.copy(),
        "TENANCY": tenancy_references(ten.number),
        "PROPERTY": references(units.number[ten.unit]),
        "ACC_TYPE": kind,
        "STATUS": np.where(ten.live, "CUR", "FTA").astype(object),
        "BALANCE": np.array(owed, dtype=object),
        "BAL_DATE": constant("31/03/2026", len(keys)),
        "WKLY_CHARGE": np.where(charged, pounds(rent), ""),
        "CHG_WEEKS": np.where(charged, texts(weeks), ""),
        "CHG_FROM": np.where(charged, day_first(np.maximum(ten.start, RENT_YEAR)), ""),
    }


def spoil_balances(batch: Batch, ten: Tenancies) -> None:
    """What is wrong with real balances; the amounts stay what they are."""
    rent = ten.live & (batch.columns["ACC_TYPE"] == "RNT") & (batch.columns["WKLY_CHARGE"] != "")
    batch.spoil("account kind nobody knows", "rent_account.kind.code", "kind", 0.01, rent, ACC_TYPE="???")
    batch.spoil(
        "40 weeks in a year",
        "rent_charge.weeks_in_year.range",
        "weeks_in_year",
        0.02,
        rent,
        keys=batch.keys + "-1",
        CHG_WEEKS="40",
    )
    batch.spoil("day that is none", "rent_account.balance_date.type", "balance_date", 0.01, rent, BAL_DATE="31/04/2026")
    batch.spoil(
        "tenancy that is not there",
        "rent_account.tenancy_ref.parent",
        "tenancy_ref",
        0.01,
        rent,
        TENANCY=lambda rows: tenancy_references(ten.number[rows] + 90_000_000_000),
    )


def voids(units: Units, empty: Voids) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Keys and columns of empty homes."""
    keys = texts(empty.previous, "V{}")
    return keys, {
        "VOID_NO": keys.copy(),
        "PROP_REF": references(units.number[empty.unit]),
        "VOID_TYPE": np.where(empty.major, "MAJ", "MIN").astype(object),
        "VOID_FROM": day_first(empty.start),
        "READY": day_first(empty.ready),
        "RELET": day_first(empty.end),
        "REASON": _coded(_REASONS, empty.reason),
        "OLD_TEN": tenancy_references(empty.previous),
        "NEW_TEN": np.where(empty.next > 0, tenancy_references(empty.next), ""),
    }


def spoil_voids(batch: Batch, units: Units, empty: Voids) -> None:
    """What is wrong with real voids."""
    over = ~np.isnat(empty.end)
    relet = over & ((empty.end - empty.start).astype(np.int64) > 2)
    batch.spoil("still open though let again", "void-open-while-the-home-is-let", "end_date", 0.04, relet, RELET="")
    batch.spoil("ends before it starts", "void-ends-before-it-starts", "end_date", 0.02, over, RELET="03/03/1999")
    batch.spoil(
        "ready before it was empty", "void-ready-before-it-starts", "ready_date", 0.02, over, READY="03/03/1999"
    )
    batch.spoil("void type nobody knows", "void.void_type.code", "void_type", 0.03, VOID_TYPE="ZZ")
    batch.spoil(
        "home that is not there",
        "void.home_ref.parent",
        "home_ref",
        0.02,
        over,
        PROP_REF=lambda rows: references(70_000_000 + units.number[empty.unit[rows]]),
    )
