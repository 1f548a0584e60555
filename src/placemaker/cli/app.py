"""The command ``placemaker`` itself: finds the command that was typed, and turns every ending into an exit code.

Exit codes: 0 clean, 1 findings of severity reject or error, 2 could not run. Commands are imported only when they are
typed, since a check of ten rows is to be over within a second.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from dataclasses import dataclass, field
from importlib import import_module

import click

from placemaker.cli.mishap import write_log
from placemaker.lake.errors import Refusal

CLEAN, FINDINGS, COULD_NOT_RUN = 0, 1, 2

#: command -> the module it is in, in the order in which a landlord meets them
COMMANDS = {
    "demo": "demo",
    "init": "workspace",
    "map": "load",
    "check": "check",
    "explain": "explain",
    "forms": "forms",
    "load": "load",
    "loads": "workspace",
    "undo": "workspace",
    "show": "workspace",
    "clocks": "clocks",
    "totals": "finance",
    "quality": "finance",
    "pack": "pack",
    "place": "place",
    "profile": "profile",
    "publish": "workspace",
    "standard": "standard",
}


@dataclass
class Session:
    """What one run of a command knows about itself."""

    debug: bool = False
    kept: list[str] = field(default_factory=list)  #: what a Ctrl-C from now on leaves behind


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return getattr(import_module(f"placemaker.cli.{COMMANDS[name]}"), f"{name}_command")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="placemaker", prog_name="placemaker")
@click.option("--debug", is_flag=True, envvar="PLACEMAKER_DEBUG", help="Show the whole traceback when something fails.")
@click.pass_obj
def placemaker(session: Session, debug: bool) -> None:
    """From a landlord's own records to one housing data standard and a profile of every neighbourhood.

    \b
    See it work on a made-up borough:
      placemaker demo
    With your own files:
      placemaker init ours --name "Our Homes" --organisation OURS
      placemaker map homes.csv --as home --out homes.yaml
      placemaker check homes.csv --mapping homes.yaml
      placemaker load homes.csv --mapping homes.yaml --workspace ours --full
      placemaker profile --workspace ours --neighbourhood-column patch --out reports
    With nothing but a column of postcodes:
      placemaker profile --postcodes homes.csv --pack england --out report

    Exit codes: 0 clean, 1 findings of severity reject or error, 2 could not run.
    """
    session.debug = debug


def run(arguments: list[str] | None = None) -> int:
    """The exit code of a command, with one plain message on standard error where it could not run."""
    session = Session()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill is a Ctrl-C
    try:
        return placemaker.main(arguments, prog_name="placemaker", standalone_mode=False, obj=session) or CLEAN
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.UsageError as mistake:
        mistake.show()
    except click.ClickException as mistake:
        click.echo(mistake.format_message(), err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\n" + stopped(session), err=True)
    except Refusal as refusal:
        click.echo(stopped(session) if was_stopped(refusal) else str(refusal), err=True)
    except BrokenPipeError:  # the reader of our output has gone, as in `placemaker show home | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as failure:
        if session.debug:
            raise
        click.echo(explain(failure, session), err=True)
    return COULD_NOT_RUN


def kept(what: str) -> None:
    """Tell that something is now kept, so that a Ctrl-C after it does not say that nothing was changed."""
    click.get_current_context().find_object(Session).kept.append(what)


def was_stopped(failure: BaseException | None) -> bool:
    """Whether a Ctrl-C is behind a failure: the engine turns it into an error of its own."""
    while failure is not None:
        if isinstance(failure, KeyboardInterrupt) or type(failure).__name__ == "InterruptException":
            return True
        failure = failure.__cause__ or failure.__context__
    return False


def stopped(session: Session) -> str:
    """What to say when the person stopped the command."""
    return (
        f"Stopped. Already done and kept: {'; '.join(session.kept)}."
        if session.kept
        else "Stopped. Nothing was changed."
    )


def explain(failure: Exception, session: Session) -> str:
    """A plain message for a failure nobody foresaw, with none of the data in it."""
    kind = type(failure).__name__
    if was_stopped(failure):
        return stopped(session)
    if isinstance(failure, OSError) and failure.errno == errno.ENOSPC:
        return "The disk is full. Nothing was changed. Free some space and run the same command again."
    log = write_log(failure)
    where = f"Where in the code, with none of your data, is in {log}." if log else "Run it with --debug to see more."
    done = f" Already done and kept: {'; '.join(session.kept)}." if session.kept else ""
    return f"Placemaker could not finish: a mistake in Placemaker itself ({kind}).{done} {where}"
