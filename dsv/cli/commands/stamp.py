"""`dsv stamp`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.text import visible
from dsv.cli.uses import named

if TYPE_CHECKING:
    from dsv.repository.running.stamps import Stamped


def stamp(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The directory of the model.")],
    refs: Annotated[list[str], typer.Argument(metavar="REF...", help="What it was made from, the main dataset first.")],
    run: Annotated[str, typer.Option("--run", metavar="ID", help="The run that made the model.")] = "",
) -> None:
    """Write beside a model which versions it was made from.

    The file dsv-stamp.json has dataset_name, dataset_version, dataset_checksum and training_timestamp, and of each
    dataset repository, commit and digests. dsv verify --stamp DIR holds it against them, years later.

    Example: dsv stamp models/lease leases@1.1.0
    """
    from dsv.operations.stamp import stamp as operation

    result = operation(directory, named(refs), run=run)
    show(result, _lines(result))


def _lines(result: Stamped) -> Iterator[str]:
    names = ", ".join(each.reference for each in result.stamp.datasets)
    yield bold(visible(result.file)) + visible(f": made from {names}")
    if result.before is not None:
        yield visible(f"it said {', '.join(each.reference for each in result.before.datasets)} before")
