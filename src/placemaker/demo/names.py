"""Made-up names of people, streets, blocks and estates: human, and nobody's."""

from __future__ import annotations

from itertools import product

import numpy as np


def _words(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=object)


WOMEN = _words(
    "Ada Agnes Aisha Amara Amina Anna Beatrix Bridie Carys Celia Chidi Clara Dalia Delphine Edith Efua Elif Elsie "
    "Esme Fatima Fern Flora Grace Greta Halima Hana Hazel Ida Imani Ines Isla Ivy Jamila Joan Keziah Lata Leila "
    "Lena Lottie Mabel Maeve Mina Nadia Nell Nia Olive Orla Pearl Petra Priya Rosa Ruby Sadia Selma Sunita Tamar "
    "Thea Una Wanda Winnie Yara Zadie"
)
MEN = _words(
    "Abel Adil Albie Alfie Amos Andre Arjun Asa Basil Bertie Bilal Bruno Caleb Cyril Dev Dexter Edgar Elias Emeka "
    "Ezra Farid Felix Fergus Finn Gus Hamza Harold Hugo Idris Imran Ivor Jabari Jago Jonah Kamal Kit Kofi Lemuel "
    "Lev Linus Mahdi Milo Musa Ned Noor Otis Omar Percy Quentin Rafi Ravi Reuben Rufus Samir Silas Stan Tariq "
    "Theo Umar Vikram Wilf Yusuf Zeb"
)
_FRONT = (
    "Thistle Bramble Fen Marsh Quill Copper Amber Alder Harrow Tangle Merri Pumble Winter Summer Hazel Cobble "
    "Sorrel Nettle Brindle Candle Ember Flint Gallow Heather Juniper Kettle Lark Mossy Nightin Otter Pebble Raven "
    "Saddle Teasel Umber Vesper Willow Yarrow Burdock Crumple"
)
_BACK = (
    "wick worth combe ling ton ley croft field gate bury mere shaw stead thorpe wright man by well brook stone "
    "den low ridge more fold"
)
FAMILIES = np.array([front + back for front, back in product(_FRONT.split(), _BACK.split())], dtype=object)

_STREET_WORDS = _words(
    "Alder Anchor Apple Ash Badger Barley Beacon Beech Bell Birch Blossom Bramble Bridge Brook Canal Cedar Chapel "
    "Cherry Clover Coppice Crane Cuckoo Curlew Daisy Dell Elder Elm Falcon Fern Finch Forge Fox Garnet Gorse "
    "Grange Hawthorn Heron Holly Ivy Jasmine Kestrel Kiln Lapwing Larch Laurel Lilac Lime Linnet Loom Maple "
    "Marigold Meadow Mill Moor Myrtle Oak Orchard Osier Otter Pear Pine Plover Plum Poplar Poppy Quarry Robin "
    "Rowan Rush Sedge Sorrel Spindle Starling Swallow Teal Thorn Thrush Tulip Vale Violet Walnut Weaver Willow "
    "Wren Yarrow Yew"
)
_STREET_KINDS = _words("Road Street Close Avenue Lane Way Drive Crescent Grove Place Walk Terrace Gardens Row")
STREETS = np.array([f"{word} {kind}" for kind, word in product(_STREET_KINDS, _STREET_WORDS)], dtype=object)
BLOCKS = np.array(
    [f"{word} {kind}" for kind, word in product(("House", "Court", "Point"), _STREET_WORDS)], dtype=object
)

_ESTATE_WORDS = _words(
    "Larkfield Fallow Millbank Coldharbour Greywell Saltmarsh Tannery Ropewalk Foxholes Hopyard Brickfields "
    "Quarrylands Windmill Priestfold Oxleaze Sheepwash Maltings Dyehouse Lockgates Glebe Pinfold Osiers Shambles "
    "Packhorse Turnpike Weirside Bellfounders Ferrymans Lanterns Chandlers"
)
ESTATES = np.array(
    [f"{word} {kind}" for kind, word in product(("Estate", "Green", "Lands", "Fields", "Rise", "Side"), _ESTATE_WORDS)],
    dtype=object,
)
PATCHES = _words(
    "Northgate Riverside Hilltop Quayside Southfold Eastmill Westbank Parkway Highfield Lowfield Midtown Oldtown "
    "Newlands Canalside Fairmead Stonebridge"
)


def unique(words: np.ndarray, number: int) -> str:
    """The word of this number; words that come round again get a number."""
    again, at = divmod(number, len(words))
    return words[at] + (f" {again + 1}" if again else "")
