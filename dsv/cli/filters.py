"""The options that narrow lists, for every command that takes them, and what is said where nothing fits."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from dsv.cli.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N results.")]
Offset = Annotated[
    int, typer.Option("--offset", metavar="N", min=0, show_default=False, help="Leave out the first N results.")
]
Descending = Annotated[bool, typer.Option("--desc", help="The largest first.")]


def _options(
    kind: Annotated[str, typer.Option("--type", metavar="T", help="Only what is of this type.")] = "",
    status: Annotated[str, typer.Option("--status", metavar="S", help="Only what has this status.")] = "",
    form: Annotated[str, typer.Option("--format", metavar="F", help="Only what is in this format.")] = "",
    tag: Annotated[str, typer.Option("--tag", metavar="T", help="Only what has this tag.")] = "",
    owner: Annotated[str, typer.Option("--owner", metavar="O", help="Only datasets of this owner.")] = "",
    stage: Annotated[str, typer.Option("--stage", metavar="S", help="Only what this stage points to.")] = "",
    min_quality: Annotated[
        float | None, typer.Option("--min-quality", metavar="X", help="Only versions whose quality score is that high.")
    ] = None,
    min_judge_pass_rate: Annotated[
        float | None,
        typer.Option(
            "--min-judge-pass-rate", metavar="X", min=0, max=1, help="Only versions of which a judge passed that share."
        ),
    ] = None,
    min_records: Annotated[
        int | None, typer.Option("--min-records", metavar="N", min=0, help="Only versions with so many records.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="Only what was released from this day on, UTC.")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="Only what was released up to the end of this day, UTC.")
    ] = "",
    at: Annotated[str, typer.Option("--at", metavar="DATE", help="As it was at the end of this day, UTC.")] = "",
    latest: Annotated[bool, typer.Option("--latest", help="Only the latest version of each dataset.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Archived and removed ones too, and those only on other branches.")
    ] = False,
    runs: Annotated[bool, typer.Option("--runs", help="Only what a run has used, and which runs.")] = False,
) -> None:
    """The options; their names here are those of the values."""


_NAMES = {"kind": "type", "form": "format", "everything": "all"}
"""What an option is called in `Filters`, where it cannot be called that here."""


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options behind its own, which it gets together as `filters`."""
    from dsv.model.filters import parse_filter

    own = {name: each for name, each in _parameters(command).items() if name != "filters"}
    options = _parameters(_options)
    arguments = {name: each for name, each in own.items() if each.default is inspect.Parameter.empty}
    parameters = {**arguments, **options, **own}

    @functools.wraps(command)
    def run(**values: Any) -> None:
        chosen: Any = {_NAMES.get(name, name): values.pop(name) for name in options}
        command(filters=parse_filter(chosen), **values)

    signature = inspect.Signature([each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters.values()])
    run.__signature__ = signature  # type: ignore[attr-defined] # what typer makes options of
    run.__annotations__ = {name: each.annotation for name, each in parameters.items()}
    return run


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    return {name: each.replace(annotation=hints[name]) for name, each in signature.parameters.items()}


def rest_line(shown: int, total: int, *, offset: int) -> list[str]:
    """What is said below a page of a list that has more."""
    if shown == total:
        return []
    first = f"{number(offset + 1)} to " if offset and shown else ""
    return [f"{first}{number(offset + shown if shown else 0)} of {number(total)}"]


def meant(suggestions: Sequence[str]) -> str:
    """What somebody may have meant, to stand behind `nothing found`."""
    return f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
