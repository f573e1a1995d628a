"""`dsv comment`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.text import visible
from dsv.errors import NoPathError


def comment(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A report in Markdown; - reads standard input.")],
    number: Annotated[
        int | None, typer.Option("--number", metavar="N", help="Another pull request than the one of this run.")
    ] = None,
) -> None:
    """Put a report on the pull request that CI runs for.

    On GitHub and GitLab, with GITHUB_TOKEN or GITLAB_TOKEN. There is one comment, however often it runs: the one of
    the run before gets the new text.

    Example: dsv comment review.md
    """
    from dsv.operations.comment import comment

    result = comment(_text(file), environment=os.environ, number=number)
    show(
        result,
        [f"{'renewed' if result.renewed else 'commented on'} {visible(result.pull_request)}: {visible(result.url)}"],
    )


def _text(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read()
        with open(file, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise NoPathError(f"{file!a} cannot be read: {reason}", hint="dsv check --report writes such a file") from None
