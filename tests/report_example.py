"""A made-up profile for the tests of reports: true in form, with every kind of figure, and quick to make."""

from types import SimpleNamespace

from placemaker.figure import Figure, Source, missing
from placemaker.insight import Comparator, Line, OwnIndicator, Profile, catalogue

CENSUS = Source("census21", "Census 2021", "Office for National Statistics", "21 March 2021", "OGL v3.0")
INDICES = Source("iod2025", "English Indices of Deprivation 2025", "MHCLG", "2025", "OGL v3.0")
OWN = Source("home", "Homes", "Hollowbrook Homes", snapshot=12)
COMPARATORS = (
    Comparator("authority", "Hollowbrook"),
    Comparator("region", "North West"),
    Comparator("england", "England"),
    Comparator("stock", "All our homes"),
)


def share(top: int, bottom: int, label: str, source: Source = CENSUS, **about) -> Figure:
    """A share in per cent with both its parts."""
    parts = (Figure(top, "households", label), Figure(bottom, "all households", "All households"))
    about = {"how": "Divided by all households.", "period": "Census, 21 March 2021", **about}
    return Figure(
        top / bottom * 100, "%", label, parts=parts, sources=(source,), formula="share", per=100, places=1, **about
    )


def square(column: int, row: int, size: int = 400) -> dict:
    """A square area as GeoJSON, in metres."""
    west, south = 400_000 + column * size, 300_000 + row * size
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def example_profile(own: bool = True, every: bool = False) -> Profile:
    """The profile of a made-up neighbourhood of 14 areas; ``every`` takes all indicators of the catalogue."""
    lines = []
    for number, indicator in enumerate(catalogue().values()):
        if not every and indicator.theme not in ("People", "Income", "Housing", "Crime"):
            continue
        lines.append(_line(number, indicator, own))
    features = [
        {
            "type": "Feature",
            "geometry": square(number % 4, number // 4),
            "properties": {"code": f"X0100{number:04d}", "name": f"Hollowbrook {number:03d}", "value": _decile(number)},
        }
        for number in range(14)
    ]
    homes = Figure(1204, "homes", "Homes of ours", period="1 April 2026", how="Homes placed here.", sources=(OWN,))
    return Profile(
        neighbourhood=SimpleNamespace(
            areas=tuple((f["properties"]["code"], 1.0) for f in features), how="column", note="", shape=None,
            fit=SimpleNamespace(words="98.7% of the homes that carry its name are in these areas."),
        ),
        title="Mill Lane",
        layer="lsoa21",
        comparators=COMPARATORS,
        lines=tuple(lines),
        own=_own() if own else (),
        most_deprived={one: _deprived(one) for one in (1, 5, 10, 20)},
        summary=(),
        homes_count=homes if own else missing("Homes of ours", "homes", "No homes were given."),
        residents=Figure(21_533, "people", "Residents", sources=(CENSUS,)),
        sources=(CENSUS, INDICES),
        made_up=True,
        snapshot=12,
        notes=(),
        draw=lambda: {"type": "FeatureCollection", "features": features},
    )  # fmt: skip


def _decile(number: int) -> int | None:
    return None if number == 5 else 1 if number < 9 else number % 10 + 1


def _deprived(one: int) -> Figure:
    return share(60 * one if one < 20 else 1_000, 1_204, "Homes in deprived areas", INDICES, how="By decile.")


def _line(number: int, indicator, own: bool) -> Line:
    if indicator.kind == "count":
        place = Figure(1_000 + number * 7, indicator.unit, indicator.title, sources=(CENSUS,), how=indicator.how)
        return Line(indicator, place, None, {c.key: place for c in COMPARATORS[:3]})
    if indicator.unit != "%":
        place = Figure(10.5 + number, indicator.unit, indicator.title, places=1, sources=(INDICES,), how=indicator.how,
                       period=indicator.period)  # fmt: skip
        other = Figure(10.0 + number % 5, indicator.unit, indicator.title, places=1, sources=(INDICES,),
                       how=indicator.how, period=indicator.period)  # fmt: skip
        gone = missing(indicator.title, indicator.unit, "None of its areas has a figure.")
        return Line(indicator, place, None, {"authority": other, "region": gone, "england": other, "stock": other})
    about = {"how": indicator.how, "period": indicator.period}
    if indicator.estimated:
        about |= {"status": "estimated", "reason": indicator.note}
    step = 100 + number * 37 % 400
    here = share(step, 1_003, indicator.title, **about)
    there = share(step * 80 + 900, 97_001, indicator.title, **about)
    country = share(step * 19_000 + 200_000, 24_000_000, indicator.title, **about)
    homes = share(step - 60, 602, indicator.title, **about) if own else None
    return Line(indicator, here, homes, {"authority": there, "region": there, "england": country, "stock": here})


def _own() -> tuple[Line, ...]:
    def line(name: str, title: str, theme: str, unit: str, here: Figure, stock: Figure, polarity: str) -> Line:
        indicator = OwnIndicator(name, title, theme, unit, "rate", "repair", "1", "Year to 31 March 2026", "Counted.",
                                 denominator="1", polarity=polarity)  # fmt: skip
        return Line(indicator, here, None, {"stock": stock})

    year = {"period": "Year to 31 March 2026"}
    satisfied = share(212, 340, "Satisfied tenants", OWN, interval=(57.1, 67.3), **year)
    every = share(7_900, 11_000, "Satisfied tenants", OWN, interval=(71.0, 72.7), **year)
    on_time = share(1_720, 2_001, "Repairs on time", OWN, **year)
    few = share(3, 40, "Hazards", OWN).withheld("Fewer than 5 homes: withheld so that nobody can be picked out.")
    cases = Figure(31.2, "per 1,000 homes", "Cases", places=1, sources=(OWN,), **year)
    return (
        line(
            "tp01-overall",
            "Tenants satisfied overall",
            "Satisfaction",
            "%",
            satisfied,
            every,
            "higher is better",
        ),
        line("repairs-on-time", "Repairs finished on time", "Repairs", "%", on_time, on_time, "higher is better"),
        line("hazards-open", "Homes with an open hazard", "Safety", "%", few, on_time, "higher is worse"),
        line(
            "asb-cases",
            "Anti-social behaviour cases",
            "Neighbourhood",
            "per 1,000 homes",
            cases,
            cases,
            "higher is worse",
        ),
    )
