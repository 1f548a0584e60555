"""Places: postcodes, areas and boundaries, homes placed in them, and the neighbourhoods that a landlord defines."""

from placemaker.places.home import home_folder
from placemaker.places.pack import Pack, Resource, install_pack, installed_packs

__all__ = ["Pack", "Resource", "build_pack", "home_folder", "install_pack", "installed_packs"]


def __getattr__(name: str):  # the heavier modules are imported when they are asked for
    if name == "build_pack":
        from placemaker.places.build import build_pack

        return build_pack
    raise AttributeError(name)
