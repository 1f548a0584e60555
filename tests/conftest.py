"""What every test may ask for."""

import os
import sys
from pathlib import Path

import pytest

# Examples that several folders of tests share stand beside this file.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data; the test is skipped where it is absent."""
    folder = Path(os.environ.get("PLACEMAKER_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "indicators").is_dir():
        pytest.skip(f"the real open data is not in {folder.name!r} (set PLACEMAKER_SHARED_DATA to its folder)")
    return folder
