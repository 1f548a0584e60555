"""Build a place pack from a folder of official downloads, by a recipe."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places.home import Progress, named, quiet, quoted
from placemaker.places.pack import DESCRIPTOR, Pack, checksum, put_in_place
from placemaker.places.read import columns_of, relation, select
from placemaker.places.recipe import read_recipe

LAYER_TITLES = {
    "oa21": "Output areas 2021",
    "lsoa21": "LSOAs 2021",
    "lsoa11": "LSOAs 2011",
    "msoa21": "MSOAs 2021",
    "ward24": "Wards 2024",
    "ward25": "Wards 2025",
    "lad24": "Local authorities 2024",
    "rgn24": "Regions 2024",
    "ctry": "Countries",
}


def build_pack(folder: str | Path, recipe: str | Path, out: str | Path, progress: Progress = quiet) -> Pack:
    """Build the pack of ``recipe`` (a file, or the name of one of ours) from the files in ``folder`` into ``out``.

    ``out`` becomes the pack's folder; a pack that stood there is replaced when the new one is whole. ``progress`` is
    called with each step. Raises Refusal where a file or column is missing, a code is there twice, or nothing is left.
    """
    plain = read_recipe(recipe)
    folder, out = Path(folder), Path(out)
    if not folder.is_dir():
        raise Refusal("There is no such folder", str(folder), "Name the folder that holds the downloads.")
    if out.exists() and not (out / DESCRIPTOR).is_file() and (out.is_file() or any(out.iterdir())):
        raise Refusal("The place to build in is not empty and holds no pack", str(out), "Name a new folder.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as waiting:
        new = Path(waiting) / "new"
        new.mkdir()
        _Build(plain, folder, new).run(progress)
        put_in_place(new, out, Path(waiting) / "old")
    return Pack.open(out)


class _Build:
    """One build: a connection with the areas so far, and the resources written so far."""

    def __init__(self, recipe: dict[str, Any], folder: Path, out: Path) -> None:
        self.recipe, self.folder, self.out = recipe, folder, out
        self.con = connect("spatial")
        self.resources: list[dict[str, Any]] = []
        self.layers = [entry["layer"] for entry in recipe["areas"]]

    def run(self, progress: Progress) -> None:
        steps = list(self._steps())
        for done, (title, step, entry) in enumerate(steps):
            progress(title, done, len(steps))
            step(entry)
        self._describe()
        progress("Built", len(steps), len(steps))

    def _steps(self) -> Iterator[tuple[str, Any, Any]]:
        recipe = self.recipe
        yield "Authority codes that changed", self._recodes, recipe.get("recodes")
        for entry in recipe["areas"]:
            yield f"Areas: {self._title(entry)}", self._areas, entry
        for entry in recipe["layers"]:
            yield f"Boundaries: {self._title(entry)}", self._boundaries, entry
        yield "Residents, households and centres", self._finish_areas, None
        if recipe["postcodes"]:
            yield "Postcodes", self._postcodes, recipe["postcodes"]
        for entry in recipe["links"]:
            yield f"Links from {entry['from']} to {entry['to']}", self._links, entry
        for entry in recipe["datasets"]:
            yield entry["title"], self._dataset, entry

    # --- areas -----------------------------------------------------------------------------------------------------

    def _recodes(self, entry: dict[str, Any] | None) -> None:
        """The table ``recodes``: every authority code with the live one that it became."""
        if entry is None:
            self.con.execute("create table recodes (code varchar, live varchar, name varchar, country varchar)")
            return
        fields = {key: entry.get(key) or "null" for key in ("code", "live", "name", "country")}
        self._make("recodes", entry, fields)
        self._write("recodes", "recodes.parquet", "from recodes order by code", entry, kind="recodes")

    def _areas(self, entry: dict[str, Any]) -> None:
        """The areas of one layer: one row a code, the commonest value where the file repeats a code."""
        layer = entry["layer"]
        fields = {"code": entry["code"], "name": entry.get("name") or entry["code"]}
        parents = entry.get("parents") or {}
        fields |= {other: parents.get(other, "null") for other in self.layers if other != layer}
        fields |= {"e": entry.get("e") or "null", "n": entry.get("n") or "null"}
        counts = {key: entry.get(key) for key in ("population", "households")}
        fields |= {key: value if isinstance(value, str) else "null" for key, value in counts.items()}
        unknown = [other for other in parents if other not in self.layers]
        if unknown:
            raise Refusal(f"The areas of {layer} name a layer that the recipe has no areas of: {', '.join(unknown)}")
        self._make("reading", entry, fields)
        texts = ["name", *(named(other) for other in self.layers if other != layer)]
        commonest = ", ".join(f"mode({name})::varchar as {name}" for name in texts)
        centre = quoted(entry.get("centre", "geometric"))
        self.con.execute(f"""
            create table {named("areas_" + layer)} as
            select {quoted(layer)} as layer, code::varchar as code, {commonest}, code::varchar as {named(layer)},
                any_value(e)::double as e, any_value(n)::double as n,
                case when any_value(e) is not null then {centre} end as centre,
                max(population)::bigint as population, max(households)::bigint as households
            from reading where code is not null group by code""")
        for key, value in counts.items():
            if isinstance(value, dict):
                about = {"layer": layer, **value}
                self._make("reading", about, {"code": value["code"], "value": value["value"]})
                self._refuse_twice("reading", about)
                self.con.execute(f"""
                    update {named("areas_" + layer)} as area set {key} = reading.value
                    from reading where reading.code = area.code""")

    def _boundaries(self, entry: dict[str, Any]) -> None:
        """The boundaries of one layer as GeoParquet in metres, mended where a polygon crosses itself."""
        layer = entry["layer"]
        if layer not in self.layers:
            raise Refusal(f"The recipe has boundaries but no areas of the layer {layer!r}", next="Add its areas.")
        shape = self._geometry(entry)
        self._make("reading", entry, {"code": entry["code"], "shape": shape})
        self.con.execute(f"""
            create or replace table shapes as
            select code, area.name, ST_SetCRS(if(ST_IsValid(shape), shape, ST_MakeValid(shape)), 'EPSG:27700')
                as geometry
            from reading join {named("areas_" + layer)} as area using (code) where shape is not null""")
        self._refuse_twice("shapes", entry)
        self.con.execute(f"""
            create table {named("middle_" + layer)} as
            select code, round(ST_X(middle)) as e, round(ST_Y(middle)) as n
            from (select code, ST_Centroid(geometry) as middle from shapes)""")
        titled = {"title": f"{self._title(entry)}, boundaries", **entry}
        edges = ", ".join(f"ST_{edge}(geometry) as {edge.lower()}" for edge in ("XMin", "YMin", "XMax", "YMax"))
        select_shapes = f"select code, name, geometry, {edges} from shapes order by code"
        self._write(f"layer_{layer}", f"layers/{layer}.parquet", select_shapes, titled, kind="boundaries", code="code")

    def _geometry(self, entry: dict[str, Any]) -> str:
        """The expression of a polygon in EPSG:27700, in two dimensions."""
        shape = entry.get("geometry") or ("geometry" if ".parquet" in entry["file"] else "geom")
        crs = (entry.get("read") or {}).get("crs", "EPSG:27700")
        shape = f"ST_Force2D({shape})"
        if crs == "EPSG:27700":
            return shape
        return f"ST_Transform({shape}, {quoted(crs)}, 'EPSG:27700', always_xy := true)"

    def _finish_areas(self, _: None) -> None:
        """Put the layers into one table; give parents the codes of their own vintage; add up what is not given."""
        for position, layer in enumerate(self.layers):
            for finer in self.layers[:position]:
                self._recode(named("areas_" + finer), layer)
        for position, layer in reversed(list(enumerate(self.layers))):
            for finer in self.layers[:position]:
                self._inherit(named("areas_" + finer), layer)
        for position, layer in enumerate(self.layers):
            for finer in reversed(self.layers[:position]):
                self._add_up(layer, finer)
            self._centre(layer)
        tables = " union all by name ".join(f"from {named('areas_' + layer)}" for layer in self.layers)
        order = " ".join(f"when {quoted(layer)} then {at}" for at, layer in enumerate(self.layers))
        self.con.execute(f"create table areas as select * from ({tables}) order by case layer {order} end, code")
        columns = ["layer", "code", "name", *map(named, self.layers), "e", "n", "centre", "population", "households"]
        about = {"title": f"Areas of {self.recipe['title']}", "version": self.recipe["vintage"]}
        query = f"select {', '.join(columns)} from areas"
        self._write("areas", "areas.parquet", query, about, kind="areas", code="code")

    def _recode(self, table: str, layer: str) -> None:
        """Parents that are not codes of their layer take the code that has the same live successor (Barnsley)."""
        codes = f"select code from {named('areas_' + layer)}"
        self.con.execute(f"""
            update {table} as area set {named(layer)} = known.code from ({_same_place(codes)}) as known
            where known.other = area.{named(layer)} and area.{named(layer)} not in ({codes})""")

    def _inherit(self, table: str, layer: str) -> None:
        """The parents of an area's parent of this layer are its own too, where it has none."""
        others = [other for other in self.layers[self.layers.index(layer) + 1 :]]
        if others:
            taken = ", ".join(f"{named(o)} = coalesce(area.{named(o)}, parent.{named(o)})" for o in others)
            self.con.execute(f"""
                update {table} as area set {taken} from {named("areas_" + layer)} as parent
                where parent.code = area.{named(layer)}""")

    def _centre(self, layer: str) -> None:
        """Areas that still have no centre take the middle of their polygon."""
        tables = {row[0] for row in self.con.execute("select table_name from duckdb_tables()").fetchall()}
        if f"middle_{layer}" in tables:
            self.con.execute(f"""
                update {named("areas_" + layer)} as area set e = middle.e, n = middle.n, centre = 'geometric'
                from {named("middle_" + layer)} as middle where middle.code = area.code and area.e is null""")

    def _add_up(self, layer: str, finer: str) -> None:
        """Residents, households and the centre by residents, of areas that have none, from a finer layer."""
        self.con.execute(f"""
            update {named("areas_" + layer)} as area set
                e = coalesce(area.e, total.e), n = coalesce(area.n, total.n),
                centre = coalesce(area.centre, case when total.e is not null then 'derived' end),
                population = coalesce(area.population, total.population),
                households = coalesce(area.households, total.households)
            from (select {named(layer)} as code, round(sum(e * population) / sum(population)) as e,
                    round(sum(n * population) / sum(population)) as n,
                    if(count(population) = count(*), sum(population), null)::bigint as population,
                    if(count(households) = count(*), sum(households), null)::bigint as households
                from {named("areas_" + finer)} where {named(layer)} is not null group by 1) as total
            where total.code = area.code""")

    # --- postcodes, links, datasets --------------------------------------------------------------------------------

    def _postcodes(self, entries: list[dict[str, Any]]) -> None:
        """One row a postcode with its grid reference and the codes of the layers it is placed in."""
        from placemaker.places.postcode import normal_postcode

        first, *others = entries
        codes = {layer: first["codes"][layer] for layer in first.get("codes", {})}
        fields = {"postcode": normal_postcode(first["postcode"]), "lad": first.get("lad") or "null"}
        fields |= {"e": first["e"], "n": first["n"], **codes, "snap_m": first.get("snap") or "0"}
        self._make("postcodes", first, fields)
        for other in others:
            columns = {"postcode": normal_postcode(other["postcode"]), **other["codes"]}
            self._make("reading", other, columns)
            added = ", ".join(f"more.{named(layer)}" for layer in other["codes"])
            self.con.execute(f"""
                create or replace table postcodes as
                select postcodes.*, {added} from postcodes
                left join (select distinct on (postcode) * from reading) as more using (postcode)""")
            codes |= other["codes"]
        self._refuse_twice("postcodes", first, "postcode")
        if authority := next((layer for layer in self.layers if layer.startswith("lad")), None):
            lads = f"select code from areas where layer = {quoted(authority)}"
            self.con.execute(f"""
                update postcodes set lad = known.code from ({_same_place(lads)}) as known
                where known.other = postcodes.lad and lad not in ({lads})""")
        known = " or ".join(
            f"{named(layer)} in (select code from areas where layer = {quoted(layer)})" for layer in codes
        )
        order = [layer for layer in self.layers if layer in codes]
        columns = ["postcode", "lad", "e::integer as e", "n::integer as n", *map(named, order)]
        query = f"""select {", ".join(columns)}, snap_m::integer as snap_m from postcodes
            where {known or "true"} order by postcode"""
        about = {"title": "Postcodes", **first}
        self._write("postcodes", "postcodes.parquet", query, about, kind="postcodes", code="postcode")

    def _links(self, entry: dict[str, Any]) -> None:
        """How two vintages of a layer meet; a split area is shared out by the postcodes of its parts."""
        old, new = entry["from"], entry["to"]
        fields = {"old": entry["from_code"], "new": entry["to_code"], "change": entry.get("change") or "null"}
        self._make("reading", entry, fields)
        weights = f"select {named(new)} as code, count(*) as many from postcodes group by 1"
        if not self.recipe["postcodes"]:
            weights = "select null::varchar as code, 1 as many where false"
        query = f"""
            select old as {named(old)}, new as {named(new)}, change,
                coalesce(many, 1) / sum(coalesce(many, 1)) over (partition by old) as share_of_{old}
            from (select distinct old, new, change from reading) left join ({weights}) as weight on weight.code = new
            where old in (select code from areas where layer = {quoted(old)})
                and new in (select code from areas where layer = {quoted(new)}) order by old, new"""
        name = f"{old}_{new}"
        self._write(name, f"links/{name}.parquet", query, {"title": f"{old} to {new}", **entry}, kind="links")

    def _dataset(self, entry: dict[str, Any]) -> None:
        """One published dataset: a row for each area of its layer that the pack has, in the order of the codes."""
        code, layer = entry["code"], entry["layer"]
        source = select(self.folder, entry, self.con)
        if long := entry.get("long"):
            self._turn_wide(source, code, long, entry)
        else:
            self._guard(f"create or replace table reading as {source}", entry)
        if wanted := entry.get("columns"):
            chosen = ", ".join(f"{expression} as {named(name)}" for name, expression in wanted.items())
            self._guard(f"create or replace table reading as select {named(code)}, {chosen} from reading", entry)
        count, layer_known = self.con.execute(
            "select count(*), count(*) > 0 from areas where layer = ?", [layer]
        ).fetchone()
        keep = f"where {named(code)} in (select code from areas where layer = {quoted(layer)})" if layer_known else ""
        self.con.execute(
            f"create or replace table reading as select {named(code)}, * exclude ({named(code)}) from reading {keep}"
        )
        self._refuse_twice("reading", entry, code)
        query = f"from reading order by {named(code)}"
        name = entry["name"]
        self._write(name, f"data/{name}.parquet", query, entry, kind="dataset", areas_in_layer=count)

    def _turn_wide(self, source: str, code: str, long: dict[str, Any], entry: dict[str, Any]) -> None:
        """A long table (area, category, value) with a column for each category, its name made of the words."""
        self._guard(
            f"""create or replace table long as
                select area, text, sum(value) as value,
                    trim(regexp_replace(lower(text), '[^a-z0-9]+', '_', 'g'), '_') as word
                from (select {named(code)} as area, {long["column"]} as text, {long["value"]} as value from ({source}))
                group by area, text""",
            entry,
        )
        alike = self.con.execute("select word from long group by 1 having count(distinct text) > 1").fetchone()
        if alike:
            raise Refusal(
                f"Two categories would both become the column {alike[0]!r}", entry["name"], "Tell them apart in 'long'."
            )
        words = [row[0] for row in self.con.execute("select distinct word from long order by 1").fetchall()]
        wide = ", ".join(f"sum(value) filter (word = {quoted(word)})::bigint as {named(word)}" for word in words)
        total = "sum(value)::bigint as total, " if long.get("total", True) else ""
        self.con.execute(f"""
            create or replace table reading as select area as {named(code)}, {total}{wide} from long group by area""")

    # --- writing ---------------------------------------------------------------------------------------------------

    def _make(self, table: str, entry: dict[str, Any], fields: dict[str, str]) -> None:
        chosen = ", ".join(f"{expression} as {named(name)}" for name, expression in fields.items())
        source = select(self.folder, entry, self.con)
        self._guard(f"create or replace table {table} as select {chosen} from ({source})", entry)

    def _guard(self, query: str, entry: dict[str, Any]) -> None:
        """Run a query made of a recipe's expressions; a wrong one is told with the columns that the file has."""
        try:
            self.con.execute(query)
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
            there = ", ".join(columns_of(self.con, relation(self.folder, entry)))
            raise Refusal(
                f"The recipe asks {entry['file']} for a column that it does not have, or by words that are not SQL",
                entry.get("name") or entry.get("layer") or self.recipe["name"],
                f"The file has: {there}.",
            ) from None
        except duckdb.Error:
            raise Refusal(
                "A value of this file is not of the kind that the recipe expects",
                entry["file"],
                "Compare the file with the recipe's expressions.",
            ) from None

    def _refuse_twice(self, table: str, entry: dict[str, Any], column: str = "code") -> None:
        name = named(column)
        twice = self.con.execute(f"select {name} from {table} group by 1 having count(*) > 1 order by 1").fetchone()
        if twice:
            raise Refusal(f"{twice[0]} is there twice", entry["file"], "Each code may have one row; see 'where'.")

    def _write(self, name: str, path: str, query: str, entry: dict[str, Any], *, kind: str, **about: Any) -> None:
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.con.execute(f"copy ({query}) to {quoted(target)} (format parquet, compression zstd, row_group_size 20480)")
        fields = columns_of(self.con, f"read_parquet({quoted(target)})")
        rows = self.con.execute(f"select count(*) from read_parquet({quoted(target)})").fetchone()[0]
        if rows == 0:
            raise Refusal(f"Nothing is left of {name}", entry.get("file", ""), "See 'where' and the codes it has.")
        inherited = {key: self.recipe.get(key, "") for key in ("publisher", "licence", "url")}
        given = {key: str(entry[key]) for key in (*inherited, "version", "period", "note", "code") if entry.get(key)}
        layer = entry.get("layer", "") if kind in ("boundaries", "dataset") else ""
        self.resources.append(
            {"name": name, "path": path, "kind": kind, "title": entry.get("title", name), "version": "", "period": ""}
            | {**inherited, **given, "layer": layer, "rows": rows, **about}
            | {"format": "parquet", "mediatype": "application/vnd.apache.parquet"}
            | {"bytes": target.stat().st_size, "hash": checksum(target)}
            | {"schema": {"fields": [{"name": field, "type": kind_of(type_)} for field, type_ in fields.items()]}}
        )

    def _describe(self) -> None:
        recipe = self.recipe
        licence = recipe.get("licence") or "not stated"
        placed = [layer for layer in self.layers if layer not in {entry["from"] for entry in recipe["links"]}]
        plain = {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": recipe["name"],
            "title": recipe["title"],
            "version": str(recipe["vintage"]),
            "covers": recipe["covers"],
            "made_up": bool(recipe.get("made_up", False)),
            "attribution": recipe.get("attribution", "").strip(),
            "finest": placed[0],
            "layers": {entry["layer"]: self._title(entry) for entry in recipe["areas"]},
            "licenses": [{"name": re.sub(r"[^A-Za-z0-9.]+", "-", licence), "title": licence}],
            "sources": [{"title": recipe.get("publisher") or "not stated"}],
            "resources": self.resources,
        }
        (self.out / DESCRIPTOR).write_text(json.dumps(plain, indent=2, ensure_ascii=False) + "\n", "utf-8")

    def _title(self, entry: dict[str, Any]) -> str:
        area = next((a for a in self.recipe["areas"] if a["layer"] == entry["layer"]), entry)
        return area.get("title") or LAYER_TITLES.get(entry["layer"], entry["layer"])


def _same_place(codes: str) -> str:
    """Pairs (code, other): a code among ``codes`` and another code of the same place, where only one is among them."""
    return f"""
        select other.code as other, min(own.code) as code from recodes as own join recodes as other using (live)
        where own.code in ({codes})
        group by other.code having count(distinct own.code) = 1"""


def kind_of(type_: str) -> str:
    """A DuckDB type as a Table Schema type."""
    kinds = {"BIGINT": "integer", "INTEGER": "integer", "SMALLINT": "integer", "DOUBLE": "number", "FLOAT": "number"}
    kinds |= {"BOOLEAN": "boolean", "DATE": "date", "VARCHAR": "string", "HUGEINT": "integer", "TINYINT": "integer"}
    return kinds.get(type_, "geojson" if type_.startswith("GEOMETRY") else "number" if "DECIMAL" in type_ else "any")
