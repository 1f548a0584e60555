"""The command line: ``placemaker``."""

from __future__ import annotations


def main() -> None:
    """Run the command that was typed and leave with its exit code."""
    import sys

    try:
        from placemaker.cli.app import run

        code = run()
    except KeyboardInterrupt:  # while modules are still being imported
        print("\nStopped. Nothing was changed.", file=sys.stderr)
        code = 2
    sys.exit(code)
