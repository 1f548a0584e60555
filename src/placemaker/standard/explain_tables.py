"""What a field, a table or a code list of the standard means: the parts of :mod:`explain` that are no rules."""

from __future__ import annotations

from placemaker.standard.explain import PERSONAL, Book, Explanation, Grid, codes_of, in_plain_words, kinds, text_of
from placemaker.standard.expressions import names_in
from placemaker.standard.schema import CodeList, Field, Rule, Table


def explain_field(owner: Table, field: Field, book: Book) -> Explanation:
    """The explanation of a field."""
    from placemaker.standard.explain_fields import built_in

    limits = [
        "required" if field.required or field.name == owner.key else "",
        "the table's key" if field.name == owner.key else "unique" if field.unique else "",
        f"at least {field.minimum}" if field.minimum is not None else "",
        f"at most {field.maximum}" if field.maximum is not None else "",
        f"written as {field.pattern}" if field.pattern else "",
    ]
    parent = next((f"{link.parent}.{link.parent_field}" for link in owner.foreign_keys if link.field == field.name), "")
    about = [
        rule
        for rule, where in book.rules.values()
        if where.name == owner.name and (field.name in rule.fields or field.name in names_in(_sql(rule)))
    ]
    derived = ((kind, built_in(owner, field, kind, codes_of(owner, field))) for kind in kinds(owner, field))
    rows = [(f"{owner.name}.{field.name}.{kind}", one.severity, one.title) for kind, one in derived]
    rows += [(rule.id, rule.severity, in_plain_words(rule.message, owner)) for rule in about]
    facts = (
        ("Table", f"{owner.name} ({owner.title})"),
        ("Number", field.number),
        ("Type", field.type + (f", in {field.unit}" if field.unit else "")),
        ("Code list", f"codelist/{field.codelist}" if field.codelist else ""),
        ("Limits", "; ".join(filter(None, limits))),
        ("Refers to", parent),
        ("Personal data", PERSONAL[field.personal]),
        ("Example", field.example),
        *book.more,
    )
    return Explanation(
        f"{owner.name}.{field.name}",
        "field",
        f"{field.title}: {field.description}".removesuffix(": "),
        tuple((label, words) for label, words in facts if words),
        grids=(Grid("Its rules", ("rule", "severity", "it says"), tuple(rows)),) if rows else (),
    )


def _sql(rule: Rule) -> str:
    return rule.expect or rule.breaks


def explain_table(one: Table, book: Book) -> Explanation:
    """The explanation of a table."""
    fields = tuple(
        (
            field.name,
            field.codelist or field.type,
            "yes" if field.required or field.name == one.key else "",
            field.title,
        )
        for field in one.fields
    )
    rules = tuple(
        (rule.id, rule.severity, in_plain_words(rule.message, one))
        for rule, owner in book.rules.values()
        if owner.name == one.name
    )
    refers = ", ".join(f"{link.field} to {link.parent}" for link in one.foreign_keys)
    facts = (("Key", one.key), ("Refers by", refers), *book.more)
    grids = [Grid("Fields", ("field", "type or code list", "required", "title"), fields)]
    if rules:
        grids.append(Grid("Rules", ("rule", "severity", "it says"), rules))
    return Explanation(
        one.name,
        "table",
        f"{one.title}: {one.description}".removesuffix(": "),
        tuple(fact for fact in facts if fact[1]),
        "",
        tuple(grids),
    )


def explain_codelist(codes: CodeList, book: Book) -> Explanation:
    """The explanation of a code list."""
    used = [
        f"{one.name}.{field.name}"
        for one in book.tables.values()
        for field in one.fields
        if field.codelist == codes.name
    ]
    rows = tuple(
        (code.code, code.label, code.parent, text_of(code.start), text_of(code.end), code.source)
        for code in codes.codes
    )
    head = ("code", "label", "parent", "from", "until", "source")
    # A column that no code fills says nothing.
    filled = [place for place in range(len(head)) if place < 2 or any(row[place] for row in rows)]
    return Explanation(
        f"codelist/{codes.name}",
        "code list",
        f"The {len(rows)} codes of {codes.name.replace('_', ' ')}",
        tuple(fact for fact in (("Used by", ", ".join(used)), *book.more) if fact[1]),
        grids=(Grid("Codes", tuple(head[at] for at in filled), tuple(tuple(r[at] for at in filled) for r in rows)),),
    )
