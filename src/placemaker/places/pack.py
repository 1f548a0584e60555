"""A place pack: areas, boundaries, postcodes and published data, as one Data Package with checksums.

A pack is a folder of Parquet and GeoParquet (EPSG:27700, metres) with a ``datapackage.json``. It is built by
:func:`placemaker.places.build.build_pack` from the official downloads and never changes afterwards.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from placemaker.figure import Source
from placemaker.lake.errors import Refusal
from placemaker.places.home import Progress, home_folder, quiet, quoted

DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True)
class Resource:
    """One file of a pack, with where it comes from.

    ``kind`` is areas, boundaries, postcodes, links, recodes or dataset. A dataset has one row per area of ``layer``,
    its first column ``code``; ``rows`` of the layer's ``areas_in_layer`` areas are in it.
    """

    name: str
    path: Path
    kind: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    version: str = ""
    layer: str = ""
    code: str = ""
    url: str = ""
    period: str = ""
    note: str = ""
    hash: str = ""
    rows: int = 0
    areas_in_layer: int = 0
    columns: tuple[str, ...] = ()

    def source(self) -> Source:
        """The resource as the source of a figure."""
        return Source(self.name, self.title, self.publisher, self.version, self.licence, self.url)

    def sql(self) -> str:
        """The resource as a table for SQL: ``read_parquet('…')``."""
        return f"read_parquet({quoted(self.path)})"


@dataclass(frozen=True)
class Pack:
    """A place pack that is there to be read. ``covers`` says the place in words ("England")."""

    folder: Path
    name: str
    title: str
    vintage: str
    covers: str
    made_up: bool
    attribution: str
    finest: str
    layer_titles: dict[str, str]
    resources: dict[str, Resource] = field(repr=False)

    @classmethod
    def open(cls, name_or_path: str | Path) -> Pack:
        """The installed pack of this name, or the pack in this folder. Raises Refusal where there is none."""
        folder = Path(name_or_path)
        if not (folder / DESCRIPTOR).is_file():
            folder = packs_folder() / str(name_or_path)
        if not (folder / DESCRIPTOR).is_file():
            there = ", ".join(pack.name for pack in installed_packs()) or "none"
            raise Refusal(
                f"There is no place pack {str(name_or_path)!r}; installed: {there}",
                next="Build one with 'placemaker pack build FOLDER --recipe england' and install it with "
                "'placemaker pack install'.",
            )
        return _read(folder)

    @property
    def layers(self) -> tuple[str, ...]:
        """The pack's layers, the finest first."""
        return tuple(self.layer_titles)

    @cached_property
    def boundaries(self) -> frozenset[str]:
        """The layers that have boundaries."""
        return frozenset(r.layer for r in self.resources.values() if r.kind == "boundaries")

    def resource(self, name: str) -> Resource:
        """The resource of this name; Refusal with the names that there are."""
        try:
            return self.resources[name]
        except KeyError:
            raise Refusal(
                f"The pack {self.name!r} has no {name!r}", next=f"It has: {', '.join(self.resources)}."
            ) from None

    def has(self, name: str) -> bool:
        """Whether the pack has this resource."""
        return name in self.resources

    def sql(self, name: str) -> str:
        """The resource of this name as a table for SQL."""
        return self.resource(name).sql()

    def layer(self, layer: str | None) -> str:
        """The layer asked for, the finest when none is; Refusal where the pack does not have it."""
        if layer is None:
            return self.finest
        if layer not in self.layer_titles:
            raise Refusal(
                f"The pack {self.name!r} has no layer {layer!r}", next=f"Its layers are: {', '.join(self.layers)}."
            )
        return layer

    def authority(self) -> str | None:
        """The layer of local authorities ("lad24"), where the pack has one."""
        return next((layer for layer in self.layers if layer.startswith("lad")), None)

    def datasets(self, layer: str | None = None) -> list[Resource]:
        """The published datasets, or those of one layer."""
        return [r for r in self.resources.values() if r.kind == "dataset" and layer in (None, r.layer)]

    def check(self, progress: Progress = quiet) -> None:
        """Compare every file with its checksum. Raises Refusal naming the first that is damaged or missing."""
        for done, resource in enumerate(self.resources.values()):
            progress(f"Checking {resource.name}", done, len(self.resources))
            where = f"{resource.path.relative_to(self.folder)} of the pack {self.name!r}"
            if not resource.path.is_file():
                raise Refusal("A file of the place pack is missing", where, "Build the pack again.")
            if checksum(resource.path) != resource.hash:
                raise Refusal(
                    "A file of the place pack is damaged: it does not have the checksum it was built with",
                    where,
                    "Copy or build the pack again.",
                )
        progress("Checked", len(self.resources), len(self.resources))


def packs_folder() -> Path:
    """Where installed packs are."""
    return home_folder() / "packs"


def installed_packs() -> list[Pack]:
    """The packs installed here, by name."""
    folders = sorted(packs_folder().glob(f"*/{DESCRIPTOR}"))
    return [_read(folder.parent) for folder in folders if not folder.parent.name.startswith(".")]


def install_pack(path: str | Path, progress: Progress = quiet) -> Pack:
    """Check the pack in a folder and copy it in, in place of one of the same name; nothing is left half done.

    Raises Refusal where the folder is no pack or a file of it is damaged.
    """
    folder = Path(path)
    if not (folder / DESCRIPTOR).is_file():
        raise Refusal("There is no place pack in this folder", str(path), f"A pack's folder has a {DESCRIPTOR}.")
    pack = _read(folder)
    pack.check(progress)
    target = packs_folder() / pack.name
    if folder.resolve() == target.resolve():
        return pack
    packs_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=packs_folder(), prefix=".installing-") as waiting:
        new = Path(waiting) / "new"
        new.mkdir()
        shutil.copy2(folder / DESCRIPTOR, new)
        for resource in pack.resources.values():
            copy = new / resource.path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(resource.path, copy)
        put_in_place(new, target, Path(waiting) / "old")
    return _read(target)


def put_in_place(new: Path, target: Path, aside: Path) -> None:
    """Make ``new`` the folder ``target``; what stood there goes to ``aside``, on the same disk."""
    if target.exists():
        target.rename(aside)
    new.rename(target)


def checksum(path: Path) -> str:
    """The file's SHA-256 as Data Package writes it: ``sha256:…``."""
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Path) -> Pack:
    where = str(folder / DESCRIPTOR)
    try:
        plain = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        resources = {r["name"]: _resource(folder, r) for r in plain["resources"]}
        return Pack(
            folder=folder,
            name=plain["name"],
            title=plain["title"],
            vintage=plain["version"],
            covers=plain["covers"],
            made_up=plain["made_up"],
            attribution=plain["attribution"],
            finest=plain["finest"],
            layer_titles=plain["layers"],
            resources=resources,
        )
    except (ValueError, KeyError, TypeError):
        raise Refusal("This file is not the description of a place pack", where, "Build the pack again.") from None


def _resource(folder: Path, plain: dict[str, Any]) -> Resource:
    path = (folder / plain["path"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError("a resource outside its pack")
    known = {name: plain[name] for name in Resource.__dataclass_fields__ if name in plain}
    columns = tuple(column["name"] for column in plain.get("schema", {}).get("fields", ()))
    return Resource(**{**known, "path": folder / plain["path"], "columns": columns})
