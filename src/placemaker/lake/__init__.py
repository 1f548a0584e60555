"""The lake: the workspace, and the one door to its data."""

from placemaker.lake.connect import connect, extend
from placemaker.lake.difference import Difference
from placemaker.lake.errors import Refusal
from placemaker.lake.period import parse_period
from placemaker.lake.snapshot import LoadRecord, TableLoad
from placemaker.lake.workspace import Workspace
from placemaker.lake.write import Load, Writer

__all__ = [
    "Difference",
    "Load",
    "LoadRecord",
    "Refusal",
    "TableLoad",
    "Workspace",
    "Writer",
    "connect",
    "extend",
    "parse_period",
]
