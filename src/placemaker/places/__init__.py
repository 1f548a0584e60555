"""Places: postcodes, areas and boundaries, homes placed in them, and the neighbourhoods that a landlord defines.

Its names are imported when they are first asked for, since a check of ten rows needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "build": ("build_pack",),
    "from_codes": ("neighbourhoods_from_codes",),
    "from_homes": (
        "neighbourhoods_from_column",
        "neighbourhoods_from_named_postcodes",
        "neighbourhoods_from_postcodes",
    ),
    "from_shapes": ("neighbourhoods_from_polygon", "neighbourhoods_from_radius", "point_of_postcode"),
    "home": ("home_folder",),
    "neighbourhood": ("Fit", "Neighbourhood", "Neighbourhoods"),
    "outline": ("outlines",),
    "pack": ("Pack", "Resource", "install_pack", "installed_packs"),
    "placing": ("Coverage", "coverage", "place"),
    "postcode_file": ("read_postcodes",),
    "directory": ("uk_postcodes",),
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}

__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
