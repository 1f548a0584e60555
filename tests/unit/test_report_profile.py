"""A profile in words: what is clearly different is said, in English, and nothing about why."""

from dataclasses import replace

from report_example import CENSUS, example_profile, share

from placemaker.figure import Figure, Source, missing
from placemaker.insight import Comparator, catalogue, own_catalogue
from placemaker.insight.document import MADE_UP, attribution, profile_document
from placemaker.insight.sentences import beside, compare, count, in_short, words
from placemaker.report import Bullets, Chart, Heading, Map, Paragraph, Table, Tiles


def percent(value: float, **about) -> Figure:
    return Figure(value, "%", "Share", places=1, **about)


def said(pieces) -> str:
    return "".join(piece.text() if isinstance(piece, Figure) else piece for piece in pieces)


def blocks(document, kind):
    return [block for block in document.blocks if isinstance(block, kind)]


# --- comparing -----------------------------------------------------------------------------------------------------


def test_a_clear_difference_is_told():
    assert compare(percent(34.0), percent(17.1)) == "higher"
    assert compare(percent(10.0), percent(17.1)) == "lower"


def test_points_that_are_less_than_a_tenth_are_slightly_apart():
    assert compare(percent(54.0), percent(50.0)) == "slightly higher"
    assert compare(percent(48.0), percent(50.0)) == "slightly lower"
    assert compare(percent(50.9), percent(50.0)) == "about the same"
    assert compare(percent(56.0), percent(50.0)) == "higher"


def test_one_point_of_a_percentage_is_needed_where_a_tenth_is_less():
    assert compare(percent(5.9), percent(5.0)) == "slightly higher"
    assert compare(percent(5.4), percent(5.0)) == "about the same"
    assert compare(percent(6.5), percent(5.0)) == "higher"


def test_intervals_that_touch_are_about_the_same():
    here = percent(60.0, interval=(48.0, 72.0))
    assert compare(here, percent(72.0, interval=(71.0, 73.0))) == "about the same"
    assert compare(percent(60.0, interval=(55.0, 65.0)), percent(72.0, interval=(71.0, 73.0))) == "lower"


def test_a_modelled_figure_needs_a_sixth():
    assert compare(percent(57.0, status="estimated"), percent(50.0)) == "about the same"
    assert compare(percent(60.0, status="estimated"), percent(50.0)) == "higher"


def test_nothing_is_said_of_what_is_not_known():
    assert compare(missing("Share", "%", "Not published."), percent(50.0)) == ""


def test_comparators_are_grouped_by_direction():
    line = next(line for line in example_profile().lines if line.indicator.id == "income-deprived-children-share")
    line = replace(line, place=percent(30.0), comparators={"authority": percent(20.0), "england": percent(30.5)})
    told = said(beside(line, example_profile().comparators))
    assert told == "higher than in Hollowbrook (20.0%) and about the same as in England (30.5%)"


def test_one_area_is_no_areas():
    assert (count(1, "area", "areas"), count(1204, "area", "areas")) == ("1 area", "1,204 areas")


# --- in short ------------------------------------------------------------------------------------------------------


def test_in_short_is_five_to_eight_sentences_that_begin_with_the_place():
    sentences = [said(pieces) for pieces in in_short(example_profile(every=True))]
    assert 5 <= len(sentences) <= 8
    assert sentences[0] == "We have 1,204 homes here, in 14 small areas where 21,533 people live."
    assert sentences[1].startswith("49.8% of the homes here are in the most deprived 10% of England")
    assert all(sentence.endswith(".") and "  " not in sentence for sentence in sentences)


def test_our_service_is_among_them():
    sentences = [said(pieces) for pieces in in_short(example_profile())]
    assert (
        "62.4% of tenants who answered are satisfied with us overall: lower than across all our homes (71.8%)."
        in sentences
    )


def test_service_that_differs_nowhere_is_one_sentence():
    profile = example_profile()
    same = tuple(replace(line, comparators={"stock": line.place}) for line in profile.own)
    sentences = [said(pieces) for pieces in in_short(replace(profile, own=same))]
    assert [one for one in sentences if "all our homes" in one] == [
        "62.4% of tenants who answered are satisfied with us overall: about the same as across all our homes (62.4%)."
    ]


def test_another_country_is_called_by_its_name():
    profile = example_profile()
    profile = replace(profile, comparators=(*profile.comparators[:2], Comparator("england", "Marlshire (made up)")))
    document = profile_document(profile)
    text = " ".join(said(item) for item in blocks(document, Bullets)[0].items)
    assert "in the most deprived 10% of Marlshire," in text and "England" not in text and "made up" not in text


