"""The command line: ``placemaker``."""

from __future__ import annotations


def main() -> None:
    """Run the command that was typed and leave with its exit code."""
    import sys

    from placemaker.cli.app import run

    sys.exit(run())
