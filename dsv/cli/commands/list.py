"""`dsv list`."""

from __future__ import annotations

from typing import Annotated

import typer

from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import number, size, table

Kind = Annotated[str, typer.Option("--type", metavar="T", help="Only datasets of this type.")]
Status = Annotated[str, typer.Option("--status", metavar="S", help="Only datasets with this status.")]
Format = Annotated[str, typer.Option("--format", metavar="F", help="Only datasets in this format.")]
Tag = Annotated[str, typer.Option("--tag", metavar="T", help="Only what has this tag.")]
Owner = Annotated[str, typer.Option("--owner", metavar="O", help="Only datasets of this owner.")]
Stage = Annotated[str, typer.Option("--stage", metavar="S", help="Only what this stage points to.")]
All = Annotated[bool, typer.Option("--all", help="Archived and removed ones too, and those only on other branches.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N results.")]
Offset = Annotated[
    int, typer.Option("--offset", metavar="N", min=0, show_default=False, help="Leave out the first N results.")
]


_HEADERS = ["name", "latest", "status", "stages", "versions", "records", "size", "type", "description"]


def list_datasets(
    kind: Kind = "",
    status: Status = "",
    form: Format = "",
    tag: Tag = "",
    owner: Owner = "",
    stage: Stage = "",
    everything: All = False,
    sort: Annotated[
        str, typer.Option("--sort", metavar="FIELD", help="name, latest, records, bytes, versions or updated_at.")
    ] = "name",
    desc: Annotated[bool, typer.Option("--desc", help="The largest first.")] = False,
    limit: Limit = None,
    offset: Offset = 0,
) -> None:
    """The datasets, with their latest versions.

    Example: dsv list --type lease_abstraction --sort records --desc
    """
    from dsv.operations.list import Filter, Shown, list_datasets

    filters = Filter(
        type=kind or None,
        status=status or None,
        format=form or None,
        tag=tag or None,
        owner=owner or None,
        stage=stage or None,
        shown=Shown.ALL if everything else Shown.LISTED,
    )
    result = list_datasets(current().open(), filters=filters, sort=sort, descending=desc, limit=limit, offset=offset)
    rows = [
        [
            each.name,
            str(each.latest or "-"),
            "" if each.status == "active" else each.status,
            ", ".join(f"{stage} {version}" for stage, version in sorted(each.stages.items())),
            number(each.versions),
            number(each.records or 0),
            size(each.bytes or 0),
            each.type,
            each.description,
        ]
        for each in result.datasets
    ]
    lines = table(_HEADERS, rows, right=[4, 5, 6])
    if len(rows) < result.total:
        lines.append(f"{len(rows)} of {result.total}")
    show(result, lines if rows else ["no datasets"])
