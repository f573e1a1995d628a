"""The global options of one call, and what follows from them: where to look, how to speak."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from dsv.cli.text import visible

if TYPE_CHECKING:
    from dsv.model.executor import Executor
    from dsv.model.progress import Progress
    from dsv.repository import Repository
    from dsv.repository.consuming.consumer import Consumer

LOCK_TIMEOUT_SECONDS = 30.0
_READING = ("list", "log", "show", "diff", "search", "which", "lineage", "export")


@dataclass
class Session:
    """Filled by the parser, in whatever place on the line an option stands."""

    repo: str = "."
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    color: str = "auto"
    no_input: bool = False
    no_progress: bool = False
    lock_timeout: float = LOCK_TIMEOUT_SECONDS
    executor: Executor | None = None

    def open_to_read(self, *, root: str = "") -> Repository:
        """The repository that the command reads: a directory's, or the metadata of the one at a URL.

        `root` is the DVC root that a reference names, for one at a URL that has several.
        """
        if ":" in self.repo:
            from dsv.repository.elsewhere.visited import is_address, visit

            if is_address(self.repo):
                return self._visited(visit, root=root)
        return self.open()

    def open_to_compare(self, *, root: str = "", with_history: bool = False) -> Repository:
        """The same, where of a repository at a URL record indexes may come too, and single files.

        `with_history` where the index of what happened is asked too, which is made of all history.
        """
        if ":" in self.repo:
            from dsv.repository.elsewhere.visited import is_address

            if is_address(self.repo):
                from functools import partial

                from dsv.repository.elsewhere.clones import History
                from dsv.repository.obtaining.indexes import visit_to_compare

                history = History.WHOLE if with_history else History.NONE
                return self._visited(partial(visit_to_compare, history=history), root=root)
        return self.open()

    def _visited(self, visit: Callable[..., Repository], *, root: str) -> Repository:
        return visit(
            self.repo,
            root=root,
            lock_timeout=self.lock_timeout,
            tell=self.tell,
            progress=self.progress(),
            executor=self.chosen_executor,
        )

    def open(self) -> Repository:
        """The repository that the command works on; UsageError for one at a URL, which can only be read."""
        from dsv.repository import open_repository

        if ":" in self.repo:
            from dsv.errors import UsageError
            from dsv.model.secrecy import without_secrets_of_urls
            from dsv.repository.elsewhere.visited import is_address

            if is_address(self.repo):
                shown = without_secrets_of_urls(self.repo)
                raise UsageError(
                    f"{shown} can only be read: by {', '.join(_READING)} and sql",
                    hint="git clone it for anything else",
                )
        return open_repository(
            self.repo,
            lock_timeout=self.lock_timeout,
            tell=self.tell,
            progress=self.progress(),
            executor=self.chosen_executor,
        )

    def consumer(self) -> Consumer:
        """The project, with its dsv.lock, that the command works on."""
        from dsv.repository.consuming.consumer import find_consumer

        return find_consumer(self.repo, lock_timeout=self.lock_timeout, tell=self.tell, progress=self.progress())

    @property
    def chosen_executor(self) -> Executor:
        """Who reads files."""
        from dsv.model.executor import LOCAL

        return self.executor or LOCAL

    def tell(self, message: str) -> None:
        """One line on stderr, for people."""
        if not self.quiet:
            click.echo(f"dsv: {visible(message)}", err=True)

    def progress(self) -> Progress:
        """A bar on a terminal for what takes longer than a second, otherwise nothing."""
        from dsv.model.progress import unseen

        if self.no_progress or self.quiet or self.json or not sys.stderr.isatty():
            return unseen
        from dsv.cli.progress import ProgressBar

        return ProgressBar()

    @property
    def coloured(self) -> bool | None:
        """What click should do about colour: None lets it look at the terminal."""
        import os

        if self.color != "auto":
            return self.color == "always"
        return False if os.environ.get("NO_COLOR") else None


def current() -> Session:
    """The session of the command that is running."""
    return click.get_current_context().find_object(Session) or Session()


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """The options every command takes; before the command they are listed in the help, after it they just work."""
    flags = {
        "--json": "Print one JSON document on stdout.",
        "--quiet": "Say nothing but results and errors.",
        "--verbose": "Say more.",
        "--debug": "Show a traceback when dsv itself fails.",
        "--no-input": "Never ask.",
        "--no-progress": "Show no progress.",
    }
    short = {"--quiet": "-q", "--verbose": "-v"}
    version: dict[str, Any] = {
        "is_flag": True,
        "is_eager": True,
        "expose_value": False,
        "hidden": hidden,
        "callback": _print_version,
    }
    options: list[click.Parameter] = [
        click.Option(["--version", "print_version"], help="Print the version and leave.", **version),
        click.Option(
            ["--repo"],
            metavar="DIR",
            help="Work on the repository at DIR; read the one at a URL.",
            **_stored("repo", hidden),
        ),
    ]
    for flag, text in flags.items():
        names = [flag, *([short[flag]] if flag in short else [])]
        stored = _stored(flag[2:].replace("-", "_"), hidden)
        options.append(click.Option(names, is_flag=True, default=None, help=text, **stored))
    options.append(
        click.Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            help="When to use colour.",
            **_stored("color", hidden),
        )
    )
    options.append(
        click.Option(
            ["--lock-timeout"],
            type=click.FloatRange(min=0),
            metavar="SECONDS",
            help="How long to wait for another dsv.",
            **_stored("lock_timeout", hidden),
        )
    )
    options.append(
        click.Option(
            ["--executor"],
            metavar="WHERE",
            help="Who reads files: serial (one process), local (at most four), local:N, or dask://HOST:PORT.",
            **_stored("executor", hidden, read=_executor),
        )
    )
    return options


def _executor(text: str) -> Executor:
    from dsv.model.executor import Executor

    return Executor.parse(text)


def _print_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: ARG001 - click's form
    if value and not context.resilient_parsing:
        from dsv import __version__

        click.echo(f"dsv {__version__}")
        context.exit()


def _stored(name: str, hidden: bool, *, read: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    def store(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ARG001 - click's form
        if value is not None:
            setattr(context.ensure_object(Session), name, value if read is None else read(value))

    callback: Callable[..., None] = store
    return {"expose_value": False, "hidden": hidden, "callback": callback}
