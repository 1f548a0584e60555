"""What the numbers say of a neighbourhood: the catalogue of indicators, the landlord's own ones, and profiles."""

from placemaker.insight.drill import OpenRow, open_recipe, open_rows
from placemaker.insight.indicator import Indicator, OwnIndicator, catalogue, own_catalogue
from placemaker.insight.model import Comparator, Line, Profile
from placemaker.insight.profiles import COMPARATORS, profile

__all__ = [
    "COMPARATORS",
    "Comparator",
    "Indicator",
    "Line",
    "OpenRow",
    "OwnIndicator",
    "Profile",
    "catalogue",
    "open_recipe",
    "open_rows",
    "own_catalogue",
    "profile",
]


def __getattr__(name: str):  # a document needs the report room, which only its readers pay for
    if name == "profile_document":
        from placemaker.insight.document import profile_document

        return profile_document
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
