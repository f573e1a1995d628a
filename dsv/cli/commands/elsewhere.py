"""`dsv index add`, `dsv index list`, `dsv index refresh`, `dsv index remove`: other repositories in this index."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible

if TYPE_CHECKING:
    from dsv.operations.elsewhere import OtherRepositories, OtherRepository


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where git finds it: a URL, HOST:PATH, or a directory.")],
    name: Annotated[
        str, typer.Option("--name", metavar="N", help="What to call it here; the last part of its address otherwise.")
    ] = "",
    root: Annotated[
        str, typer.Option("--root", metavar="DIR", help="Its DVC root, where it has several: a path from git's root.")
    ] = "",
) -> None:
    """Index another repository: lists then span it.

    Only metadata comes: commits, and the manifests among the files, no data. Everything answers from what was read;
    dsv index refresh reads what has moved since. Credentials are git's: a helper, or an SSH key.

    Example: dsv index add https://git.example/team/leases.git
    """
    from dsv.operations.elsewhere import index_add

    result = index_add(current().open(), url, directory=os.getcwd(), name=name, root=root)
    holds = f"{count(result.versions, 'version')} of {count(result.datasets, 'dataset')}"
    show(result, [f"{result.name} is indexed: {holds} from {visible(result.url)}", *_without_history(result)])


def list_repositories() -> None:
    """The other repositories in this index, and as of when.

    Example: dsv index list
    """
    from dsv.operations.elsewhere import index_list

    _show(index_list(current().open()))


def refresh(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Those to ask; all otherwise.")] = None,
) -> None:
    """Ask other repositories what has moved there.

    One that does not answer stays as it was read last, and is the error in the end; the others are refreshed first.

    Example: dsv index refresh
    """
    from dsv.operations.elsewhere import index_refresh

    _show(index_refresh(current().open(), *(names or ())))


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called here.")],
) -> None:
    """Let go of another repository; nothing happens to it there.

    Example: dsv index remove leases
    """
    from dsv.operations.elsewhere import index_remove

    result = index_remove(current().open(), name)
    show(result, [f"{result.name} ({visible(result.url)}) is not indexed any more"])


def _show(result: OtherRepositories) -> None:
    rows = [
        [
            each.name,
            number(each.datasets) if each.refreshed_at else "",
            number(each.versions) if each.refreshed_at else "",
            each.refreshed_at.replace("T", " ").rstrip("Z") if each.refreshed_at else "never read",
            "" if each.moved is None else "moved" if each.moved else "nothing new",
            f"{each.url}{f' in {each.root}' if each.root else ''}",
        ]
        for each in result.repositories
    ]
    lines = table(["repository", "datasets", "versions", "as of (UTC)", "", "url"], rows, right=[1, 2])
    show(result, lines if rows else ["no other repository is indexed; dsv index add URL adds one"])


def _without_history(result: OtherRepository) -> list[str]:
    if result.history:
        return []
    return ["its server leaves no files out, so only what branches and tags are at was read, not how that came"]
