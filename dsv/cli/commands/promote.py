"""`dsv promote` and `dsv demote`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.options import reference
from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import visible

if TYPE_CHECKING:
    from dsv.repository.known.events import Recorded

Stage = Annotated[str, typer.Argument(metavar="STAGE", help="One of dsv.yaml's, usually dev, staging or prod.")]
Why = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why.")]


def promote(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The version; a name alone is its latest.")],
    stage: Stage,
    reason: Why = "",
) -> None:
    """Let a stage point to a version, as leases@prod.

    The version that it pointed to before is it no more. A tag tells GTO and `dvc artifacts get --stage` the same.

    Example: dsv promote leases@1.1.0 prod
    """
    from dsv.operations.promote import promote

    result = promote(current().open(), reference(ref), stage, reason=reason)
    version = f"{result.event.dataset} {result.event.version}"
    show(result, [f"{bold(stage)} is {version}", *_lines(result)])


def demote(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The dataset, or the version that the stage points to.")],
    stage: Stage,
    reason: Why = "",
) -> None:
    """Let a stage point to no version any more.

    Example: dsv demote leases prod
    """
    from dsv.model.subject import parse_subject
    from dsv.operations.promote import demote

    result = demote(current().open(), parse_subject(ref), stage, reason=reason)
    show(result, [f"{bold(stage)} is no version of {result.event.dataset} any more", *_lines(result)])


def _lines(result: Recorded) -> Iterator[str]:
    yield f"event {result.event.file} in commit {result.commit[:10]}"
    for tag in result.tags:
        yield f"tag {visible(tag)}"
