"""What every test may ask for."""

import os
import shutil
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


@pytest.fixture(scope="session")
def spark():
    """A small and quiet Spark in this process; all tests that ask for it stand in the xdist group ``spark``."""
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: install openjdk-17-jre-headless")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "2g",
        # A short life: time goes into planning many small queries once, not into running one of them long.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
    }
    builder = sql.SparkSession.builder.master("local[2]").appName("placemaker-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