def test_without_homes_it_speaks_of_the_people():
    assert said(in_short(example_profile(own=False))[0]) == "21,533 people live here, in 14 small areas."


def test_one_home_and_one_area_are_singular():
    profile = example_profile()
    profile = replace(profile, homes_count=Figure(1, "homes", "Homes"))
    profile.neighbourhood.areas = (("X1", 1.0),)
    assert said(in_short(profile)[0]).startswith("We have 1 home here, in 1 small area where")


def test_where_our_homes_are_few_the_people_are_those_where_they_stand():
    few = replace(example_profile(every=True), homes_share=0.03)
    sentences = [said(pieces) for pieces in in_short(few)]
    assert sum(one.startswith("Where our homes are, ") for one in sentences) >= 3
    assert not any(one.startswith("In the whole area, ") for one in sentences)
    homes = {line.place.text(): line.homes.text() for line in few.lines if line.homes is not None}
    told = next(one for one in sentences if one.startswith("Where our homes are, "))
    assert any(told.startswith(f"Where our homes are, {text} ") for text in homes.values())


def test_where_our_homes_are_many_the_people_are_of_the_whole_area():
    sentences = [said(pieces) for pieces in in_short(replace(example_profile(every=True), homes_share=0.4))]
    assert any(one.startswith("In the whole area, ") for one in sentences)
    assert not any(one.startswith("Where our homes are, ") for one in sentences)


def test_the_tile_of_the_people_names_its_view():
    few = replace(example_profile(every=True), homes_share=0.03, own=())
    tiles = dict(blocks(profile_document(few), Tiles)[0].tiles)
    line = next(line for line in few.lines if line.indicator.id == "income-score")
    assert tiles["People on low incomes where our homes are"] == line.homes
    whole = dict(blocks(profile_document(replace(few, homes_share=0.4)), Tiles)[0].tiles)
    assert whole["People on low incomes in the whole area"] == line.place


def test_the_rows_by_rank_say_what_they_are_shares_of():
    tables = {table.caption: table for table in blocks(profile_document(example_profile(every=True)), Table)}
    deprivation = tables["Deprivation: Mill Lane"]
    assert "share of areas under This place and a share of homes under Our homes here" in deprivation.note


def test_no_home_in_the_most_deprived_tenth_is_said_so():
    none = {one: share(0, 1204, "Homes") for one in (1, 5, 10, 20)}
    told = [said(pieces) for pieces in in_short(replace(example_profile(), most_deprived=none))]
    assert "None of the homes here is in the most deprived 20% of England." in told


def test_no_sentence_claims_a_cause():
    told = " ".join(said(pieces) for pieces in in_short(example_profile(every=True))).lower()
    for word in ("because", "due to", "caused", "leads to", "therefore", "result of"):
        assert word not in told


# --- the document --------------------------------------------------------------------------------------------------


def test_a_made_up_borough_says_so_on_every_page():
    assert profile_document(example_profile()).banner == MADE_UP
    assert profile_document(replace(example_profile(), made_up=False)).banner == ""


def test_the_headline_tiles():
    tiles = blocks(profile_document(example_profile()), Tiles)[0].tiles
    assert [label for label, _ in tiles] == [
        "Our homes", "Residents of the whole area", "Our homes in the most deprived 10% of England",
        "Tenants satisfied with us overall",
    ]  # fmt: skip
    assert "Our homes" not in [
        label for label, _ in blocks(profile_document(example_profile(own=False)), Tiles)[0].tiles
    ]


def test_our_service_stands_beside_need():
    tables = {table.caption: table for table in blocks(profile_document(example_profile(every=True)), Table)}
    repairs = tables["Repairs"]
    assert [row for row in repairs.rows if isinstance(row, str)] == ["Our service", "Need in the whole area"]
    assert repairs.rows[1][0] == "Repairs finished on time"
    assert "Homes in poor condition" in [row[0] for row in repairs.cells()]


def test_a_theme_that_is_not_to_be_had_here_is_one_sentence():
    profile = example_profile()
    profile.neighbourhood.how = "postcodes"
    gone = missing("Satisfied", "%", "There is nothing here to divide by.")
    own = tuple(
        replace(line, place=gone, indicator=replace(line.indicator, table="survey_response"))
        if line.indicator.theme == "Satisfaction" else line
        for line in profile.own
    )  # fmt: skip
    document = profile_document(replace(profile, own=own))
    captions = [table.caption for table in blocks(document, Table)]
    assert "Satisfaction" not in captions and "Repairs" in captions
    told = ["".join(map(str, block.pieces)) for block in blocks(document, Paragraph)]
    assert len([one for one in told if "Satisfaction is not shown" in one and "whole patches" in one]) == 1


