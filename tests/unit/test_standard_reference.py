"""The reference pages: every table, field, code and rule of the files is on them, with the examples that are run."""

import re

from placemaker.standard import codelist, reference, tables
from placemaker.standard.schema import codelist_names


def test_every_table_field_rule_and_code_is_on_its_page(tmp_path):
    reference.write(tmp_path)
    for name, table in tables().items():
        page = (tmp_path / "tables" / f"{name}.md").read_text(encoding="utf-8")
        assert all(f"`{field.name}`" in page for field in table.fields)
        for rule in table.rules:
            assert f"### {rule.id}\n" in page
            assert rule.source in page
        assert page.count("Passes:") == page.count("Fails:") == len(table.rules)
    for name in codelist_names():
        page = (tmp_path / "codelists" / f"{name}.md").read_text(encoding="utf-8")
        assert all(f"`{code.code}` | {code.label}" in page for code in codelist(name).codes)


def test_the_example_of_a_rule_is_shown_with_what_is_empty(tmp_path):
    reference.write(tmp_path)
    page = (tmp_path / "tables" / "tenancy.md").read_text(encoding="utf-8")
    rule = page.split("### tenancy-ends-after-it-starts")[1].split("### ")[0]
    assert "2023-03-31" in rule and "end_date >= start_date" in rule
    assert "*empty*" in page


def test_no_link_between_the_pages_is_broken(tmp_path):
    written = reference.write(tmp_path)
    for page in written:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).is_file(), f"{page.name}: {target}"


def test_each_row_of_a_grid_has_as_many_cells_as_its_head(tmp_path):
    for page in reference.write(tmp_path):
        widths = []
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith("|"):
                widths.append(len(re.findall(r"(?<!\\)\|", line)))
            else:
                assert len(set(widths)) <= 1, f"{page.name}: {line}"
                widths = []
