"""A recipe: which official files make a place pack, and which of their columns are what. Recipes are data.

A recipe is YAML. Paths are within the folder it is built from; wherever a column is named, an expression over the
file's columns will do. ``extends`` names a recipe whose entries come first.

    name: england
    title: England                      covers: England (in words)      vintage: …      made_up: false
    attribution: what a product that uses the pack must show
    publisher, licence, url: of every entry that does not give its own
    read: {crs: EPSG:4326, types: {column: VARCHAR}}     how to read one file, in any entry
    recodes: {file, code, live, name, country}           authority codes that changed
    areas:      - {layer, title, file, where, code, name, parents: {layer: column}, e, n, centre, population,
                   households}
    layers:     - {layer, file, where, code, name, geometry}          boundaries
    postcodes:  {file, where, postcode, lad, e, n, snap, codes: {layer: column}}   (or a list: later ones add codes)
    links:      - {from, to, file, from_code, to_code, change}        two vintages of a layer
    datasets:   - {name, title, file, where, layer, code, columns: {name: expression},
                   long: {column: expression, value: expression, total: true}}    long tables are turned wide

``areas`` are listed from the finest layer to the coarsest. ``population`` and ``households`` are a column, or
``{file, code, value}``; where they are left out they are added up from a finer layer that names this one as its parent.
``centre`` says what ``e`` and ``n`` are: population-weighted, as a publisher gives them, or geometric. Where they are
left out the centre is derived from the finer areas' by their residents, or is the middle of the polygon.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from placemaker.lake.errors import Refusal

RECIPES = Path(__file__).parent / "recipes"

#: The keys of a recipe that hold lists of entries, and the key that names an entry.
LISTS = {"areas": "layer", "layers": "layer", "links": "from", "datasets": "name"}
NEEDED = {
    "areas": ("layer", "file", "code"),
    "layers": ("layer", "file", "code"),
    "links": ("from", "to", "file", "from_code", "to_code"),
    "datasets": ("name", "title", "file", "layer", "code"),
}


def read_recipe(recipe: str | Path) -> dict[str, Any]:
    """The recipe of this name (``england``) or in this file, with what it extends.

    Raises Refusal where there is none, it is not YAML, or an entry lacks what it needs.
    """
    path = Path(recipe)
    if not path.is_file():
        path = RECIPES / f"{recipe}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in RECIPES.glob("*.yaml")))
        raise Refusal(f"There is no recipe {str(recipe)!r}", next=f"Name a recipe file, or one of ours: {known}.")
    try:
        plain = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = f", line {mark.line + 1}" if (mark := getattr(error, "problem_mark", None)) else ""
        raise Refusal("The recipe is not YAML", f"{path.name}{line}", "Correct it and build again.") from None
    if not isinstance(plain, dict):
        raise Refusal("The recipe is empty or a list", path.name, "See the recipes that come with Placemaker.")
    if base := plain.pop("extends", None):
        beside = path.with_name(f"{base}.yaml")
        plain = _extend(read_recipe(beside if beside.is_file() else base), plain)
    _check(plain, path.name)
    return plain


def _extend(base: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    """The base recipe with the entries of another: an entry of a name that the base has takes its place."""
    whole = {**base, **plain}
    for key, by in LISTS.items():
        own = {entry.get(by): entry for entry in plain.get(key, ())}
        kept = [own.pop(entry[by], entry) for entry in base.get(key, ())]
        # New layers are finer than the base's, so they come first.
        whole[key] = [*own.values(), *kept] if key in ("areas", "layers") else [*kept, *own.values()]
    whole["postcodes"] = [*_several(base.get("postcodes")), *_several(plain.get("postcodes"))]
    return whole


def _check(plain: dict[str, Any], where: str) -> None:
    for key in ("name", "title", "covers", "vintage", "areas"):
        if not plain.get(key):
            raise Refusal(f"The recipe does not say its {key}", where, "Add it and build again.")
    for key, needed in NEEDED.items():
        plain.setdefault(key, [])
        for entry in plain[key]:
            lacking = [word for word in needed if not entry.get(word)]
            if lacking:
                name = entry.get(LISTS[key]) or "an entry"
                raise Refusal(f"{name} under {key} lacks: {', '.join(lacking)}", where, "Add it and build again.")
    plain["postcodes"] = _several(plain.get("postcodes"))


def _several(entry: Any) -> list[dict[str, Any]]:
    return [] if entry is None else list(entry) if isinstance(entry, list) else [entry]
