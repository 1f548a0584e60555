"""What the numbers say of a neighbourhood: the catalogue of indicators, the landlord's own ones, and profiles."""

from placemaker.insight.indicator import Indicator, OwnIndicator, catalogue, own_catalogue
from placemaker.insight.model import Comparator, Line, Profile

__all__ = ["Comparator", "Indicator", "Line", "OwnIndicator", "Profile", "catalogue", "own_catalogue"]
