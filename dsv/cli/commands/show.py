"""`dsv show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli import output
from dsv.cli.options import reference
from dsv.cli.session import current
from dsv.cli.text import event_lines, visible

if TYPE_CHECKING:
    from dsv.operations.show import Shown


def show(ref: Annotated[str, typer.Argument(metavar="REF", help="A version; a name alone is its latest.")]) -> None:
    """The manifest of a version, and what became of it.

    Example: dsv show leases@1.0.0
    """
    from dsv.operations.show import show

    named = reference(ref)
    result = show(current().open_to_read(root=named.prefix), named)
    output.show(result, _lines(result))


def _lines(result: Shown) -> Iterator[str]:
    yield output.bold(f"{result.manifest.dataset} {result.manifest.version}") + f"  {result.status.value}"
    if result.cause:
        yield f"{result.status.value}: {visible(result.cause.told)}"
    if result.stages:
        yield f"stage {', '.join(result.stages)}"
    if result.git_tag:
        yield f"tag {visible(result.git_tag)}"
    yield ""
    yield from (visible(line) for line in result.text.splitlines() if not line.startswith("#"))
    if result.events:
        yield ""
        yield from event_lines(result.events)
