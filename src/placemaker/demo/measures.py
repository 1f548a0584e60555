"""Made-up figures for every area, under the names and columns of the real published datasets.

All of them hang on one latent deprivation, so that they go together as real ones do. Scores, ranks and deciles follow
the published method of the English Indices of Deprivation 2025 (technical report, chapters 3 and 4): domains are
ranked, ranks become an exponential score, and those are added with the published weights.
"""

from __future__ import annotations

import numpy as np

from placemaker.demo.borough import AUTHORITIES, Country, numbered

Columns = dict[str, np.ndarray]

WEIGHTS = {
    "income": 0.225, "employment": 0.225, "education": 0.135, "health": 0.135, "crime": 0.093, "barriers": 0.093,
    "environment": 0.093,
}  # fmt: skip
_SUMMARY_NAMES = {
    "imd": "imd", "income": "income", "employment": "employment", "education": "education_skills_and_training",
    "health": "health_deprivation_and_disability", "crime": "crime",
    "barriers": "barriers_to_housing_and_services", "environment": "living_environment",
}  # fmt: skip


def _mixed(rng: np.random.Generator, need: np.ndarray, loading: float) -> np.ndarray:
    """A standard normal that goes with need as closely as `loading` (a correlation) says."""
    return loading * need + np.sqrt(1 - loading**2) * rng.normal(size=len(need))


def _share(value: np.ndarray, middle: float, spread: float) -> np.ndarray:
    """A share round `middle`, from a standard normal."""
    return 1 / (1 + np.exp(-(np.log(middle / (1 - middle)) + spread * value)))


def deprivation(rng: np.random.Generator, place: Country) -> Columns:
    """iod2025_lsoa21: score, rank (1 the most deprived) and decile of the IMD, its domains and sub-domains."""
    need = place.need
    mixed = {name: _mixed(rng, need, loading) for name, loading in (
        ("income", 0.96), ("employment", 0.94), ("children_and_young_people", 0.85), ("adult_skills", 0.85),
        ("health", 0.88), ("crime", 0.7), ("geographical_barriers", -0.3), ("wider_barriers", 0.6), ("indoors", 0.25),
        ("outdoors", 0.35),
    )}  # fmt: skip
    score = {
        "adult_skills": _share(mixed["adult_skills"], 0.23, 0.55),
        "children_and_young_people": mixed["children_and_young_people"],
        "crime": mixed["crime"] * 0.85,
        "employment": _share(mixed["employment"], 0.11, 0.62),
        "geographical_barriers": 100 * _share(mixed["geographical_barriers"], 0.34, 0.7),
        "health": mixed["health"] * 0.9,
        "income": _share(mixed["income"], 0.185, 0.72),
        "indoors": mixed["indoors"] * 0.7,
        "outdoors": mixed["outdoors"] * 0.7,
        "wider_barriers": mixed["wider_barriers"] * 2.6,
    }
    score["education"] = _blend(score, "children_and_young_people", "adult_skills")
    score["barriers"] = _blend(score, "geographical_barriers", "wider_barriers")
    score["environment"] = _blend(score, "indoors", "outdoors", 2 / 3)
    score["imd"] = sum(weight * exponential(score[name]) for name, weight in WEIGHTS.items())
    columns: Columns = {"lsoa21cd": place.codes}
    for name in sorted(score):
        rounded = np.round(score[name], 3)
        rank = ranks(score[name])
        columns[f"{name}_score"] = rounded
        columns[f"{name}_rank"] = rank
        columns[f"{name}_decile"] = (rank - 1) * 10 // len(rank) + 1
    return columns


