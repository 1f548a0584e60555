"""A profile as a document: what a housing officer reads in two minutes first, then every figure behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from placemaker.figure import Figure, Source
from placemaker.insight.model import Comparator, Line, Profile
from placemaker.insight.sentences import count, country, in_short, not_shown, viewed, where_homes_are, words
from placemaker.report import (
    Block,
    Bullets,
    Chart,
    Document,
    Heading,
    Map,
    MapClass,
    Note,
    PageBreak,
    Paragraph,
    Strong,
    Table,
    Tiles,
    charts,
)

MADE_UP = "Made-up borough: no real place, person or landlord"

#: The classes of the map: tenths of the country's areas, the most deprived first.
BANDS = (
    MapClass("Most deprived 10%", 1, 1),
    MapClass("10% to 20%", 2, 2),
    MapClass("20% to 30%", 3, 3),
    MapClass("30% to 50%", 4, 5),
    MapClass("Less deprived half", 6, 10),
)
LAYERS = {
    "oa21": ("output area", "output areas"),
    "lsoa21": ("small area (LSOA)", "small areas (LSOAs)"),
    "lsoa11": ("small area (LSOA of 2011)", "small areas (LSOAs of 2011)"),
    "msoa21": ("middle-sized area (MSOA)", "middle-sized areas (MSOAs)"),
    "ward24": ("ward", "wards"),
    "lad24": ("local authority", "local authorities"),
}
_HERE, _OUR_HOMES = "This place", "Our homes here"
_MOST_DOTS = 7
_BANDS = "Areas in England's "


def profile_document(profile: Profile) -> Document:
    """The document of one profile, for :func:`placemaker.report.render`."""
    profile = _with_plain_titles(profile)
    blocks: list[Block] = [
        Tiles(_tiles(profile)),
        Heading("In short"),
        Bullets(*in_short(profile)),
        *_service_beside_need(profile),
        *_where(profile),
        *_most_deprived(profile),
        *_themes(profile),
        *_summary(profile),
        *_method(profile),
    ]
    return Document(
        title=profile.title,
        subtitle=f"Neighbourhood profile: {_made_of(profile)}",
        banner=MADE_UP if profile.made_up else "",
        blocks=tuple(blocks),
    )


def _with_plain_titles(profile: Profile) -> Profile:
    """The profile whose comparators do not each say that they are made up, since every page says it."""
    plain = (replace(c, title=c.title.replace(" (made up)", "")) for c in profile.comparators)
    return replace(profile, comparators=tuple(plain))


def _made_of(profile: Profile) -> str:
    one, many = LAYERS.get(profile.layer, ("area", "areas"))
    return count(len(profile.neighbourhood.areas), one, many)


def _tiles(profile: Profile) -> tuple[tuple[str, Figure], ...]:
    homes = [("Our homes", profile.homes_count)] if profile.homes_count.status != "missing" else []
    residents = "Residents of the whole area" if profile.homes_count.known else "Residents"
    tiles = [*homes, (residents, profile.residents)]
    if 10 in profile.most_deprived and profile.most_deprived[10].status != "missing":
        whose = "Our homes" if profile.homes_count.known else "Homes"
        tiles.append((f"{whose} in the most deprived 10% of {country(profile)}", profile.most_deprived[10]))
    for lines, name, label in (
        (profile.own, "tp01-overall", "Tenants satisfied with us overall"),
        (viewed(profile), "income-score", _said_of(profile, "People on low incomes")),
    ):
        found = next((line.place for line in lines if line.indicator.id == name), None)
        if found is not None and found.status != "missing" and len(tiles) < 4:
            tiles.append((label, found))
    return tuple(tiles)


def _said_of(profile: Profile, what: str) -> str:
    """What a figure of the people measures, with the view that it is of where there are two."""
    if where_homes_are(profile):
        return f"{what} where our homes are"
    return f"{what} in the whole area" if profile.homes_count.known else what


# --- our service beside need ---------------------------------------------------------------------------------------


def _service_beside_need(profile: Profile) -> Iterable[Block]:
    """For each theme of the landlord's own indicators: the service here and across all homes, and need under it."""
    if not profile.own:
        return
    yield Heading("Our service beside need")
    yield Paragraph(
        "How we serve this place, and under it what is known of the people and homes. That two figures stand together "
        "does not say that one causes the other."
    )
    lines = {line.indicator.id: line for line in viewed(profile)}
    others = {c.key: c for c in profile.comparators}
    keys = [others[key] for key in ("stock", "authority", "england") if key in others]
    for theme, own in _by_theme(profile.own).items():
        if absent := not_shown(profile, theme, own):
            yield Paragraph(absent)
            continue
        need = [lines[name] for name in words()["beside"].get(theme, ()) if name in lines]
        groups = (("Our service", own), (_said_of(profile, "Need"), need))
        yield Table(
            theme,
            ("Measure", _HERE, *(_column(c) for c in keys)),
            tuple(
                row
                for heading, group in groups
                if group
                for row in (
                    heading,
                    *((_name(line), line.place, *(line.comparators.get(c.key, "") for c in keys)) for line in group),
                )
            ),
            align="l" + "r" * (1 + len(keys)),
        )


