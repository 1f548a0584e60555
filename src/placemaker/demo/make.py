"""Write the whole demo into a folder: the place, twelve exports, their mappings, finance, neighbourhoods, the truth."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from placemaker.demo import homes_exports, ledger_exports, service_exports, tenancy_exports, voice_exports
from placemaker.demo.borough import Country, Postcodes, country, postcodes
from placemaker.demo.damp_tracker import DampTracker
from placemaker.demo.finance import Finance
from placemaker.demo.lettings import AS_AT, household, let
from placemaker.demo.neighbourhoods import write_neighbourhoods
from placemaker.demo.placefiles import write_place
from placemaker.demo.spoiling import Batch, Truth
from placemaker.demo.stock import Stock, make_stock, units_of
from placemaker.demo.writing import Table

Progress = Callable[[str, int, int], None]
MAPPINGS = Path(__file__).parent / "mappings"
FEWEST = 200
HEADS = {
    "properties.csv": homes_exports.PROPERTIES,
    "assets_epc.csv": homes_exports.ASSETS,
    "tenancies.csv": tenancy_exports.TENANCIES,
    "balances.csv": tenancy_exports.BALANCES,
    "transactions.csv": ledger_exports.TRANSACTIONS,
    "repairs.csv": service_exports.REPAIRS,
    "voids.csv": tenancy_exports.VOIDS,
    "compliance.csv": service_exports.CHECKS,
    "complaints.csv": voice_exports.COMPLAINTS,
    "asb.csv": voice_exports.ASB,
    "survey.csv": voice_exports.SURVEY,
}
ORDER = (*(name.removesuffix(".csv") for name in HEADS), "damp")
"""The exports in the order in which they are best loaded: parents before children."""


@dataclass(frozen=True)
class Demo:
    """What was written and where. `faults` counts the planted ones; `rows` the records of each export."""

    folder: Path
    homes: int
    rows: dict[str, int]
    faults: int


def make(
    folder: str | Path,
    homes: int = 12_000,
    seed: int = 2026,
    progress: Progress | None = None,
    *,
    faults: bool = True,
) -> Demo:
    """Write the demo of `homes` homes into `folder`; the same seed and homes give the same bytes.

    With `faults` false the same landlord's exports come without any planted fault, though in the same messy layout.
    `progress` is called with a step in words, how many steps are done and how many there are. Raises ValueError for
    fewer than 200 homes.
    """
    if homes < FEWEST:
        raise ValueError(f"a borough needs at least {FEWEST} homes, and not {homes}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tell = progress or (lambda step, done, total: None)
    tell("Drawing the borough", 0, 1)
    place = country(seed, homes)
    posts = postcodes(seed, place)
    write_place(folder / "place", seed, place, posts)
    stock = make_stock(seed, place, posts)
    demo = _exports(folder, seed, place, stock, faults, tell)
    write_neighbourhoods(folder / "neighbourhoods", place, posts, stock)
    (folder / "mappings").mkdir(exist_ok=True)
    for mapping in sorted(MAPPINGS.glob("*.yaml")):
        shutil.copyfile(mapping, folder / "mappings" / mapping.name)
    (folder / "README.txt").write_text(_readme(demo, place, posts), "utf-8")
    return demo


def _exports(folder: Path, seed: int, place: Country, stock: Stock, faults: bool, tell: Progress) -> Demo:
    chunks = list(stock.chunks())
    with ExitStack() as stack:
        truth = stack.enter_context(Truth(folder / "truth" / "faults.csv", faults))
        tables = {
            name: stack.enter_context(Table(
                folder / "exports" / name, head, delimiter=";" if name == "balances.csv" else ",",
                encoding="cp1252" if name == "repairs.csv" else "utf-8",
            )) for name, head in HEADS.items()
        }  # fmt: skip
        damp = DampTracker(folder / "exports" / "damp.xlsx", truth)
        finance = Finance(folder / "finance")
        for number, chunk in enumerate(chunks):
            tell("Writing the exports", number, len(chunks))
            _chunk(stock, chunk, tables, damp, finance, truth, np.random.default_rng([seed, 10, number]),
                   np.random.default_rng([seed, 11, number]))  # fmt: skip
        _total_row(tables["balances.csv"], finance, truth)
        damp.save()
        finance.save()
        tell("Writing the exports", len(chunks), len(chunks))
        rows = {name: table.rows for name, table in tables.items()} | {"damp.xlsx": damp.records}
        return Demo(folder, stock.total, rows, truth.planted)


def _chunk(
    stock: Stock, posts: np.ndarray, tables: dict[str, Table], damp: DampTracker, finance: Finance, truth: Truth,
    rng: np.random.Generator, luck: np.random.Generator,
) -> None:  # fmt: skip
    """The rows of one run of postcodes in every export. `rng` makes the truth, `luck` spoils it."""
    units = units_of(stock, posts, rng, AS_AT)
    ten, empty = let(units, stock, rng)
    people = household(ten, rng)
    moves = ledger_exports.ledger(units, ten, rng)
    work = service_exports.jobs(stock, units, posts, tables["repairs.csv"].rows, rng)
    checks = service_exports.checks(stock, units, posts, rng)
    finance.add(units, ten)

    def write(
        name: str, made: tuple[np.ndarray, dict[str, np.ndarray]], spoil: Callable[..., None], *about: object
    ) -> None:
        batch = Batch(truth, tables[name], luck, *made)
        spoil(batch, *about)
        batch.write()

    tables["properties.csv"].write(homes_exports.blocks(stock, posts))
    write("properties.csv", homes_exports.properties(stock, units), homes_exports.spoil_properties, units)
    write("assets_epc.csv", homes_exports.assets(stock, units), homes_exports.spoil_assets, units)
    write(
        "tenancies.csv",
        tenancy_exports.tenancies(units, ten, people, rng),
        tenancy_exports.spoil_tenancies,
        units,
        ten,
        people,
    )
    accounts = Batch(truth, tables["balances.csv"], luck, *tenancy_exports.balances(units, ten))
    tenancy_exports.spoil_balances(accounts, ten)
    first = accounts.write()
    write(
        "transactions.csv",
        ledger_exports.transactions(ten, moves),
        ledger_exports.spoil_transactions,
        moves,
        accounts,
        first,
    )
    write("repairs.csv", service_exports.repairs(units, work), service_exports.spoil_repairs, units, work)
    write("voids.csv", tenancy_exports.voids(units, empty), tenancy_exports.spoil_voids, units, empty)
    write(
        "compliance.csv",
        service_exports.compliance(units, checks, tables["compliance.csv"].rows),
        service_exports.spoil_compliance,
        checks,
    )
    write(
        "complaints.csv",
        voice_exports.complaints(stock, units, ten, tables["complaints.csv"].rows, rng),
        voice_exports.spoil_complaints,
    )
    write(
        "asb.csv",
        voice_exports.antisocial(stock, units, ten, tables["asb.csv"].rows, rng),
        voice_exports.spoil_antisocial,
    )
    write(
        "survey.csv",
        voice_exports.survey(stock, units, ten, tables["survey.csv"].rows, rng),
        voice_exports.spoil_survey,
    )
    damp.add(stock, units, ten, rng, luck)


def _total_row(balances: Table, finance: Finance, truth: Truth) -> None:
    """The total that somebody left under the balances: a row without a key, which is held back."""
    if truth.wanted:
        cells: dict[str, Iterable[str]] = {name: [""] for name in balances.head}
        row = balances.write(cells | {"STATUS": ["TOTAL"]})
        truth.keep(
            "balances.csv", row, "", "account_ref", "a total under the list", "rent_account.account_ref.required"
        )


def _readme(demo: Demo, place: Country, posts: Postcodes) -> str:
    lines = "\n".join(f"  {name:<18}{rows:>12,} rows" for name, rows in demo.rows.items())
    return f"""Hollowbrook is made up. No such borough, landlord, home or person exists.

A landlord of {demo.homes:,} homes, Hollowbrook Homes, in a borough of {place.local:,} areas and
{len(posts.text):,} postcodes in the middle of the North Sea. Its systems were read on 31 March 2026.

place/            the borough and its country as official downloads would come, with recipe.yaml for a place pack
exports/          twelve exports, with the mess that real ones have:
{lines}
mappings/         one mapping an export: how its columns become the housing data standard
finance/          control totals and the accounts behind them, as finance knows them
neighbourhoods/   places the landlord speaks of: patches by postcode, a drawn polygon, a list of postcodes
truth/faults.csv  the {demo.faults:,} faults that were planted: file, row, key, field, fault, and the rule that
                  ought to find it
"""
