"""The encodings in which systems write their exports: every file is read as UTF-8 in the end."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.lake.scratch import scratch_folder

#: Names that people give to encodings, and Python's for them.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
    "iso-8859-1": "latin-1",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}


@contextmanager
def as_utf8(file: Path, encoding: str) -> Iterator[Path]:
    """The file itself where it is UTF-8, or else a copy in UTF-8 that is gone afterwards."""
    with file.open("rb") as opened:
        start = opened.read(4096)
    named = encoding
    encoding = ENCODINGS.get(encoding.lower(), encoding)
    if encoding == "utf-8-sig":
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start.count(0) > len(start) // 4:
            raise Refusal(
                "The file is UTF-16, which Excel calls Unicode text.",
                str(file),
                "Save it as CSV UTF-8, or write `encoding: utf-16` under `read:` in its mapping.",
            )
        yield file
        return
    if encoding == "utf-16" and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    with scratch_folder() as folder:
        copy = Path(folder) / "utf8.csv"
        try:
            with file.open(encoding=encoding, newline="") as old, copy.open("w", encoding="utf-8", newline="") as new:
                while part := old.read(1 << 20):
                    new.write(part)
        except LookupError:
            raise Refusal(
                f"There is no encoding {named!r}.", str(file), f"It is one of: {', '.join(ENCODINGS)}."
            ) from None
        except UnicodeError:
            raise Refusal(
                f"The file is not {named}.", str(file), "Write its own encoding under `read:` in its mapping."
            ) from None
        yield copy


def wrong_encoding(text: Path, file: Path) -> Refusal:
    """The Refusal for bytes that are not UTF-8, with the line of the first."""
    with text.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = line[error.start : error.start + 1]
                letter = byte.decode("cp1252", "replace")
                return Refusal(
                    f"The file is not UTF-8: byte 0x{byte.hex().upper()} is probably {letter!r} of Windows-1252.",
                    f"{file}, line {number}",
                    "Save it as CSV UTF-8, or write `encoding: windows-1252` under `read:` in its mapping.",
                )
    return Refusal("The headers hold characters that were lost already (\ufffd).", str(file), "Export it again.")
