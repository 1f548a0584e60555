"""``placemaker demo``: the whole job on a made-up borough, typed as a person would type it."""

from __future__ import annotations

import csv
import io
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import click

from placemaker.cli import options
from placemaker.cli.app import COULD_NOT_RUN, kept, run
from placemaker.cli.check import severities
from placemaker.cli.screen import Progress

#: Left in the folder of a demo, so that only a demo is ever replaced by a demo.
MARK = ".placemaker-demo"


@click.command("demo", short_help="See the whole job on a made-up borough.")
@click.option("--homes", type=click.IntRange(200), default=12_000, show_default=True, help="How many homes.")
@click.option("--seed", type=int, default=2026, show_default=True, help="Another number makes another borough.")
@click.option("--out", type=options.A_FOLDER, default=Path("placemaker-demo"), show_default=True, help="The folder.")
def demo_command(homes: int, seed: int, out: Path) -> int:
    """Make a borough, its landlord and their messy files, and run the whole job on them.

    Everything is made up. Each step is shown as the command that you would type yourself.

    \b
    Examples:
      placemaker demo
      placemaker demo --homes 100000 --out large
    """
    began = time.monotonic()
    click.echo("Everything here is made up: the borough of Hollowbrook, its landlord and everybody in it.\n")
    make_files(out, homes, seed)
    demo = Demo(out)
    with environment(PLACEMAKER_HOME=out / "home", PLACEMAKER_WORKSPACE=demo.workspace):
        for words, command in demo.steps():
            if words:
                click.echo(click.style(f"\n{words}", bold=True))
            if demo.type(command) == COULD_NOT_RUN:
                return COULD_NOT_RUN
    click.echo(demo.summary(time.monotonic() - began))
    return 0


def make_files(out: Path, homes: int, seed: int) -> None:
    """Write the borough's files to ``out``, in place of an earlier demo there."""
    from placemaker.demo import make
    from placemaker.lake import Refusal

    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise Refusal("The folder holds something that is no demo.", str(out), "Give --out another folder.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()
    with Progress("Making the borough and its landlord's files") as progress:
        make(out, homes=homes, seed=seed, progress=progress)


@contextmanager
def environment(**settings: Path) -> Iterator[None]:
    """Set what a person would export in a shell, and leave the person's own settings as they were."""
    before = {name: os.environ.get(name) for name in settings}
    for name, folder in settings.items():
        os.environ[name] = str(folder)
        click.echo(f"$ export {name}={shlex.quote(str(folder))}")
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Tee(io.TextIOBase):
    """What is written goes to the screen and is kept."""

    def __init__(self, screen: io.TextIOBase) -> None:
        self.screen, self.kept = screen, io.StringIO()

    def write(self, text: str) -> int:
        self.screen.write(text)
        return self.kept.write(text)

    def flush(self) -> None:
        self.screen.flush()


@dataclass
class Demo:
    """The folder of a demo, the commands that are typed in it, and what each said."""

    out: Path
    said: dict[str, str] = field(default_factory=dict)  #: the output of the last command of each name

    def steps(self) -> Iterator[tuple[str, list[str]]]:
        """(words, command) in the order in which a landlord would type them."""
        from placemaker.demo.lettings import AS_AT
        from placemaker.demo.make import ORDER

        day = str(AS_AT)
        out = self.out
        landlord = ["--name", "Hollowbrook Homes", "--organisation", "HBH"]
        settings = ["--set", "pack=hollowbrook", "--set", f"as_at={day}", "--set", "made_up=true"]
        yield "A workspace for the landlord", ["init", str(self.workspace), *landlord, *settings]
        pack, recipe = str(out / "pack"), str(out / "place" / "recipe.yaml")
        yield "The borough as a place pack", ["pack", "build", str(out / "place"), "--recipe", recipe, "--out", pack]
        yield "", ["pack", "install", pack]
        words = "What the landlord's systems exported, messy as it is, into the lake"
        for name in ORDER:
            export = next((out / "exports").glob(f"{name}.*"))
            mapping = ["--mapping", str(out / "mappings" / f"{name}.yaml")]
            yield words, ["load", str(export), *mapping, "--full", "--today", day]
            words = ""
        yield "What was loaded", ["loads"]
        yield "Does it agree with finance?", ["totals", str(out / "finance" / "control_totals.yaml")]
        yield "Every home in its area", ["place", "--unplaced", str(out / "unplaced.csv")]
        reports = ["--out", str(out / "reports")]
        yield "Neighbourhoods: two patches and a place that somebody drew", ["profile", *self.patches(), *reports]
        drawn = ["--polygon", str(out / "neighbourhoods" / "drawn.geojson")]
        yield "", ["profile", *drawn, *reports]
        yield "Faults for the owner of each export", ["quality", "--out", str(out / "quality")]
        yield "The lake as a Data Package for others", ["publish", str(out / "published")]

    @property
    def workspace(self) -> Path:
        """The landlord's workspace."""
        return self.out / "hollowbrook"

    def patches(self) -> list[str]:
        """Two of the landlord's patches, as options."""
        with (self.out / "neighbourhoods" / "patches.csv").open(encoding="utf-8") as file:
            names = sorted({row["name"] for row in csv.DictReader(file)})
        return ["--neighbourhood-column", "patch", *(word for name in names[:2] for word in ("--only", name))]

    def type(self, command: list[str]) -> int:
        """Run one command as the shell would, show it, and keep what it said; its exit code."""
        click.echo(f"$ placemaker {shlex.join(command)}")
        tee = Tee(sys.stdout)
        with redirect_stdout(tee):
            code = run(command)
        self.said[command[0]] = tee.kept.getvalue()
        if code != COULD_NOT_RUN:
            kept(f"the demo up to placemaker {command[0]} in {self.out}")
        return code

    def summary(self, seconds: float) -> str:
        """What the demo came to, and where to look."""
        from placemaker.lake import Workspace

        found: dict[str, int] = {}
        for record in Workspace.open(self.workspace).loads():
            for severity, count in record.findings.items():
                found[severity] = found.get(severity, 0) + count
        reports = sorted((self.out / "reports").glob("*.*"), key=lambda file: (file.stem, file.suffix))
        lines = [
            "",
            click.style("The whole job", bold=True) + f" took {seconds:.0f} seconds.",
            f"  Finance      {first_line(self.said['totals'])}",
            f"  Homes        {first_line(self.said['place'])}",
            f"  Findings     {severities(found)}",
            "  Profiles     open one and choose any number in it:",
            *(f"               {file}" for file in reports),
        ]
        return "\n".join(lines)


def first_line(text: str) -> str:
    """The first line of what a command said, which sums it up."""
    return text.strip().split("\n")[0]
