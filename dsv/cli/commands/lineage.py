"""`dsv lineage`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.forms import chosen_form
from dsv.cli.output import bold, print_text, show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible
from dsv.cli.uses import RUNS, more_runs
from dsv.errors import UsageError
from dsv.model.source import PREVIOUS

if TYPE_CHECKING:
    from dsv.model.lineage import Statistics
    from dsv.operations.lineage import Impact, Traced


class Form(Enum):
    """How a lineage is written."""

    TREE = "tree"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def lineage(
    ref: Annotated[str, typer.Argument(metavar="REF", help="A version, or a dataset's name for its latest one.")],
    up: Annotated[bool, typer.Option("--up", help="Only what it was made from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what was made from it.")] = False,
    depth: Annotated[int | None, typer.Option("--depth", metavar="N", min=1, help="At most N steps away.")] = None,
    form: Annotated[
        str, typer.Option("--as", metavar="tree|mermaid|dot|json", help="How to write it.", show_default=False)
    ] = "",
    stats: Annotated[bool, typer.Option("--stats", help="Only numbers: versions, depth, relations, records.")] = False,
    impact: Annotated[
        bool, typer.Option("--impact", help="Every version that descends from it, and every run that used one.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also versions that are only on other branches.")] = False,
) -> None:
    """What a version was made from, and what was made from it.

    Versions of another repository are written REPOSITORY::NAME@VERSION, the repository being an address or the name
    under which it was added.

    Example: dsv lineage leases@1.2.0 --up
    """
    from dsv.model.lineage import BOTH, Direction
    from dsv.model.source import parse_located
    from dsv.operations import lineage as operation

    chosen = chosen_form(Form, form)
    if (stats or impact) and chosen not in (Form.TREE, Form.JSON):
        raise UsageError(f"--as {chosen.value} draws versions", hint="leave out --stats and --impact, or --as")
    if impact and (up or stats):
        raise UsageError(
            f"--impact lists what descends from the version, so {'--up' if up else '--stats'} has no say",
            hint="leave one of them out",
        )
    reference, repository = parse_located(ref), current().open_to_read()
    if impact:
        found = operation.impact(repository, reference, depth=depth, everything=everything)
        show(found, _impact_lines(found))
        return
    directions = frozenset([Direction.UP] * up + [Direction.DOWN] * down) or BOTH
    traced = operation.lineage(repository, reference, directions=directions, depth=depth, everything=everything)
    if stats:
        show(traced.statistics, _statistics_lines(traced.statistics))
    elif chosen is Form.MERMAID:
        _tell_of_size(traced)
        print_text(traced.mermaid())
    elif chosen is Form.DOT:
        print_text(traced.dot())
    else:
        show(traced, traced.text())


def _tell_of_size(traced: Traced) -> None:
    from dsv.exports.lineage_graphs import MERMAID_EDGES, drawn_edges

    edges = drawn_edges(traced.lineage, traced.ref)
    if edges > MERMAID_EDGES:
        current().tell(f"Mermaid draws {MERMAID_EDGES} arrows unless its page allows more, and these are {edges:,}")


def _statistics_lines(statistics: Statistics) -> Iterator[str]:
    relations = ", ".join(f"{visible(word)} {times:,}" for word, times in statistics.relations.items())
    yield f"versions   {number(statistics.total_versions)}"
    yield f"roots      {number(statistics.root_versions)}"
    yield f"leaves     {number(statistics.leaf_versions)}"
    yield f"depth      {number(statistics.max_depth)}"
    yield f"relations  {relations or 'none'}"
    records = {
        "inherited": statistics.inherited,
        "new": statistics.new,
        "modified": statistics.modified,
        "removed": statistics.removed,
    }
    yield f"records    {', '.join(f'{total:,} {word}' for word, total in records.items())}"
    if statistics.uncounted:
        yield f"unknown    {count(statistics.uncounted, 'relation')} without counts"


def _impact_lines(found: Impact) -> Iterator[str]:
    datasets = {(each.node.repository, each.node.dataset) for each in found.versions}
    held = f"{count(len(found.versions), 'version')} of {count(len(datasets), 'dataset')}"
    yield bold(f"{visible(found.ref)} is in {held}; {count(len(found.runs), 'run')} used it or one of these")
    if found.versions:
        rows = [
            [
                each.node.ref,
                "" if each.node.records is None else number(each.node.records),
                each.node.mark,
                ", ".join(each.node.stages),
                number(each.depth),
                ", ".join(f"{_as_made(relation)} of {parent}" for parent, relation in each.parents),
            ]
            for each in found.versions
        ]
        yield ""
        yield from table(["version", "records", "status", "stage", "steps", "made as"], rows, right=[1, 4])
    if found.runs:
        rows = [[each.id, each.at.replace("T", " ").rstrip("Z"), each.reference] for each in found.runs[:RUNS]]
        yield ""
        yield from table(["run", "when (UTC)", "used"], rows)
        yield from more_runs(len(found.runs))


def _as_made(relation: str) -> str:
    return "next" if relation == PREVIOUS else visible(relation)
