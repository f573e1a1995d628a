"""`dsv search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.filters import Descending, Limit, Offset, filtered, meant, rest_line
from dsv.cli.marked import in_colour
from dsv.cli.output import found, show
from dsv.cli.session import current
from dsv.cli.text import table, visible, width
from dsv.model.filters import Filter, parse_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsv.adapters.index import SearchHit
    from dsv.operations.search import SearchResults

_LAST = "found"


@filtered
def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY...", help="Words, or any part of a name, summary, tag or the like.")
    ],
    *,
    filters: Filter,
    sort: Annotated[
        str, typer.Option("--sort", metavar="FIELD", help="score, dataset, version, created_at, records or quality.")
    ] = "",
    desc: Descending = False,
    limit: Limit = None,
    offset: Offset = 0,
) -> None:
    """Find versions by what was written about them.

    A version fits when it has every word. Names come before tags, and tags before text.

    Example: dsv search retail
    """
    from dsv.operations.search import search

    page = parse_page(sort, descending=desc, limit=limit, offset=offset)
    result = search(current().open_to_read(), " ".join(query), filters=filters, page=page)
    show(result, _lines(result, offset=offset))


def _lines(result: SearchResults, *, offset: int) -> list[str]:
    if not result.total:
        return [f"nothing found{meant(result.did_you_mean)}"]
    coloured = in_colour()
    elsewhere = any(each.repository for each in result.results)
    rows = [
        [
            f"{each.dataset}@{each.version}",
            (each.repository or "here") if elsewhere else "",
            "" if each.status == "active" else each.status,
            ", ".join(each.runs),
            each.snippet.text if coloured else str(each.snippet),
        ]
        for each in result.results
    ]
    lines = table(["version", "repository", "status", "runs", _LAST], rows, cut=[3]) if rows else []
    if coloured:
        lines = _highlighted(lines, result.results)
    return [*lines, *rest_line(len(rows), result.total, offset=offset)]


def _highlighted(lines: Sequence[str], hits: Sequence[SearchHit]) -> list[str]:
    """The lines below their header, with colour where brackets would stand; what the terminal cut off stays so."""
    if not lines or not lines[0].endswith(_LAST):
        return list(lines)
    column = width(lines[0]) - len(_LAST)
    done = [lines[0]]
    for line, hit in zip(lines[1:], hits, strict=True):
        start = next((at for at in range(len(line)) if width(line[:at]) >= column), len(line))
        parts, end = [line[:start]], 0
        cell = line[start:]
        for first, last in hit.snippet.marks:
            # what is shown of the text is longer where characters are escaped
            begin, stop = len(visible(hit.snippet.text[:first])), len(visible(hit.snippet.text[:last]))
            parts += [cell[end:begin], found(cell[begin:stop])] if begin < len(cell) else []
            end = stop
        done.append("".join([*parts, cell[end:]]))
    return done
