"""YAML files read fast, and the line of anything in them once something is wrong.

A file is read by libyaml, without lines. Where a reader finds that an entry is not what it should be, it asks
:func:`line_of` or :func:`at`, which read the file a second time and slowly. A key that is there twice, an alias and a
file that is nested beyond reason are refused here, because a YAML reader alone would take the first in silence, grow
without end by the second and crash by the third.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NoReturn

import yaml

from placemaker.lake.errors import Refusal

#: The folder of the standard that comes with Placemaker: its files are named from here in messages.
SHIPPED = Path(__file__).parent

#: Bytes above which a file is no description that a person wrote.
LARGEST = 5_000_000

#: Lists and pairs inside each other above which a file is refused.
DEEPEST = 60

#: An anchor or alias may stand here (or a mere asterisk, which a closer look tells apart).
_MAY_ALIAS = re.compile(r"(?:^|[\s\[{,:-])[*&][^\s*&]")
#: Marks that open a level each; fewer cannot be too deep.
_MAY_NEST = re.compile(r"(?:[-?][ \t]+){20}|^ {200}", re.MULTILINE)
_MANY_OPENED = 1000


class _Typed(yaml.CSafeLoader):
    """Numbers, days and booleans as YAML reads them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return _once(node, super().construct_mapping(node, deep))


class _Text(yaml.CBaseLoader):
    """Every value as the text it is, so that a code NO does not become false."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return _once(node, super().construct_mapping(node, deep))


def read(path: str | Path, *, as_text: bool = False) -> Any:
    """What a YAML file holds; with ``as_text`` every value is a text.

    Raises Refusal, naming file and line, where it is not there, no YAML, not UTF-8, or holds a key twice.
    """
    path = Path(path)
    text = _text_of(path)
    if _MAY_ALIAS.search(text) or _MAY_NEST.search(text) or text.count("[") + text.count("{") > _MANY_OPENED:
        _refuse_aliases_and_depths(text, path)
    try:
        return yaml.load(text, Loader=_Text if as_text else _Typed)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{shown(path)}, line {mark.line + 1 if mark else 1}"
        if isinstance(error, _Twice):
            raise Refusal(f"{error.problem} is there twice", where, "Keep one of the two.") from None
        raise Refusal("The file is not YAML.", where, "Check its spaces, quotes and colons.") from None
    except (yaml.YAMLError, ValueError) as error:
        # A control character, or a day such as 2026-02-30.
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1 if hasattr(error, "position") else _bad_line(text)
        where = f"{shown(path)}, line {line}" if line else shown(path)
        raise Refusal("A value in the file cannot be read.", where, "Look for days and signs that are none.") from None


def line_of(path: str | Path, *steps: str | int) -> int:
    """The line, from 1, of an entry: ``line_of(file, "schema", "fields", 2, "type")``.

    Keys are texts, places in a list are numbers from 0. Where the last steps lead nowhere, the line of what they should
    be in is given, so that a missing entry has a line too.
    """
    try:
        node = yaml.compose(_text_of(Path(path)), Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, Refusal):
        return 1
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
            found = (node.value[step], node.value[step])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def at(path: str | Path, *steps: str | int) -> str:
    """Where an entry is written, as a Refusal says it: ``rules/tenancy.yaml, line 12``."""
    return f"{shown(path)}, line {line_of(path, *steps)}"


def refuse(path: str | Path, steps: tuple[str | int, ...], what: str, next: str = "") -> NoReturn:
    """Raise a Refusal that names the file and the line of the entry at ``steps``."""
    raise Refusal(what, at(path, *steps), next)


def shown(path: str | Path) -> str:
    """A file's name as a message gives it: files of the shipped standard from its own folder, others as given."""
    path = Path(path)
    return path.relative_to(SHIPPED).as_posix() if path.is_relative_to(SHIPPED) else str(path)


class _Twice(yaml.MarkedYAMLError):
    """A key that is there twice."""


def _once(node: yaml.MappingNode, made: dict[Any, Any]) -> dict[Any, Any]:
    if len(made) < len(node.value):
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if (key.tag, str(key.value)) in seen:
                raise _Twice(problem=repr(key.value), problem_mark=key.start_mark)
            seen.add((key.tag, str(key.value)))
    return made


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise Refusal("There is no such file.", shown(path), "Check its name and folder.")
    if path.stat().st_size > LARGEST:
        raise Refusal(f"The file is larger than {LARGEST // 1_000_000} MB.", shown(path), "Is it the right file?")
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{shown(path)}, line {raw.count(10, 0, error.start) + 1}"
        raise Refusal("The file is not text in UTF-8.", where, "Save it as UTF-8.") from None


def _refuse_aliases_and_depths(text: str, path: Path) -> None:
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.AliasEvent):
                where = f"{shown(path)}, line {event.start_mark.line + 1}"
                raise Refusal("The file says `*` for something said elsewhere.", where, "Write it out, or quote it.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                where = f"{shown(path)}, line {event.start_mark.line + 1}"
                raise Refusal(f"More than {DEEPEST} levels are inside each other.", where, "Write it flatter.")
    except yaml.YAMLError:
        return  # reading it says what is wrong


def _bad_line(text: str) -> int:
    """The line of the first value that YAML cannot make a day or number of; 0 where none is found."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return 0
    loader, left = yaml.SafeLoader(""), [node]
    while left:
        one = left.pop()
        if isinstance(one, yaml.ScalarNode):
            try:
                loader.construct_object(one)
            except (ValueError, yaml.YAMLError):
                return one.start_mark.line + 1
        elif one is not None:
            pairs = one.value if isinstance(one, yaml.SequenceNode) else [part for pair in one.value for part in pair]
            left += reversed(pairs)
    return 0