# --- where it is ---------------------------------------------------------------------------------------------------


def _where(profile: Profile) -> Iterable[Block]:
    features = profile.map.get("features", [])
    inside = [feature for feature in features if feature["properties"].get("inside", True)]
    if not inside:
        return
    yield Heading("Where it is")
    around = [feature for feature in features if feature not in inside]
    numbered = [
        {**feature, "properties": {**feature["properties"], "number": number}}
        for number, feature in enumerate(inside, 1)
    ]
    yield Map(
        f"Deprivation by area: {profile.title}",
        _map_in_words(numbered),
        {**profile.map, "features": [*around, *numbered]},
        "value",
        BANDS,
        f"Index of Multiple Deprivation, among the areas of {country(profile)}",
        outline=profile.neighbourhood.shape,
        count=("homes", "Homes"),
        table=Table(
            "The areas on the map",
            ("Number", "Area", "Code", "Deprivation"),
            tuple(
                (str(p["number"]), p.get("name") or "", p.get("code") or "", _band(p.get("value")))
                for p in (feature["properties"] for feature in numbered)
            ),
        ),
    )


def _band(value: Any) -> str:
    if value is None:
        return "Not available"
    return next((band.label for band in BANDS if band.low <= value <= band.high), "Not available")


def _map_in_words(features: Sequence[dict[str, Any]]) -> str:
    """What the map shows: ``Of 14 areas on the map, 9 are in the most deprived 10%, ...``."""
    bands = [_band(feature["properties"].get("value")) for feature in features]
    counts = [(_lower(band.label), bands.count(band.label)) for band in BANDS]
    said = [f"{_are(number)} in the {label}" for label, number in counts if number]
    unknown = bands.count("Not available")
    said += [f"{_are(unknown)} without a figure"] if unknown else []
    return f"Of {count(len(bands), 'area', 'areas')} on the map, {', '.join(said)}."


def _are(number: int) -> str:
    return f"{number:,} is" if number == 1 else f"{number:,} are"


# --- deprivation of the homes --------------------------------------------------------------------------------------


def _most_deprived(profile: Profile) -> Iterable[Block]:
    shares = dict(sorted(profile.most_deprived.items()))
    if not any(figure.status != "missing" for figure in shares.values()):
        return
    whose = "our homes" if profile.homes_count.known else "homes"
    yield Heading("How deprived the areas of the homes are")
    rows = tuple((f"Most deprived {share}% of {country(profile)}", figure) for share, figure in shares.items())
    known = [(f"Most deprived {share}%", figure, "homes") for share, figure in shares.items() if figure.known]
    table = Table(f"Share of {whose} by deprivation of their area", ("Areas", "Share of homes"), rows)
    if known and any(figure.value for _, figure, _ in known):
        said = ", ".join(f"{figure.text()} in the {_lower(label)}" for label, figure, _ in known)
        yield Chart(f"Share of {whose} in the most deprived areas of {country(profile)}", f"Of {whose}: {said}.",
                    charts.bars(known, "% of homes"))  # fmt: skip
    yield table
    yield Note(
        "plain",
        "Each line includes the ones above it. It is the area that is deprived, not each home in it: many people who "
        "live there are not.",
    )


# --- themes --------------------------------------------------------------------------------------------------------


def _themes(profile: Profile) -> Iterable[Block]:
    if not profile.lines:
        return
    yield PageBreak()
    yield Heading("Every indicator, by theme")
    with_homes = any(line.homes is not None for line in profile.lines)
    yield Paragraph(
        Strong(_HERE),
        " counts every area once, whoever owns the homes. ",
        *(
            (Strong(_OUR_HOMES), " gives each area the weight of our homes there, so it says where our tenants live, "
             "not what our tenants are. ")
            if with_homes
            else ()
        ),
        "No figure here says why places differ.",
    )  # fmt: skip
    order = words()["themes"]
    themes = _by_theme(profile.lines)
    for theme in sorted(themes, key=lambda name: order.index(name) if name in order else len(order)):
        yield Heading(theme, 3)
        yield from _theme(profile, theme, themes[theme])


