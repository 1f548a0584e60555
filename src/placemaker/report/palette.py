"""The colours and the letters of every form, picture and page.

Text colours keep at least 4.5 to 1 against white, marks at least 3 to 1. Place and homes (blue-green and orange) differ
in lightness as well as hue, so that they stay apart for colour-blind readers and in grey print; the steps of a map run
in one direction of lightness.
"""

from pathlib import Path

FONT = "Public Sans"
FONTS = Path(__file__).parent / "fonts"

INK = "#16232b"
QUIET = "#52616b"
LINE = "#c9d1d6"
PAPER = "#ffffff"
WASH = "#f1f5f6"
PLACE = "#0b5563"
HOMES = "#c2570c"
OTHERS = "#7b8890"
LINK = "#0b5563"
BANNER = "#fff3d6"
BANNER_LINE = "#b7791f"

#: From most to least, for up to six classes of a map.
STEPS = ("#08313b", "#0b5563", "#2f7f88", "#6fb0b0", "#b5d8d4", "#e6f1ee")
NOTHING = "#d9d9d9"
CONTEXT = "#f7f8f8"


def steps(count: int) -> tuple[str, ...]:
    """``count`` colours from most to least, spread over the whole range."""
    if count <= 1:
        return STEPS[1:2] * count
    if count > len(STEPS):
        raise ValueError(f"A map has at most {len(STEPS)} classes, not {count}.")
    return tuple(STEPS[round(i * (len(STEPS) - 1) / (count - 1))] for i in range(count))
