"""`dsv list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.filters import Descending, Limit, Offset, filtered, meant, rest_line
from dsv.cli.output import show
from dsv.cli.session import current
from dsv.cli.text import number, size, table
from dsv.model.filters import Filter, parse_page

if TYPE_CHECKING:
    from dsv.operations.list import Datasets

_HEADERS = (
    "name", "repository", "latest", "status", "stages", "versions", "records", "size", "quality", "judged", "runs",
    "type", "description",
)  # fmt: skip
_NUMBERS = [_HEADERS.index(name) for name in ("versions", "records", "size", "quality", "judged")]
_TEXTS = [_HEADERS.index(name) for name in ("stages", "runs", "type")]
_SPARE = [_HEADERS.index(name) for name in ("size", "versions", "judged", "type", "quality", "description", "stages")]


@filtered
def list_datasets(
    *,
    filters: Filter,
    sort: Annotated[
        str,
        typer.Option(
            "--sort", metavar="FIELD", help="name, latest, records, bytes, versions, quality, type or updated_at."
        ),
    ] = "name",
    desc: Descending = False,
    limit: Limit = None,
    offset: Offset = 0,
) -> None:
    """The datasets, with their latest versions.

    Example: dsv list --type lease_abstraction --sort records --desc
    """
    from dsv.operations.list import list_datasets

    page = parse_page(sort, descending=desc, limit=limit, offset=offset)
    result = list_datasets(current().open_to_read(), filters=filters, page=page)
    show(result, _lines(result, offset=offset))


def _lines(result: Datasets, *, offset: int) -> list[str]:
    elsewhere = any(each.repository for each in result.datasets)
    rows = [
        [
            each.name,
            (each.repository or "here") if elsewhere else "",
            str(each.latest or "-"),
            "" if each.status == "active" else each.status,
            ", ".join(f"{stage} {version}" for stage, version in sorted(each.stages.items())),
            number(each.versions),
            number(each.records or 0),
            size(each.bytes or 0),
            "" if each.quality_score is None else f"{each.quality_score:.3g}",
            "" if each.judge_pass_rate is None else f"{each.judge_pass_rate:.1%}",
            ", ".join(each.runs),
            each.type,
            each.description,
        ]
        for each in result.datasets
    ]
    if not result.total:
        return [f"no datasets{meant(result.did_you_mean)}"]
    lines = table(_HEADERS, rows, right=_NUMBERS, cut=_TEXTS, spare=_SPARE) if rows else []
    return [*lines, *rest_line(len(rows), result.total, offset=offset)]
