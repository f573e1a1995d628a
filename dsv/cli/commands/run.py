"""`dsv run record`, `list` and `exec`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dsv.cli.options import pairs
from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible
from dsv.cli.uses import named
from dsv.errors import NoRepositoryError, UsageError
from dsv.model.problems import shown

if TYPE_CHECKING:
    from dsv.operations.run_list import ListedRun, ListedRuns
    from dsv.operations.run_record import RecordedRuns
    from dsv.repository.running.recording import RecordedRun

_METRICS = 3
_DIGITS = 12
Datasets = Annotated[
    list[str], typer.Option("--dataset", metavar="REF", help="A version that it used; may be repeated.")
]
ModelPath = Annotated[
    str | None, typer.Option("--model", metavar="PATH", help="The file or directory of the model that came of it.")
]
Metrics = Annotated[list[str], typer.Option("--metric", metavar="K=V", help="A number that was measured.")]
Params = Annotated[list[str], typer.Option("--param", metavar="K=V", help="What it was told, such as lr=0.001.")]
To = Annotated[str | None, typer.Option("--to", metavar="FILE", help="Write the record there, and no event.")]


def record(
    run: Annotated[str, typer.Option("--id", metavar="ID", help="What the run is called.")] = "",
    datasets: Datasets = [],
    model: ModelPath = None,
    metrics: Metrics = [],
    params: Params = [],
    status: Annotated[
        str, typer.Option("--status", metavar="S", help="How it ended: finished, failed or interrupted.")
    ] = "finished",
    started: Annotated[
        str | None, typer.Option("--started", metavar="TIME", help="When it began, in UTC: 2026-11-22T07:30:00Z.")
    ] = None,
    finished: Annotated[str | None, typer.Option("--finished", metavar="TIME", help="When it ended.")] = None,
    code: Annotated[str, typer.Option("--code", metavar="DIR", help="Where the code lies; here without it.")] = ".",
    to: To = None,
    files: Annotated[
        list[str], typer.Option("--from", metavar="FILE", help="Take the record of a run; may be repeated.")
    ] = [],
) -> None:
    """Record a run: which versions a training used, and what came of it.

    An event in git tells of it, with digests, the model's SHA-256 and the commit of the code. --from takes the files
    that runs write where the repository of their datasets is not at hand.

    Example: dsv run record --id lease-42 --dataset leases@1.1.0 --metric f1=0.93
    """
    from dsv.model.run import Outcome
    from dsv.operations.run_record import Told, bring_runs, run_record

    if files:
        if run or datasets or to:
            raise UsageError("--from takes what its file says", hint="leave out --id, --dataset and --to")
        brought = bring_runs(current().open(), *files)
        show(brought, _brought(brought))
        return
    if not run:
        raise UsageError("the run has no id", hint="dsv run record --id lease-42 --dataset leases@1.1.0")
    known = {each.value: each for each in Outcome}
    if status not in known:
        raise UsageError(f"--status takes {', '.join(known)}, not {shown(status)}")
    told = Told(
        run,
        known[status],
        started,
        finished,
        model,
        _values(metrics, option="--metric"),
        _values(params, option="--param"),
        code=code,
    )
    result = run_record(told, named(datasets), to=to, tell=current().tell)
    show(result, _recorded(result))


def list_runs(
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="REF", help="Only of a dataset, or of one version.")
    ] = None,
    limit: Annotated[int | None, typer.Option("-n", "--limit", metavar="N", min=1, help="At most N.")] = None,
    offset: Annotated[int, typer.Option("--offset", metavar="N", min=0, help="Leave out the first N.")] = 0,
) -> None:
    """Which runs used which versions, the last first.

    Runs of other repositories are listed where these were added (dsv index add), and records in dsv-runs that no event
    tells of yet.

    Example: dsv run list --dataset leases@1.1.0
    """
    from dsv.model.subject import parse_subject
    from dsv.operations.run_list import kept_run_list, run_list

    subject = parse_subject(dataset) if dataset else None
    directory = os.getcwd()
    try:
        repository = current().open_to_read()
    except NoRepositoryError:
        result = kept_run_list(subject=subject, directory=directory, limit=limit, offset=offset)
        if not result.total:
            raise
    else:
        result = run_list(repository, subject=subject, directory=directory, limit=limit, offset=offset)
    show(result, _listed(result))


def exec_(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="The program and its arguments.")],
    run: Annotated[str, typer.Option("--id", metavar="ID", help="What the run is called; made up without it.")] = "",
    datasets: Datasets = [],
    model: ModelPath = None,
    params: Params = [],
    to: To = None,
) -> int:
    """Run a program, and record which versions dsv.load gave it.

    It keeps its input and output, gets the signals that are sent to dsv, and its exit code is that of dsv. Neither its
    command line nor the environment is recorded.

    Example: dsv run exec --id lease-42 --model models/lease -- python train.py
    """
    from dsv.adapters.command import Output
    from dsv.operations.run_exec import ExecTold, run_exec

    session = current()
    told = ExecTold(run, named(datasets), model, _values(params, option="--param"), to)
    output = Output.STDERR if session.json else Output.OWN
    result = run_exec(command, told, output=output, tell=session.tell)
    if session.json:
        show(result, [])
    elif result.run is not None:
        for line in _recorded(result.run, name=str):
            session.tell(line)
    elif result.below:
        session.tell(f"recorded by itself: {', '.join(result.below)}")
    else:
        session.tell("nothing is recorded: the program was given no version by dsv.load; --dataset REF names one")
    return result.exit_code


def _values(texts: Sequence[str], *, option: str) -> Mapping[str, Any]:
    """The values as JSON where they are such, else as they stand."""
    import json

    found: dict[str, Any] = {}
    for key, text in pairs(texts, option=option).items():
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found


def _recorded(result: RecordedRun, *, name: Callable[[str], str] = bold) -> Iterator[str]:
    names = ", ".join(each.reference for each in result.run.datasets)
    yield name(result.run.id) + f" used {names}"
    for file in result.events:
        yield f"event {visible(file.rpartition('/')[2])} in commit {result.commits[-1][:10]}"
    if result.file is not None:
        yield visible(f"record {_near(result.file)}: dsv run record --from brings it to the repository of the datasets")


def _brought(result: RecordedRuns) -> Iterator[str]:
    for each in result.runs:
        yield from _recorded(each)
    for file in result.known:
        yield visible(f"{file} was recorded before")


def _listed(result: ListedRuns) -> Iterator[str]:
    if not result.runs:
        yield "no runs; dsv run record, dsv run exec and dsv.run record them"
        return
    yield from table(["run", "when (UTC)", "status", "used", "model", "metrics"], [_row(each) for each in result.runs])
    if len(result.runs) < result.total:
        yield f"{number(len(result.runs))} of {count(result.total, 'run')}"
    kept = [each.file for each in result.runs if each.file is not None]
    if kept:
        yield visible(
            f"{count(len(kept), 'run')} only in {os.path.dirname(_near(kept[0]))}: in the repository of the "
            "datasets, dsv run record --from FILE brings it"
        )


def _row(run: ListedRun) -> list[str]:
    told = run.told
    metrics = [f"{name} {_figure(value)}" for name, value in sorted(told.metrics.items())]
    more = [f"and {len(metrics) - _METRICS} more"] if len(metrics) > _METRICS else []
    model = str(told.model.get("path", ""))
    digest = str(told.model.get("sha256") or "").removeprefix("sha256:")[:_DIGITS]
    return [
        told.id,
        run.moment.replace("T", " ").rstrip("Z"),
        told.status or "",
        ", ".join(each.reference for each in run.uses),
        f"{model} ({digest})" if digest else model,
        ", ".join([*metrics[:_METRICS], *more]),
    ]


def _near(file: str) -> str:
    """The path from here, where that is the shorter one."""
    return min(os.path.relpath(file), file, key=len)


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
