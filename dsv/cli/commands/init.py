"""`dsv init`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli import options
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.errors import UsageError


def init(
    git: Annotated[bool, typer.Option("--git", help="Make a git repository first, where there is none.")] = False,
    ci: Annotated[
        str, typer.Option("--ci", metavar="github|gitlab", help="Add pipelines that review, release and verify.")
    ] = "",
    manifests: Annotated[
        str | None, typer.Option("--manifests", metavar="DIR", help="Where the manifests go; else manifests.")
    ] = None,
    merge_driver: Annotated[
        bool, typer.Option("--merge-driver", help="Have git merge the data of datasets record by record.")
    ] = False,
    hooks: Annotated[
        bool, typer.Option("--hooks", help="Let git check the manifests before each commit of anybody's.")
    ] = False,
    no_verify: options.NoVerify = False,
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
        raise UsageError(f"--ci knows {' and '.join(each.value for each in Ci)}, not {ci!a}") from None
    session = current()
    result = init(
        session.repo,
        make_git=git,
        ci=service,
        manifests=manifests,
        commit=not no_commit,
        merge_driver=merge_driver,
        install=hooks,
        hooks=options.hooks(no_verify=no_verify),
        tell=session.tell,
    )
    lines = [f"created  {path}" for path in result.created] or ["nothing was missing"]
    if merge_driver:
        lines.append("git merges the data of datasets by record; each clone runs this once, or dsv doctor --fix")
    if result.commit:
        lines.append("committed; dsv add PATH releases a first dataset")
    show(result, lines)