def _theme(profile: Profile, theme: str, lines: list[Line]) -> Iterable[Block]:
    with_homes = any(line.homes is not None for line in lines)
    ages = [line for line in lines if line.indicator.id.startswith("aged-")]
    if len(ages) >= 3:
        yield from _ages(profile, ages)
    else:
        yield from _dots(profile, theme, lines)
    keys = [comparator.key for comparator in profile.comparators]
    head = ["Indicator", _HERE, *([_OUR_HOMES] if with_homes else []), *(_column(c) for c in profile.comparators)]
    rows: list[Any] = []
    notes = [_modelled(lines)]
    if with_homes and any(line.indicator.title.startswith(_BANDS) for line in lines):
        notes.insert(0, f"Where a row is of areas by their rank, it is a share of areas under {_HERE} and a share of "
                        f"homes under {_OUR_HOMES}.")  # fmt: skip
    for heading, group in _bands_apart(lines, country(profile), with_homes):
        rows += [heading] if heading else []
        for line in group:
            homes = [line.homes if line.homes is not None else ""] if with_homes else []
            name = _name(line).removeprefix(_BANDS if heading else "")
            rows.append((_capital(name), line.place, *homes, *(line.comparators.get(key, "") for key in keys)))
    yield Table(f"{theme}: {profile.title}", tuple(head), tuple(rows), note=" ".join(filter(None, notes)))


def _bands_apart(lines: list[Line], whole: str, with_homes: bool) -> list[tuple[str, list[Line]]]:
    """The lines of a theme, with the shares of areas in a band of the country's areas under a heading of their own."""
    bands = [line for line in lines if line.indicator.title.startswith(_BANDS)]
    rest = [line for line in lines if line not in bands]
    of = f"Share of areas (of homes, under {_OUR_HOMES})" if with_homes else "Share of areas"
    return [("", rest), (f"{of}, by rank in {whole}", bands)] if rest and bands else [("", lines)]


def _modelled(lines: Iterable[Line]) -> str:
    modelled = [line.indicator.title for line in lines if getattr(line.indicator, "estimated", False)]
    if not modelled:
        return ""
    return f"Modelled, so small differences mean nothing: {'; '.join(modelled)}."


def _dots(profile: Profile, theme: str, lines: list[Line]) -> Iterable[Block]:
    """A chart of the shares of a theme beside the authority and the country, where there are enough to look at."""
    near = [c for c in profile.comparators if c.key in ("authority", "england")]
    shares = [line for line in lines if line.indicator.unit == "%" and line.place.known]
    shares = [line for line in shares if not line.indicator.title.startswith(_BANDS)]
    told = [line for line in shares if line.indicator.id in words()["sayings"]]
    others = [line for line in shares if line not in told]
    shares = [line for line in shares if line in (told + others)[:_MOST_DOTS]]
    if len(shares) < 3 or not near:
        return
    rows = []
    for line in shares:
        figures = {_HERE: line.place, **{c.title: line.comparators[c.key] for c in near if c.key in line.comparators}}
        if line.homes is not None:
            figures[_OUR_HOMES] = line.homes
        rows.append((line.indicator.title, figures))
    series = [(_HERE, "place")]
    if any(line.homes is not None for line in shares):
        series.append((_OUR_HOMES, "homes"))
    series += [(c.title, "other") for c in near]
    yield Chart(f"{theme}: shares in this place and elsewhere", _dots_in_words(shares, near[-1]),
                charts.dots(rows, series))  # fmt: skip


def _dots_in_words(lines: list[Line], other: Comparator) -> str:
    """What the chart of dots shows: the shares that are furthest above and below one comparator."""
    gaps = [
        ((line.place.value or 0) - (there.value or 0), line, there)
        for line in lines
        if (there := line.comparators.get(other.key)) is not None and there.known
    ]
    said = [f"A mark for each of {len(lines)} shares, here and elsewhere."]
    for word, gap in (("above", max(gaps, default=None, key=lambda one: one[0])),
                      ("below", min(gaps, default=None, key=lambda one: one[0]))):  # fmt: skip
        if gap and (gap[0] > 0) == (word == "above") and gap[0]:
            line, there = gap[1:]
            said.append(f"Furthest {word} {other.title}: {line.indicator.title}, {line.place.text()} here and "
                        f"{there.text()} there.")  # fmt: skip
    return " ".join([*said, "The table that follows gives every value."])


