"""`dsv push`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, size, visible


def push(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Datasets; all of them without a name.")
    ] = None,
    remote: Annotated[
        str, typer.Option("--remote", metavar="R", help="The DVC remote for the data; else the default one.")
    ] = "",
    git_remote: Annotated[
        str,
        typer.Option("--git-remote", metavar="G", help="The git remote; else release.remote of dsv.yaml, or origin."),
    ] = "",
    branch: Annotated[
        str, typer.Option("--branch", metavar="B", help="The branch there that HEAD goes to; else the same name.")
    ] = "",
    tags_only: Annotated[
        bool, typer.Option("--tags-only", help="No branch; tags of versions that the branch there holds already.")
    ] = False,
) -> None:
    """Publish versions: their data first, then branch and tags.

    Every object of every version is asked for on the remote and sent where it lacks; only then do the branch and the
    release tags follow, all or nothing. Interrupted, it goes on where it was.

    Example: dsv push leases
    """
    from dsv.operations.push import Refs, Where, push

    session = current()
    if session.no_input:
        os.environ["GIT_TERMINAL_PROMPT"] = "0"
    result = push(
        session.open(),
        *(names or ()),
        where=Where(remote, git_remote, branch),
        refs=Refs.TAGS if tags_only else Refs.BRANCH_AND_TAGS,
    )
    sent, lines = result.sent, []
    if result.remote:
        news = f"{count(sent.objects, 'new object')}, {size(sent.bytes)}" if sent.objects else "nothing new"
        lines.append(f"{visible(result.remote)}: {news}; {count(sent.confirmed, 'object')} confirmed")
    for other in result.others:
        news = f"{count(other.sent.objects, 'new object')}; {count(other.sent.confirmed, 'object')} confirmed"
        lines.append(f"{visible(other.remote)} of {visible(other.root)}: {news}")
    if result.branch:
        was = "" if result.moved else ", where it was"
        lines.append(f"{visible(result.git_remote)}: branch {visible(result.branch)}{was}")
    lines += [f"{visible(result.git_remote)}: tag {visible(tag)}" for tag in result.tags]
    if not result.branch and not result.tags:
        lines.append(f"{visible(result.git_remote)}: no tag was missing there")
    lines += [f"left here: tag {visible(tag)}, whose commit is on no branch there" for tag in result.left_out]
    show(result, lines)
