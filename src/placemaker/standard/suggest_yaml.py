"""A suggestion as YAML that a person reads from top to bottom: the mapping, and beside each line how sure and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from placemaker.standard.suggest import Guess, Suggestion


def write(suggestion: Suggestion) -> str:
    """The YAML. Fields that need an answer first are comments; so are columns that no field was found for."""
    mapping = suggestion.mapping
    lines = [
        f"# Suggested from {suggestion.file.name} for {suggestion.table.title.lower()}. Read it, correct it, then:",
        f"#   placemaker check {suggestion.file.name} --mapping THIS_FILE",
        f"source: {_inline(mapping['source'])}    # the short name of the system in keys",
        f"title: {_inline(mapping['title'])}",
    ]
    if suggestion.read:
        lines.append(f"read: {_inline(suggestion.read)}")
    lines += ["tables:", f"  {suggestion.table.name}:"]
    lines += [f"    # {note}" for note in suggestion.notes]
    if suggestion.one_row_per:
        lines.append(f"    one_row_per: [{_inline(suggestion.one_row_per)}]")
    sure = list(suggestion.fields.values())
    lines.append("    fields:" if any(not guess.open for guess in sure) else "    fields: {}")
    for guess in sure:
        lines += _field(guess, "# " if guess.open else "")
    if suggestion.offers:
        lines += ["", "      # Perhaps; take away the # where it is right:"]
        for guess in suggestion.offers:
            lines += _field(guess, "# ")
    found = suggestion.fields.keys()
    missing = [field for field in suggestion.table.fields if field.required and field.name not in found]
    if missing:
        lines += ["", "      # No column was found for these fields, which every row must have:"]
        lines += [f"      # {field.name}:    # {field.description}" for field in missing]
    if suggestion.unmatched:
        lines += ["", "# No field was found for these columns:"]
        lines += [f"#   {_one_line(column)}" for column in suggestion.unmatched]
    return "\n".join(lines) + "\n"


def _field(guess: Guess, mark: str) -> list[str]:
    lines = [f"      # {_one_line(guess.reason)} ({guess.confidence:.0%} sure)"]
    if guess.open:
        lines.append(f"      # TO ANSWER: {guess.open}")
    codes = guess.entry.get("codes") if isinstance(guess.entry, dict) else None
    if not codes and not guess.unknown_codes:
        return [*lines, f"      {mark}{guess.field}: {_inline(guess.entry)}"]
    lines.append(f"      {mark}{guess.field}:")
    entry = guess.entry if isinstance(guess.entry, dict) else {"column": guess.entry}
    for name, value in entry.items():
        if name != "codes":
            lines.append(f"      {mark}  {name}: {_inline(value)}")
    if codes:
        lines.append(f"      {mark}  codes:")
        lines += [f"      {mark}    {_inline(old)}: {_inline(new)}" for old, new in codes.items()]
    for value in guess.unknown_codes:
        lines.append(f"      #     {_inline(value)}:    # which code?")
    return lines


def _inline(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
