"""The reference site: every table, field, code and rule of the files has its page, its links hold, its examples ran."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from placemaker import standard
from placemaker.lake import Refusal, connect
from placemaker.standard.schema import codelist_names
from placemaker.standard.site import write_site
from placemaker.standard.site.books import shelves
from placemaker.standard.site.tried import try_examples


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return folder, write_site(folder)


class Anchors(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.to, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.to += [given[name] for name in ("href", "src") if name in given]
        self.ids |= {given["id"]} if "id" in given else set()


def test_every_table_field_code_and_rule_has_its_page(site):
    folder, _ = site
    for name, table in standard.tables().items():
        page = (folder / "tables" / f"{name}.html").read_text(encoding="utf-8")
        assert all(f"<code>{field.name}</code>" in page for field in table.fields)
        assert all((folder / "fields" / f"{name}.{field.name}.html").is_file() for field in table.fields)
        for rule in table.rules:
            page = (folder / "rules" / f"{rule.id}.html").read_text(encoding="utf-8")
            assert "Both were run" in page
            assert "that pass" in page and "that fail" in page
    for name in codelist_names():
        page = (folder / "codelists" / f"{name}.html").read_text(encoding="utf-8")
        assert all(f"<code>{code.code}</code>" in page for code in standard.codelist(name).codes)


def test_every_pack_has_its_page_and_those_of_its_rules_and_fields(site):
    folder, _ = site
    for name, pack in standard.packs().items():
        own = folder / "packs" / name
        assert pack.title in (own / "index.html").read_text(encoding="utf-8").replace("&#39;", "'")
        assert all((own / "rules" / f"{rule}.html").is_file() for rule in pack.rules)
        for table in pack.tables.values():
            assert all((own / "fields" / f"{table.name}.{field.name}.html").is_file() for field in table.fields)


def test_no_link_of_the_site_is_broken(site):
    folder, written = site
    pages = {path.resolve(): Anchors(path.read_text(encoding="utf-8")) for path in written}
    for path, anchors in pages.items():
        for to in anchors.to:
            if to.startswith(("http", "data:")):
                continue
            file, _, anchor = to.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), f"{path.relative_to(folder.resolve())}: {to}"
            if anchor and target in pages:
                assert anchor in pages[target].ids, f"{path.relative_to(folder.resolve())}: {to}"


def test_nothing_is_loaded_from_elsewhere(site):
    _, written = site
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=\"http", text), path.name


def test_the_downloads_are_what_other_tools_read(site):
    folder, _ = site
    package = json.loads((folder / "downloads" / "datapackage.json").read_text(encoding="utf-8"))
    assert {one["name"] for one in package["resources"]} == set(standard.tables())
    schema = json.loads((folder / "downloads" / "schemas" / "tenancy.json").read_text(encoding="utf-8"))
    assert "tenancy_type" in schema["properties"]
    rules = json.loads((folder / "downloads" / "rules.json").read_text(encoding="utf-8"))
    assert len(rules) == sum(len(table.rules) for table in standard.tables().values())


def test_an_example_that_is_none_stops_the_site():
    own = shelves()[0]
    rule, table = own.book.rules["tenancy-ends-after-it-starts"]

    own.book.rules.clear()
    own.book.rules[rule.id] = (replace(rule, fails=rule.passes), table)
    with connect() as con, pytest.raises(Refusal, match="The row that fails does not"):
        try_examples(con, own)


def test_the_diagram_shows_every_table_and_every_reference(site):
    folder, _ = site
    page = (folder / "index.html").read_text(encoding="utf-8")
    for name, table in standard.tables().items():
        assert f'data-name="{name}"' in page
        for link in table.foreign_keys:
            if link.parent != name:
                assert f'data-from="{name}" data-to="{link.parent}"' in page


def test_no_line_of_the_diagram_is_cut_off(site):
    page = (site[0] / "index.html").read_text(encoding="utf-8")
    width = int(re.search(r'class="diagram" viewBox="0 0 (\d+) ', page)[1])
    ways = re.findall(r'class="link" d="M(\d+) \d+C(\d+) \d+ (\d+) ', page)
    assert ways and max(int(x) for way in ways for x in way) <= width