def test_the_map_says_what_it_shows_and_its_table_says_it_again():
    shown = blocks(profile_document(example_profile()), Map)[0]
    assert shown.alt == (
        "Of 14 areas on the map, 9 are in the most deprived 10%, 1 is in the 10% to 20%, 1 is in the 20% to 30%, "
        "1 is in the 30% to 50%, 1 is in the less deprived half, 1 is without a figure."
    )
    assert [row[3] for row in shown.table.rows].count("Most deprived 10%") == 9
    assert [feature["properties"]["number"] for feature in shown.geojson["features"]] == list(range(1, 15))


def test_areas_around_are_drawn_but_not_counted():
    profile = example_profile()
    features = [*profile.map["features"], {**profile.map["features"][0], "properties": {"code": "X9", "inside": False}}]
    profile = replace(profile, draw=lambda: {"type": "FeatureCollection", "features": features})
    shown = blocks(profile_document(profile), Map)[0]
    assert shown.alt.startswith("Of 14 areas") and len(shown.table.rows) == 14 and len(shown.geojson["features"]) == 15


def test_without_homes_there_is_no_talk_of_where_they_are():
    none = {one: missing("Homes", "%", "No home of ours is placed here.") for one in (1, 5, 10, 20)}
    document = profile_document(replace(example_profile(own=False), most_deprived=none))
    assert "How deprived the areas of the homes are" not in [block.text for block in blocks(document, Heading)]
    assert not any("most deprived" in label for label, _ in blocks(document, Tiles)[0].tiles)


def test_every_line_of_the_profile_is_in_a_table():
    profile = example_profile(every=True)
    figures = {cell for table in blocks(profile_document(profile), Table) for row in table.cells() for cell in row[1:]}
    for line in (*profile.lines, *profile.own):
        assert line.place in figures, line.indicator.id
        assert line.homes is None or line.homes in figures, line.indicator.id


def test_the_two_views_are_named():
    heads = {table.head for table in blocks(profile_document(example_profile()), Table)}
    assert any(head[:3] == ("Indicator", "This place", "Our homes here") for head in heads)
    heads = {table.head for table in blocks(profile_document(example_profile(own=False)), Table)}
    assert not any("Our homes here" in head for head in heads)


def test_ages_are_a_chart_of_their_own():
    captions = [chart.caption for chart in blocks(profile_document(example_profile()), Chart)]
    assert "Residents by age" in captions


def test_modelled_indicators_are_named_under_their_table():
    housing = next(t for t in blocks(profile_document(example_profile()), Table) if t.caption == "Housing: Mill Lane")
    assert "small differences mean nothing" in housing.note
    assert "Core homelessness" in housing.note and "social rented" not in housing.note


def test_the_method_says_the_fit_and_the_snapshot():
    document = profile_document(example_profile())
    method = " ".join(str(piece) for item in blocks(document, Bullets)[1].items for piece in item)
    assert "98.7% of the homes that carry its name" in method
    assert "the list of homes" in method


def test_open_data_is_attributed():
    assert any("Open Government Licence" in line for line in attribution([CENSUS]))
    assert any("Office for National Statistics" in line for line in attribution([CENSUS]))
    assert attribution([Source("home", "Homes", "Hollowbrook Homes")]) == []


def test_headings_come_in_the_order_of_reading():
    headings = [block.text for block in blocks(profile_document(example_profile()), Heading) if block.level == 2]
    assert headings == [
        "In short", "Our service beside need", "Where it is", "How deprived the areas of the homes are",
        "Every indicator, by theme", "How this profile was made", "Data versions and licences",
    ]  # fmt: skip


# --- the words kept as data ----------------------------------------------------------------------------------------


def test_the_words_name_only_indicators_and_themes_that_exist():
    published, own = catalogue(), own_catalogue()
    assert not set(words()["sayings"]) - set(published)
    assert not set(words()["own_sayings"]) - set(own)
    assert not {name for names in words()["beside"].values() for name in names} - set(published)
    assert not set(words()["beside"]) - {indicator.theme for indicator in own.values()}
    assert not set(words()["themes"]) - {indicator.theme for indicator in published.values()}
