"""What keeps the lake whole: the lock of the one writer, the transaction, and the cleaning up after a killed writer."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from placemaker.lake.errors import Refusal


@contextmanager
def one_writer(lake: Path, who: str) -> Iterator[bool]:
    """Hold the lake's lock; yields whether the last writer was killed and may have left files that nothing refers to.

    Two writers on a SQLite catalogue are known to corrupt it. The kernel drops the lock with the process, so a killed
    writer never blocks the next; what it leaves in the lock file is who it was, and a writer that ends well empties it.
    Raises Refusal at once where another writer holds the lock.
    """
    descriptor = os.open(lake / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(lake, os.pread(descriptor, 4096, 0)) from None
        killed = bool(os.pread(descriptor, 1, 0))
        os.ftruncate(descriptor, 0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        os.pwrite(descriptor, json.dumps({"who": who, "since": since, "process": os.getpid()}).encode(), 0)
        yield killed
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _busy(lake: Path, note: bytes) -> Refusal:
    holder = {}
    with suppress(ValueError):
        holder = json.loads(note)
    who = holder.get("who", "somebody")
    since = f" since {datetime.fromisoformat(holder['since']):%d %B %Y %H:%M} UTC" if "since" in holder else ""
    return Refusal(
        f"{who} is writing to this workspace{since}, and there is one writer at a time.",
        str(lake.parent),
        "Wait until that load has ended and try again; reading goes on meanwhile.",
    )


@contextmanager
def whole_or_nothing(con: duckdb.DuckDBPyConnection, what: str, where: str) -> Iterator[None]:
    """One transaction: all that the block writes is committed at its end, or nothing of it.

    Raises Refusal in plain words where the disk or the memory is not enough, and KeyboardInterrupt for Ctrl-C. Once the
    commit has begun it is too late for Ctrl-C: the load is whole.
    """
    with plain_words(what, where):
        con.begin()
        try:
            yield
            with _uninterrupted():
                con.commit()
        except BaseException:
            with suppress(duckdb.Error):
                con.rollback()
            raise


@contextmanager
def plain_words(what: str, where: str) -> Iterator[None]:
    """Turn DuckDB's errors into a Refusal, and its interruption into KeyboardInterrupt.

    What can only be a mistake in our own SQL is left as it is, since its text quotes that SQL and no row.
    """
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise
    except RuntimeError as error:
        # How DuckDB's Python client tells of Ctrl-C.
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise
    except duckdb.Error as error:
        raise _refusal(error, what, where) from None


def _refusal(error: duckdb.Error, what: str, where: str) -> Refusal:
    """A DuckDB error in plain words, without its text, which quotes rows."""
    text = str(error).lower()
    same = f"The lake is as it was before the {what}."
    if any(sign in text for sign in ("no space left", "disk full", "disk is full", "file too large", "disk i/o")):
        return Refusal(f"The disk is full. {same}", where, "Make room on the workspace's disk and try again.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return Refusal(f"There is not enough memory. {same}", where, "Close other programs, or split the file.")
    if isinstance(error, duckdb.IOException):
        return Refusal(
            f"The workspace's files cannot be written. {same}",
            where,
            "Check that the disk is there, has room, and that you may write to the workspace's folder.",
        )
    kind = type(error).__name__
    return Refusal(f"The {what} failed inside the engine ({kind}). {same}", where, "Please report this as a bug.")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for nothing: within these few milliseconds it is not heard."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def remove_orphans(con: duckdb.DuckDBPyConnection, lake: Path) -> int:
    """Delete the Parquet files that a killed writer left and no snapshot knows; returns how many.

    Files are told apart by their names, which are unique, and never by their paths, so a moved workspace loses nothing.
    """
    metadata = "__ducklake_metadata_lake"
    known = con.execute(
        f"select path from {metadata}.ducklake_data_file union all select path from {metadata}.ducklake_delete_file "
        f"union all select path from {metadata}.ducklake_files_scheduled_for_deletion"
    )
    names = {Path(path).name for (path,) in known.fetchall()}
    orphans = [file for file in (lake / "data").rglob("*.parquet") if file.name not in names]
    for file in orphans:
        file.unlink(missing_ok=True)
    return len(orphans)