def _ages(profile: Profile, ages: list[Line]) -> Iterable[Block]:
    key = next((c for c in profile.comparators if c.key == "england"), None) or next(iter(profile.comparators), None)
    rows = [
        (line.indicator.title.removeprefix("People aged "), line.place, line.comparators.get(key.key) if key else None)
        for line in ages
    ]
    other = key.title if key else ""
    said = "; ".join(
        f"{label}: {here.text()}" + ("" if there is None else f", {other} {there.text()}")
        for label, here, there in rows
    )
    yield Chart("Residents by age", f"Share of residents by age. {said}.",
                charts.columns(rows, (_HERE, other), "% of residents"))  # fmt: skip


# --- the rest ------------------------------------------------------------------------------------------------------


def _summary(profile: Profile) -> Iterable[Block]:
    if not profile.summary:
        return
    keys = [c for c in profile.comparators if any(c.key in line.comparators for line in profile.summary)]
    yield Heading("Summary measures of the Indices of Deprivation")
    yield Paragraph("The measures that the publisher gives for authorities, computed in the same way for this place.")
    yield Table(
        "Summary measures",
        ("Measure", _HERE, *(_column(c) for c in keys)),
        tuple((_name(line), line.place, *(line.comparators.get(c.key, "") for c in keys)) for line in profile.summary),
        note="Ranks are turned round, as the publisher does for its summaries: a high average rank and a high local "
        "concentration are more deprived.",
    )


def _method(profile: Profile) -> Iterable[Block]:
    yield Heading("How this profile was made")
    place = profile.neighbourhood
    made_from = words()["made_from"].get(place.how, "")
    said: list[Any] = [f"This place is made of {_made_of(profile)}."]
    said += [f"It was put together from {made_from}."] if made_from else []
    said += [_sentence(place.fit.words)] if place.fit.words else []
    said += [f"Compared with {_listed([c.title for c in profile.comparators])}."] if profile.comparators else []
    said += [_sentence(note) for note in profile.notes]
    said.append(
        "Counts are added up; rates are sums over sums; scores are averages weighted by residents; ranks and deciles "
        "are never averaged. Intervals are 95% intervals."
    )
    said.append(
        "A figure is called higher or lower only where its 95% interval does not touch the other's, it differs by "
        "more than a tenth of the other, and (of percentages) it differs by more than one percentage point as well. "
        "Where only one of these two sizes is reached it is called slightly higher or lower. Where a figure is "
        "modelled, a sixth takes the place of the tenth and has to be reached. All else is called about the same."
    )
    if profile.own:
        said.append("Small counts of our own records are withheld, so that nobody can be picked out.")
    yield Bullets(*said)
    yield Heading("Data versions and licences")
    if profile.snapshot is not None:
        yield Paragraph(f"Our own records are as they stood at load {profile.snapshot} of the lake.")
    cited = ", ".join(dict.fromkeys(_dataset(source) for source in profile.sources))
    if cited:
        yield Paragraph(f"Published data used: {cited}. The list of sources gives publisher and licence of each.")
    for line in attribution(profile.sources):
        yield Paragraph(line)


def _listed(names: Sequence[str]) -> str:
    """``Barnsley, Yorkshire and The Humber; and England``: names that may hold commas and the word and."""
    return names[0] if len(names) == 1 else f"{'; '.join(names[:-1])}; and {names[-1]}"


def _dataset(source: Source) -> str:
    return f"{source.title} ({source.version})" if source.version else source.title


def attribution(sources: Iterable[Source]) -> list[str]:
    """The statements that the licences of these sources ask for."""
    sources = list(sources)
    if not any("Open Government" in source.licence or "OGL" in source.licence for source in sources):
        return []
    said = ["Contains public sector information licensed under the Open Government Licence v3.0."]
    if any("National Statistics" in source.publisher or "ONS" in source.publisher for source in sources):
        said.append(
            "Source: Office for National Statistics licensed under the Open Government Licence v3.0. Contains OS data "
            "© Crown copyright and database right."
        )
    return said


def _column(comparator: Comparator) -> str:
    """The comparator's title as a column has room for it; the method says the rest."""
    return "Social housing areas" if comparator.key == "social" else comparator.title


def _by_theme(lines: Iterable[Line]) -> dict[str, list[Line]]:
    themes: dict[str, list[Line]] = {}
    for line in lines:
        themes.setdefault(line.indicator.theme, []).append(line)
    return themes


def _name(line: Line) -> str:
    """The indicator's title, with its unit where neither title nor figure says it."""
    title, unit = line.indicator.title, line.indicator.unit
    said = unit in ("%", "score", "ratio", "rate") or unit.startswith("£")
    said = said or unit.lower().removeprefix("a ") in title.lower()
    return title if said else f"{title} ({unit})"


def _sentence(text: str) -> str:
    text = text.strip()
    return _capital(text) + ("" if text[-1:] in ".!?" else ".")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
