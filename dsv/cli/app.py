"""The `dsv` command: its parts, and how its errors leave it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, TextIO, cast

import click
import typer
from typer.core import TyperCommand, TyperGroup

from dsv.cli.options import EXAMPLES
from dsv.cli.output import print_document
from dsv.cli.session import Session, global_options
from dsv.cli.text import visible
from dsv.errors import DiskError, DsvError, InterruptedByUserError, UsageError

_ORDER = (
    "init", "add", "status", "bump", "diff", "log", "list", "show",
    "checkout", "rollback", "tag",
    "deprecate", "yank", "archive", "remove", "restore", "promote", "demote", "move", "rename", "undo",
    "check", "verify", "doctor", "gc", "merge", "push", "pull", "fetch", "remote",
    "get", "pin", "sync", "cache",
    "search", "which", "lineage", "run", "stamp", "import", "quality", "index", "sql", "export", "report", "site",
)  # fmt: skip


_HELP = """Releases for datasets: dsv knows which records changed, so it knows the next version number.

A first session:

\b
  dsv init
  dsv add data/leases --key doc_id
  dsv status
  dsv bump leases -m "Added 2,000 retail leases"
"""
_EXAMPLE = re.compile(r"^Example: (?=\S)", re.MULTILINE)
_NUMBERS = {"--records": str(EXAMPLES)}
_MAYBE_A_NAME = "[NAME]"
_EPILOG = "Global options such as --json may stand here too: dsv --help lists them."


class Command(TyperCommand):
    """A command that also takes the global options behind its name; its example stands on a line of its own."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.help = _EXAMPLE.sub("\b\nExample:\n  ", self.help or "")
        self.epilog = _EPILOG
        own = {name for parameter in self.params for name in parameter.opts}
        self.params += [option for option in global_options(hidden=True) if own.isdisjoint(option.opts)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments that are left over; an option that may stand without its number or name gets it here."""
        if not ctx.allow_interspersed_args:  # what stands behind the options is for another program
            return super().parse_args(ctx, args)
        named = {name for each in self.params if _may_lack_name(each) for name in each.opts}
        return super().parse_args(ctx, _with_values(args, named=named))

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns; Typer would leave without a word when it is interrupted."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _known(error) from error


def _may_lack_name(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and parameter.metavar == _MAYBE_A_NAME


def _with_values(arguments: Sequence[str], *, named: Collection[str]) -> list[str]:
    """The arguments, with its usual number behind each option that stands without one, and no name likewise.

    What stands behind an option of the `named` ones is its name, unless it is an option or a version.
    """
    found: list[str] = []
    for at, argument in enumerate(arguments):
        found.append(argument)
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        if argument in _NUMBERS and not following.lstrip("-").isdecimal():
            found.append(_NUMBERS[argument])
        elif argument in named and (not following or following.startswith("-") or "@" in following or ":" in following):
            found.append("")
    return found


class Subgroup(TyperGroup):
    """Commands below a command, with the global options before them too."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.params += global_options(hidden=True)


class Group(TyperGroup):
    """Commands in the order in which people meet them, with the global options before them."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.params += global_options(hidden=False)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """The names, everyday work first."""
        # not what Typer does, which asks for each command too: completion of a word needs the names only
        return sorted(self.commands, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


def root(context: typer.Context) -> None:
    """The options of dsv itself."""
    context.ensure_object(Session)


class BuiltOnDemand(Mapping[str, click.Command]):
    """Commands by name, each built when it is asked for: a call needs one, and building all takes longer than that."""

    def __init__(self, makers: Mapping[str, Callable[[], click.Command]]) -> None:
        self._makers = makers
        self._built: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        """The command of this name."""
        if name not in self._built:
            self._built[name] = self._makers[name]()
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._makers)

    def __len__(self) -> int:
        """How many there are, built or not."""
        return len(self._makers)


@cache
def build() -> Group:
    """The application with every command."""
    from dsv.cli import commands

    app = _application(cls=Group, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
    app.callback(help=_HELP)(root)
    group = cast("Group", typer.main.get_command(app))
    makers: dict[str, Callable[[], click.Command]] = {
        name: partial(_command, name, place, hidden=name in commands.HIDDEN)
        for name, place in commands.COMMANDS.items()
    }
    makers |= {name: partial(_subgroup, name, below) for name, below in commands.GROUPS.items()}
    group.commands = BuiltOnDemand(makers)  # type: ignore[assignment] # nobody adds to them
    return group


def _application(**settings: Any) -> typer.Typer:
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, **settings)


def _command(name: str, place: str, *, hidden: bool) -> click.Command:
    from dsv.cli.commands import load

    app = _application(add_completion=False)
    app.command(name, cls=Command, hidden=hidden)(load(place))
    return typer.main.get_command(app)


def _subgroup(name: str, places: Mapping[str, str]) -> click.Command:
    from dsv.cli import commands

    app = _application(
        add_completion=False, name=name, cls=Subgroup, no_args_is_help=True, help=commands.GROUP_HELP[name]
    )
    for below, place in places.items():
        settings = {"allow_interspersed_args": f"{name} {below}" not in commands.PASSING_ON}
        app.command(below, cls=Command, context_settings=settings)(commands.load(place))
    return typer.main.get_group(app)


def run(arguments: Sequence[str]) -> int:
    """The exit code of one call; everything it has to say is written to stdout and stderr."""
    session = Session()
    try:
        result = build().main(args=list(arguments), prog_name="dsv", standalone_mode=False, obj=session)
        sys.stdout.flush()
    except BrokenPipeError:
        return _output_closed(sys.stdout)
    except SystemExit as error:
        # click makes this of a closed pipe that it met itself.
        if isinstance(error.__context__, BrokenPipeError):
            return _output_closed(sys.stdout)
        raise
    except (Exception, KeyboardInterrupt) as error:
        known = _known(error)
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and not _wants_json(session, arguments):
            error.show()
            return known.code
        if session.debug and known.kind == DsvError.kind:
            raise
        try:
            _fail(known, session, arguments)
        except OSError:  # nobody reads the errors either
            _output_closed(sys.stdout, sys.stderr)
        return known.code
    return result if isinstance(result, int) else 0


def _output_closed(*streams: TextIO) -> int:
    """0: whoever read our output has seen enough; the interpreter must not stumble over the closed pipe at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
    return 0


def _known(error: BaseException) -> DsvError:
    """The error as one of dsv's; what nobody foresaw is a bug."""
    if isinstance(error, DsvError):
        return error
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return InterruptedByUserError(
            "interrupted", hint="what was begun is undone or finished by the next command; dsv status shows the state"
        )
    if isinstance(error, MemoryError):
        return DiskError("out of memory", hint="close other programs, or use a machine with more")
    if isinstance(error, OSError):
        named = error.filename or "a file could not be read or written"
        return DiskError(f"{named}: {error.strerror or error}", hint="look at permissions and free space")
    return DsvError(f"a bug in dsv: {type(error).__name__}: {error}", hint="please report it, with what --debug prints")


def _usage(error: click.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "dsv"
    if isinstance(error, click.NoSuchOption):
        near = f"did you mean {' or '.join(sorted(error.possibilities))}? " if error.possibilities else ""
        return UsageError(f"there is no option {error.option_name}", hint=f"{near}see {path} --help")
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return UsageError("Missing command", hint=f"see {path} --help")
    return UsageError(error.format_message().replace("\n", " ").rstrip("."), hint=f"see {path} --help")


def _wants_json(session: Session, arguments: Sequence[str]) -> bool:
    """Whether --json stands on the line; the parser may have stopped before it."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return session.json or "--json" in own


def _fail(error: DsvError, session: Session, arguments: Sequence[str]) -> None:
    if _wants_json(session, arguments):
        print_document(error.document())
        return
    style: Callable[..., str] = click.style
    said = f"{error.headline}:" if error.places else error.message
    click.echo(f"{style('error:', fg='red')} {visible(said)}", err=True, color=session.coloured)
    for place in error.places:
        click.echo(f"  {visible(place)}", err=True)
    if error.hint:
        click.echo(f"{style('hint:', fg='cyan')} {visible(error.hint)}", err=True, color=session.coloured)
