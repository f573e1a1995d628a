"""`dsv init`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.errors import UsageError


def init(
    git: Annotated[bool, typer.Option("--git", help="Make a git repository first, where there is none.")] = False,
    ci: Annotated[str, typer.Option("--ci", metavar="github", help="Add a workflow that checks the manifests.")] = "",
    manifests: Annotated[
        str | None, typer.Option("--manifests", metavar="DIR", help="Where the manifests go; else manifests.")
    ] = None,
    no_commit: Annotated[bool, typer.Option("--no-commit", help="Write the files; leave the commit to you.")] = False,
) -> None:
    """Make this git repository ready for datasets.

    Sets up DVC and dsv.yaml, and commits both. Run again, it completes what is missing.

    Example: dsv init --git --ci github
    """
    from dsv.operations.init import Ci, init

    try:
        service = Ci(ci) if ci else None
    except ValueError:
        raise UsageError(f"--ci knows github, not {ci!a}") from None
    session = current()
    result = init(session.repo, make_git=git, ci=service, manifests=manifests, commit=not no_commit, tell=session.tell)
    lines = [f"created  {path}" for path in result.created] or ["nothing was missing"]
    if result.commit:
        lines.append("committed; dsv add PATH releases a first dataset")
    show(result, lines)
