"""The reference pages of the standard, written from its files: a page a table, a page a code list, and an index.

Nothing on them is written twice: fields, codes and rules are those that run, and the two examples beside each rule are
the ones that the test suite runs.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from placemaker.standard.examples import Row, example_rows, sample_row
from placemaker.standard.schema import DIMENSIONS, CodeList, Rule, Table, codelist, codelist_names, tables

#: What each severity means for the row, in a few words.
SEVERITY = {
    "reject": "the row has no usable key and is held back",
    "error": "surely wrong; the row is loaded and flagged",
    "query": "unlikely, but it can be right; ask",
    "note": "worth knowing; no fault of the row",
}
PERSONAL = {
    "none": "",
    "personal": "personal",
    "special": "special category (UK GDPR article 9)",
    "criminal": "criminal offence (UK GDPR article 10)",
}


def write(folder: Path | str) -> list[Path]:
    """Write every page into ``folder`` as Markdown, and return their paths; the index is ``index.md``."""
    folder = Path(folder)
    pages = {"index.md": _index(), "glossary-of-rules.md": _all_rules()}
    pages |= {f"tables/{name}.md": _table(table) for name, table in tables().items()}
    pages |= {f"codelists/{name}.md": _codelist(codelist(name)) for name in codelist_names()}
    written = []
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _index() -> str:
    every = list(tables().values())
    rules = [rule for table in every for rule in table.rules]
    dimensions = Counter(rule.dimension for rule in rules)
    lines = [
        "# The housing data standard",
        "",
        f"{len(every)} tables with {sum(len(table.fields) for table in every)} fields, {len(codelist_names())} code "
        f"lists and {len(rules)} written rules. Each rule stands with a row that passes it and one that fails; the "
        "test suite runs both.",
        "",
        _grid(
            ("Table", "What a row is", "Fields", "Rules"),
            [
                (f"[{table.title}](tables/{table.name}.md)", table.description, len(table.fields), len(table.rules))
                for table in every
            ],
        ),
        "## How bad is it?",
        "",
        _grid(("Severity", "Means that"), [(f"**{name}**", words) for name, words in SEVERITY.items()]),
        "## What kind of quality?",
        "",
        "The six dimensions of the Government Data Quality Framework.",
        "",
        _grid(("Dimension", "Rules"), [(name.capitalize(), dimensions[name]) for name in DIMENSIONS]),
        "Besides the written rules, every table has those that follow from its fields: its key is there and unique, a "
        "required field is filled, a value can be read and lies in its range, a code is of its list, and what it "
        "refers to is there. Their names are made of table, field and kind: `tenancy.start_date.type`.",
        "",
        "[All written rules](glossary-of-rules.md)",
        "",
        *_contents("Tables", [f"tables/{table.name}" for table in every]),
        *_contents("Code lists", [f"codelists/{name}" for name in codelist_names()]),
        *_contents("Rules", ["glossary-of-rules"]),
    ]
    return "\n".join(lines)


def _contents(caption: str, pages: list[str]) -> list[str]:
    """The pages as Sphinx wants them named, unseen on the page itself."""
    return ["```{toctree}", ":hidden:", ":maxdepth: 1", f":caption: {caption}", "", *pages, "```", ""]


def _all_rules() -> str:
    rows = [
        (f"[{rule.id}](tables/{table.name}.md#{rule.id})", table.title, rule.severity, rule.dimension)
        for table in tables().values()
        for rule in table.rules
    ]
    return "# All written rules\n\n" + _grid(("Rule", "Table", "Severity", "Dimension"), sorted(rows))


def _table(table: Table) -> str:
    lines = [f"# {table.title}", "", table.description, "", f"Name: `{table.name}`. Key: `{table.key}`.", ""]
    if table.foreign_keys:
        refers = ", ".join(
            f"`{link.field}` to [{tables()[link.parent].title}]({link.parent}.md)" for link in table.foreign_keys
        )
        lines += [f"Refers by {refers}.", ""]
    sample = sample_row(table.name)
    rows = []
    for field in table.fields:
        kind = f"[{field.codelist}](../codelists/{field.codelist}.md)" if field.codelist else field.type
        limits = [f"{field.unit}" if field.unit else "", PERSONAL[field.personal]]
        if field.minimum is not None or field.maximum is not None:
            limits.append(f"{field.minimum} to {field.maximum}")
        if field.pattern:
            limits.append(f"`{field.pattern}`")
        name = f"`{field.name}`" + (" (required)" if field.required else "")
        example = f"`{sample[field.name]}`" if field.name in sample else ""
        rows.append((name, field.description, kind, "; ".join(filter(None, limits)), example))
    lines += ["## Fields", "", _grid(("Field", "What it holds", "Type", "Limits and kind", "Example"), rows)]
    lines += ["## Rules", ""]
    for rule in table.rules:
        lines += _rule(rule)
    return "\n".join(lines)


def _rule(rule: Rule) -> list[str]:
    sql = " ".join((rule.expect or rule.breaks).split())
    when = [f"from {rule.start}" if rule.start else "", f"until {rule.end}" if rule.end else ""]
    where = [f"in {' and '.join(rule.nations)}" if rule.nations else "", *filter(None, when)]
    lines = [
        f"### {rule.id}",
        "",
        f"{rule.message}",
        "",
        f"**{rule.severity.capitalize()}** ({SEVERITY[rule.severity]}), {rule.dimension}. Source: {rule.source}."
        + (f" In force {' '.join(filter(None, where))}." if any(where) else ""),
        "",
        *([f"Looked at also where an export lacks {_either(rule.optional)}.", ""] if rule.optional else []),
        "A row passes where this holds:" if rule.expect else "The rows that this finds break it:",
        "",
        f"```sql\n{sql}\n```",
        "",
    ]
    for which, words in (("passes", "Passes:"), ("fails", "Fails:")):
        lines += [words, ""]
        for name, rows in example_rows(rule, which).items():
            lines.append(_example(name, rows, many=bool(rule.breaks)))
    return lines


def _either(names: tuple[str, ...]) -> str:
    """Names in a row with commas and an or: `title` or `given_name`."""
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} or {last}" if first else last


def _example(name: str, rows: list[Row], many: bool) -> str:
    head = tuple(dict.fromkeys(key for row in rows for key in row))
    if many:
        head = (name, *head)
        body: list[tuple[Any, ...]] = [("", *(_cell(row.get(key)) for key in head[1:])) for row in rows]
    else:
        body = [tuple(_cell(row.get(key)) for key in head) for row in rows]
    return _grid(tuple(f"`{key}`" if key != name else f"**{key}**" for key in head), body)


def _cell(value: Any) -> str:
    if value is None:
        return "*empty*"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _codelist(codes: CodeList) -> str:
    fields = [
        f"[{table.title}](../tables/{table.name}.md): {field.title.lower()}"
        for table in tables().values()
        for field in table.fields
        if field.codelist == codes.name
    ]
    rows = [
        (f"`{code.code}`", code.label, code.parent, code.start or "", code.end or "", code.source)
        for code in codes.codes
    ]
    title = codes.name.replace("_", " ").capitalize()
    used = "\n".join(f"- {field}" for field in fields)
    head = ("Code", "Label", "Parent", "From", "Until", "Source")
    return f"# {title}\n\nName: `{codes.name}`. Used by:\n\n{used}\n\n{_grid(head, rows)}"


def _grid(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """A Markdown table, with the bars inside cells kept from parting them."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"