def ranks(score: np.ndarray) -> np.ndarray:
    """Rank of each area, 1 the highest score."""
    rank = np.empty(len(score), dtype=np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    return rank


def exponential(score: np.ndarray) -> np.ndarray:
    """The Indices' transformed score, 0 to 100: -23 ln(1 - R (1 - exp(-100 / 23))), R the share ranked below."""
    share = 1 - (ranks(score) - 1) / len(score)
    return -23 * np.log(1 - share * (1 - np.exp(-100 / 23)))


def _blend(score: dict[str, np.ndarray], one: str, other: str, weight: float = 0.5) -> np.ndarray:
    return weight * exponential(score[one]) + (1 - weight) * exponential(score[other])


def underlying(rng: np.random.Generator, place: Country, iod: Columns) -> Columns:
    """iod2025_indicators_lsoa21: the numbers under the Indices."""
    need, people = place.need, place.population
    fives = lambda value: np.maximum(10, np.rint(value / 5) * 5)  # noqa: E731

    def rate(middle: float, loading: float, spread: float) -> np.ndarray:
        return np.round(middle * np.exp(spread * _mixed(rng, need, loading)), 1)

    owner, rented = _share(_mixed(rng, need, 0.5), 0.55, 0.6), _share(_mixed(rng, need, 0.6), 0.25, 0.8)
    crowded = _share(_mixed(rng, need, 0.55), 0.04, 0.8)
    by_authority = rng.normal(size=len(AUTHORITIES))[place.lad]
    values: Columns = {
        "lsoa21cd": place.codes,
        "income_domain_numerator": fives(iod["income_score"] * people),
        "income_deprivation_affecting_children_index_idaci_numerator": fives(
            iod["income_score"] * 1.25 * people * 0.19
        ),
        "income_deprivation_affecting_older_people_index_idaopi_numerator": fives(iod["income_score"] * people * 0.19),
        "employment_domain_numerator": fives(iod["employment_score"] * people * 0.58),
        "adult_skills_and_english_language_proficiency_indicator": iod["adult_skills_score"],
        "entry_to_higher_education_indicator": np.round(1 - _share(_mixed(rng, -need, 0.6), 0.13, 0.6), 3),
        "acute_morbidity_indicator": rate(101, 0.75, 0.25),
        "comparative_illness_and_disability_ratio_indicator": rate(101, 0.9, 0.4),
        "mental_health_indicator": np.round(_mixed(rng, need, 0.7) * 0.75, 3),
        "years_of_potential_life_lost_indicator": rate(56, 0.75, 0.25),
        "violence_with_injury_rate_per_1_000_at_risk_population": rate(5.3, 0.65, 0.7),
        "violence_without_injury_rate_per_1_000_at_risk_population": rate(7.4, 0.65, 0.7),
        "stalking_and_harassment_rate_per_1_000_at_risk_population": rate(6.3, 0.65, 0.6),
        "burglary_rate_per_1_000_at_risk_properties": rate(9.3, 0.4, 0.6),
        "theft_rate_per_1_000_at_risk_population": rate(10.0, 0.4, 0.8),
        "criminal_damage_rate_per_1_000_at_risk_population": rate(5.3, 0.65, 0.6),
        "public_order_and_possession_of_weapons_rate_per_1_000_at_risk_population": rate(4.9, 0.6, 0.8),
        "anti_social_behaviour_rate_per_1_000_at_risk_population": rate(8.9, 0.7, 0.8),
        "connectivity_score": np.round(100 * _share(_mixed(rng, need, 0.35), 0.67, 0.6), 3),
        "owner_occupation_affordability_component_of_housing_affordability_indicator": np.round(owner, 3),
        "private_rental_affordability_component_of_housing_affordability_indicator": np.round(rented, 3),
        "housing_affordability_indicator": np.round(_mixed(rng, need, 0.5), 3),
        "digital_connectivity_broadband_download_and_upload_speeds": np.round(_mixed(rng, need, -0.1), 3),
        "core_homelessness_rate_percent_of_households": np.round(0.95 * np.exp(0.4 * by_authority), 3),
        "patient_to_gp_ratio": rate(1_950, 0.1, 0.3),
        "homelessness_indicator_rate_per_1_000_households": np.round(2.9 * np.exp(0.35 * by_authority), 3),
        "household_overcrowding_indicator_rooms": np.round(crowded, 3),
        "household_overcrowding_indicator_bedrooms": np.round(crowded * 0.66, 3),
    }
    return values


def _counts(rng: np.random.Generator, place: Country, total: np.ndarray, weights: dict[str, np.ndarray]) -> Columns:
    """Counts of people or households by answer, drawn at random from each area's shares."""
    odds = np.stack([np.broadcast_to(weight, len(total)) for weight in weights.values()], axis=1).astype(float)
    drawn = rng.multinomial(total, odds / odds.sum(axis=1, keepdims=True))
    return {"lsoa21cd": place.codes, "total": total} | dict(zip(weights, drawn.T, strict=True))


def census(rng: np.random.Generator, place: Country) -> dict[str, Columns]:
    """The Census 2021 tables: counts of households or people by answer."""
    need, homes, people = place.need, place.households, place.population
    council = place.social
    association = _share(_mixed(rng, need, 0.5), 0.05, 0.7)
    left = 1 - np.minimum(council + association, 0.9)
    private = left * _share(_mixed(rng, need, 0.4), 0.2, 0.5)
    owned = left - private
    outright = _share(_mixed(rng, need, -0.5), 0.53, 0.35)
    flats = np.clip(0.08 + 0.5 * council + 0.04 * _mixed(rng, need, 0.2), 0.01, 0.9)
    crowded = _share(_mixed(rng, need, 0.6), 0.035, 0.7)
    spare = _share(_mixed(rng, need, -0.8), 0.68, 0.5)
    poor = _share(_mixed(rng, need, 0.95), 0.5, 0.45)
    older = _share(_mixed(rng, need, -0.4), 0.18, 0.35)
    young = _share(_mixed(rng, need, 0.4), 0.18, 0.2)
    ill = _share(_mixed(rng, need, 0.8), 0.175, 0.22)
    mixed_faith = _share(_mixed(rng, need, 0.35), 0.1, 1.1)
    tables = {
        "tenure": (homes, {
            "lives_rent_free": 0.001, "owned_owns_outright": owned * outright,
            "owned_owns_with_a_mortgage_or_loan": owned * (1 - outright),
            "private_rented_other_private_rented": private * 0.1,
            "private_rented_private_landlord_or_letting_agency": private * 0.9,
            "shared_ownership_shared_ownership": 0.01, "social_rented_other_social_rented": association,
            "social_rented_rents_from_council_or_local_authority": council,
        }),
        "accommodation": (homes, {
            "a_caravan_or_other_mobile_or_temporary_structure": 0.002, "detached": np.clip(0.2 - 0.09 * need, 0.01, 1),
            "in_a_commercial_building_for_example_in_an_office_building_hotel_or_over_a_shop": 0.006,
            "in_a_purpose_built_block_of_flats_or_tenement": flats,
            "part_of_a_converted_or_shared_house_including_bedsits": 0.03,
            "part_of_another_converted_building_for_example_former_school_church_or_warehouse": 0.006,
            "semi_detached": 0.34, "terraced": np.clip(0.26 + 0.05 * need, 0.05, 1),
        }),
        "occupancy": (homes, {
            "under_1": spare * 0.48, "under_2plus": spare * 0.52,
            "over_1": crowded * 0.85, "over_2plus": crowded * 0.15,
            "0_ideal": np.clip(1 - spare - crowded, 0.02, 1),
        }),
        "deprivation": (homes, {
            "household_is_deprived_in_four_dimensions": 0.004 * np.exp(need * 0.7),
            "household_is_deprived_in_one_dimension": 0.335, "household_is_deprived_in_three_dimensions": poor * 0.075,
            "household_is_deprived_in_two_dimensions": poor * 0.29,
            "household_is_not_deprived_in_any_dimension": (1 - poor) * 0.98,
        }),
        "disability": (people, {
            "disabled_under_the_equality_act": ill, "not_disabled_under_the_equality_act": 1 - ill,
        }),
        "ethnic_group": (people, {
            "asian_asian_british_or_asian_welsh": mixed_faith * 0.6,
            "black_black_british_black_welsh_caribbean_or_african": mixed_faith * 0.3,
            "mixed_or_multiple_ethnic_groups": 0.03, "other_ethnic_group": 0.02, "white": 1 - mixed_faith * 0.9,
        }),
        "religion": (people, {
            "buddhist": 0.005, "christian": 0.46 * (1 - mixed_faith), "hindu": mixed_faith * 0.1, "jewish": 0.003,
            "muslim": mixed_faith * 0.5, "no_religion": 0.37, "not_answered": 0.06, "other_religion": 0.006,
            "sikh": mixed_faith * 0.06,
        }),
        "age6": (people, {
            "aged_15_years_and_under": young, "aged_16_to_24_years": 0.105, "aged_25_to_34_years": 0.135,
            "aged_35_to_49_years": 0.195, "aged_50_to_64_years": 0.2, "aged_65_years_and_over": older,
        }),
    }  # fmt: skip
    return {f"census21_{name}_lsoa21": _counts(rng, place, *table) for name, table in tables.items()}


def others(rng: np.random.Generator, place: Country) -> dict[str, Columns]:
    """Fuel poverty in two years, and loneliness as a survey models it."""
    share = _share(_mixed(rng, place.need, 0.75), 0.125, 0.4)
    later = np.maximum(400, place.households + rng.integers(-4, 14, place.areas))
    lonely = np.round(24.8 + 2.6 * _mixed(rng, place.need, 0.8), 3)
    return {
        "fuel_poverty_lsoa21": {
            "lsoa21cd": place.codes, "households_2021": place.households, "households_2022": later,
            "fuel_poor_2021": np.maximum(10, rng.binomial(place.households, share)),
            "fuel_poor_2022": np.maximum(10, rng.binomial(later, share)),
        },
        "loneliness_modelled_lsoa21": {
            "lsoa21cd": place.codes, "lonely_often_or_some_pct": lonely,
            "lonely_decile": (ranks(lonely) - 1) * 10 // place.areas + 1,
        },
    }  # fmt: skip


def summaries(place: Country, iod: Columns, numbers: Columns) -> Columns:
    """iod2025_lad24: the Indices' summary measures of each authority, from its areas (research report, appendix A)."""
    members = [np.flatnonzero(place.lad == authority) for authority in range(len(AUTHORITIES))]
    columns: Columns = {"lad24cd": numbered("X07", len(AUTHORITIES)), "lad24nm": np.array(AUTHORITIES, dtype=object)}

    def add(name: str, values: list[float], rank_name: str, places: int) -> None:
        columns[name] = np.round(np.array(values), places)
        columns[rank_name] = ranks(np.array(values))

    for short, name in _SUMMARY_NAMES.items():
        rank, score = iod[f"{short}_rank"], iod[f"{short}_score"]
        turned = place.areas + 1 - rank  # the most deprived area counts highest, as published
        weigh = lambda values: [float(np.average(values[m], weights=place.population[m])) for m in members]  # noqa: E731
        add(f"{name}_average_rank", weigh(turned), f"{name}_rank_of_average_rank", 2)
        add(f"{name}_average_score", weigh(score), f"{name}_rank_of_average_score", 3)
        tail = "proportion_of_lso_as_in_most_deprived_10_percent_nationally"
        worst = [float((iod[f"{short}_decile"][m] == 1).mean()) for m in members]
        add(f"{name}_{tail}", worst, f"{name}_rank_of_{tail}", 4)
        if short == "imd":
            add("imd25_extent", [_extent(place, rank, m) for m in members], "imd25_rank_of_extent", 4)
            add("imd25_local_concentration", [_concentration(place, rank, m) for m in members],
                "imd25_rank_of_local_concentration", 2)  # fmt: skip
        if short in ("income", "employment"):
            scale = [float(numbers[f"{short}_domain_numerator"][m].sum()) for m in members]
            add(f"{short}_scale", scale, f"rank_of_{short}_scale", 0)
    return columns


def _extent(place: Country, rank: np.ndarray, members: np.ndarray) -> float:
    """Share of people in the most deprived 30% of areas, the 11th to 30th percentile weighing 0.95 down to 0."""
    percentile = np.ceil(rank[members] / place.areas * 100)
    weight = np.clip(np.where(percentile <= 10, 1, 0.95 - (percentile - 11) * 0.05), 0, 1)
    return float(np.average(weight, weights=place.population[members]))


def _concentration(place: Country, rank: np.ndarray, members: np.ndarray) -> float:
    """Mean rank, turned, of the areas that hold the authority's most deprived 10% of people."""
    worst = members[np.argsort(rank[members], kind="stable")]
    people = place.population[worst].astype(float)
    before = np.cumsum(people) - people
    counted = np.clip(people.sum() * 0.1 - before, 0, people)
    return float(np.average(place.areas + 1 - rank[worst], weights=counted))


_RATES_2019 = {
    "staying_on_in_education_post_16_indicator": (0.18, 0.6), "entry_to_higher_education_indicator": (0.87, 0.5),
    "adult_skills_and_english_language_proficiency_indicator": (0.29, 0.85),
    "household_overcrowding_indicator": (0.05, 0.55), "housing_in_poor_condition_indicator": (0.17, 0.2),
    "owner_occupation_affordability_component_of_housing_affordability_indicator": (0.62, 0.5),
    "private_rental_affordability_component_of_housing_affordability_indicator": (0.45, 0.6),
    "houses_without_central_heating_indicator": (0.02, 0.3),
}  # fmt: skip
_SIZES_2019 = {
    "years_of_potential_life_lost_indicator": (55, 0.75), "acute_morbidity_indicator": (113, 0.75),
    "comparative_illness_and_disability_ratio_indicator": (104, 0.9), "road_traffic_accidents_indicator": (0.6, 0.2),
    "road_distance_to_a_post_office_indicator_km": (0.95, -0.3),
    "road_distance_to_a_primary_school_indicator_km": (0.73, -0.3),
    "road_distance_to_general_store_or_supermarket_indicator_km": (0.5, -0.3),
    "road_distance_to_a_gp_surgery_indicator_km": (0.96, -0.3),
    "homelessness_indicator_rate_per_1000_households": (1.8, 0.2),
    "nitrogen_dioxide_component_of_air_quality_indicator": (0.41, 0.4),
    "benzene_component_of_air_quality_indicator": (0.09, 0.4),
    "sulphur_dioxide_component_of_air_quality_indicator": (0.03, 0.3),
    "particulates_component_of_air_quality_indicator": (0.39, 0.3), "air_quality_indicator": (0.93, 0.4),
}  # fmt: skip


def earlier(rng: np.random.Generator, place: Country) -> dict[str, Columns]:
    """The Indices of 2019: ranks, deciles and a few scores; and their underlying indicators."""
    code = {"lsoa11cd": place.codes}
    iod = deprivation(rng, place)
    names = {"barriers": "housing_and_access"}
    ordered = [name.removesuffix("_rank") for name in iod if name.endswith("_rank")]
    index: Columns = dict(code)
    for kind in ("decile", "rank"):
        index |= {f"{names.get(name, name)}_{kind}": iod[f"{name}_{kind}"] for name in ordered}
    index |= {
        "imd_score": iod["imd_score"],
        "income_rate_pct": np.round(iod["income_score"] * 55, 2),
        "employment_rate_pct": np.round(iod["employment_score"] * 75, 2),
        "population_mid2019": place.population,
    }
    recent = underlying(rng, place, iod)
    kept = [name for name in recent if "numerator" in name]
    numbers: Columns = code | {name: np.maximum(10, np.rint(recent[name] * 0.55)) for name in kept}
    numbers |= {name: np.round(_share(_mixed(rng, place.need, how), middle, 0.5), 3)
                for name, (middle, how) in _RATES_2019.items()}  # fmt: skip
    numbers |= {name: np.round(middle * np.exp(0.35 * _mixed(rng, place.need, how)), 3)
                for name, (middle, how) in _SIZES_2019.items()}  # fmt: skip
    for name, how in (("mood_and_anxiety_disorders_indicator", 0.7), ("housing_affordability_indicator", 0.5)):
        numbers[name] = np.round(_mixed(rng, place.need, how), 3)
    return {"iod2019_lsoa11": index, "iod2019_indicators_lsoa11": numbers}
