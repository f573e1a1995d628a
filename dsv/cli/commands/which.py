"""`dsv which`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible
from dsv.cli.uses import RUNS, more_runs
from dsv.errors import NoRecordError, UsageError

if TYPE_CHECKING:
    from dsv.operations.which import Holder, Which

_PLACES_SHOWN = 5
_OPTIONS = "--record, --file, --id, --text or --sha256"


def which(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Datasets to look in; all of them without one.")
    ] = None,
    record: Annotated[str | None, typer.Option("--record", metavar="JSON", help="A record, as JSON.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="F", help="Every record of this file, which may lie anywhere.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--id", metavar="KEY", help="The record with this key; of several fields, a JSON list."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="STRING", help="The record that is exactly this string.")
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option("--sha256", metavar="HEX", help="A data file, by 8 or more digits of its SHA-256."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="List at most N places of a version; else 100.")
    ] = None,
) -> int:
    """Which versions hold a record, a key or a file.

    Needs no data: record indexes are searched, those in the cache too. What is not here is named; dsv fetch
    --index brings it. Leaves with 10 when nothing was found.

    Example: dsv which --id lease-00042
    """
    from dsv.operations.which import PLACES, By, which

    given = {By.RECORD: record, By.FILE: file, By.ID: key, By.TEXT: text, By.SHA256: sha256}
    asked = [(by, subject) for by, subject in given.items() if subject is not None]
    if len(asked) != 1:
        said = "several things are" if asked else "nothing is"
        raise UsageError(f"{said} asked for", hint=f"give one of {_OPTIONS}")
    [(by, subject)] = asked
    repository = current().open_to_compare(with_history=True)
    result = which(repository, by, subject, names=names or (), limit=limit or PLACES)
    show(result, _lines(result, afar=not repository.git.has_work_tree))
    return 0 if result.found else NoRecordError.code


def _lines(result: Which, *, afar: bool) -> Iterator[str]:
    if not result.found:
        yield f"not found in {count(len(result.searched), 'version')}"
    else:
        yield from _places(result)
        yield from _runs(result)
    if result.unsearched:
        yield ""
        yield "not searched, for their record indexes are not here:"
        yield from (f"  {each}" for each in _ranges(result.unsearched))
        if afar:
            yield "name a dataset, and its record indexes are brought as far as its remotes have them"
        elif not all("::" in each for each in result.unsearched):
            yield "dsv fetch --index --all brings them"


@dataclass(frozen=True)
class _Line:
    """A place with the versions, newest first and none left out between them, that have it."""

    versions: tuple[str, ...]
    cells: tuple[str, ...]


def _places(result: Which) -> Iterator[str]:
    """A row for each place, and one for a run of versions that have it alike."""
    several = result.things > 1
    order = {name: at for at, name in enumerate(result.searched)}
    lines: list[_Line] = []
    grown: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for holder in result.holders:
        for cells in _cells(holder, things=result.things if several else 0):
            at = grown.get((holder.repository, holder.dataset, cells))
            before = lines[at].versions[-1] if at is not None else ""
            if at is not None and order[holder.reference] - order[before] == 1:
                lines[at] = _Line((*lines[at].versions, holder.reference), cells)
            else:
                grown[holder.repository, holder.dataset, cells] = len(lines)
                lines.append(_Line((holder.reference,), cells))
    rows = [[*_span(line.versions), *line.cells] for line in lines]
    yield from table(["dataset", "version", "records", "split", "place"], rows)


def _cells(holder: Holder, *, things: int) -> Iterator[tuple[str, ...]]:
    """For each place of a version: how many of several records it has, the split, and file:row."""
    held = f"{number(holder.things)} of {number(things)}" if things else ""
    shown = holder.first[:_PLACES_SHOWN]
    for place in shown:
        row = "" if place.row is None else f":{place.row}"
        yield held, place.split or "", f"{place.file}{row}"
        held = ""
    if holder.places > len(shown):
        yield "", "", f"and {count(holder.places - len(shown), 'more place')}"


def _runs(result: Which) -> Iterator[str]:
    if result.runs:
        yield ""
        yield from table(
            ["run", "version", "date"], [[run.id, run.reference, run.at[:10]] for run in result.runs[:RUNS]]
        )
        yield from more_runs(len(result.runs))


def _ranges(references: Sequence[str]) -> Iterator[str]:
    """The references of each dataset on one line, the ends alone where they are many."""
    by_dataset: dict[str, list[str]] = {}
    for each in references:
        by_dataset.setdefault(each.partition("@")[0], []).append(each)
    for several in by_dataset.values():
        dataset, versions = _span(several)
        yield visible(f"{dataset} {versions}")


def _span(references: Sequence[str]) -> tuple[str, str]:
    """The dataset, and its oldest and newest of these versions, which are given newest first."""
    dataset, _, newest = references[0].partition("@")
    oldest = references[-1].partition("@")[2]
    return dataset, newest if len(references) == 1 else f"{oldest} to {newest} ({number(len(references))} versions)"
