"""Reading YAML: what a plain reader would take in silence is refused, with the line it is on."""

import pytest

from placemaker.lake import Refusal
from placemaker.standard import yaml_lines


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "file.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_values_are_typed_or_left_as_text(file):
    path = file("day: 2026-04-01\nanswer: NO\nn: 010\n")
    assert str(yaml_lines.read(path)["day"]) == "2026-04-01" and yaml_lines.read(path)["answer"] is False
    assert yaml_lines.read(path, as_text=True) == {"day": "2026-04-01", "answer": "NO", "n": "010"}


@pytest.mark.parametrize("as_text", [True, False])
@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is there twice"),
        ("a: 1\nb:\n  - {c: 1, d: 2, c: 3}\n", 3, "'c' is there twice"),
        ("a: 1\nb: [1,\n", 3, "not YAML"),
        ("a: &one [1]\nb: *one\n", 2, "elsewhere"),
        ("\n" + "[" * 100_000, 2, "levels"),
        ("\n" + "- " * 50_000, 2, "levels"),
        ("\n" + "? " * 50_000, 2, "levels"),
        ("\n".join(" " * n + "a:" for n in range(300)), 61, "levels"),
        (b"a: 1\nb: caf\xe9\n", 2, "UTF-8"),
        ("a: 1\nb: \x01\n", 2, "cannot be read"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_no_file_of_ours_is_refused_with_its_line(file, content, line, word, as_text):
    with pytest.raises(Refusal, match=word) as refused:
        yaml_lines.read(file(content), as_text=as_text)
    assert refused.value.where.endswith(f"file.yaml, line {line}") and refused.value.next


def test_a_day_that_is_none_is_refused_with_its_line(file):
    with pytest.raises(Refusal) as refused:
        yaml_lines.read(file("a: 1\nb: {c: 2026-02-30}\n"))
    assert refused.value.where.endswith("line 2")


def test_a_file_that_makes_an_object_is_refused(file):
    with pytest.raises(Refusal, match="not YAML"):
        yaml_lines.read(file("a: !!python/object/apply:os.system [true]\n"))


def test_a_file_beyond_reason_is_refused(file):
    with pytest.raises(Refusal, match="larger than"):
        yaml_lines.read(file("a: " + "x" * yaml_lines.LARGEST))
    with pytest.raises(Refusal, match="no such file"):
        yaml_lines.read("nowhere.yaml")


def test_the_line_of_an_entry(file):
    path = file("name: x\nschema:\n  fields:\n  - name: a\n    type: date\n  - {name: b,\n     type: text}\n")
    assert yaml_lines.line_of(path) == 1
    assert yaml_lines.line_of(path, "schema", "fields", 0, "type") == 5
    assert yaml_lines.line_of(path, "schema", "fields", 1) == 6
    assert yaml_lines.line_of(path, "schema", "fields", 1, "type") == 7
    assert yaml_lines.line_of(path, "schema", "fields", 1, "title", "x") == 6, "what is missing: where it should be"
    assert yaml_lines.line_of(path, "schema", "fields", 9) == 3


def test_shipped_files_are_named_from_the_standards_folder():
    assert yaml_lines.at(yaml_lines.SHIPPED / "tables" / "home.yaml", "title") == "tables/home.yaml, line 2"
