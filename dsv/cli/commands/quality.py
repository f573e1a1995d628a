"""`dsv quality import`, `show` and `todo`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import count, number, table, visible
from dsv.errors import UsageError
from dsv.model.problems import shown
from dsv.model.scores import Kind

if TYPE_CHECKING:
    from dsv.model.scores import Scored, ScorerSummary
    from dsv.operations.quality_query import ScoreRows
    from dsv.operations.quality_show import QualityShown
    from dsv.operations.quality_todo import Todo
    from dsv.repository.scoring.keeping import ImportedScores

Ref = Annotated[str, typer.Argument(metavar="REF", help="A version such as leases@1.1.0, or NAME@work.")]
ScorerId = Annotated[str, typer.Option("--scorer", metavar="ID", help="Whose scores: a person, a program, a judge.")]


def import_(
    ref: Ref,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Rows of scores: JSONL, CSV or Parquet.")],
    scorer: ScorerId,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHAT", help="What names the record: key, record, index or trajectory_id."),
    ] = None,
    model: Annotated[str, typer.Option("--model", metavar="M", help="The model that judged.")] = "",
    prompt: Annotated[
        str, typer.Option("--prompt-sha256", metavar="H", help="The SHA-256 of the prompt that it was given.")
    ] = "",
) -> None:
    """Take scores of records, a row each.

    A score stays with the content of its record: in each version that holds it. A later row of the same scorer takes
    its place. Without --by rows are joined by the key, where there is one, else by the record.

    Example: dsv quality import leases@1.1.0 scores.jsonl --scorer judge-a --model gpt-4o
    """
    from dsv.model.reference import parse_reference
    from dsv.model.scores import By, parse_scorer
    from dsv.operations.quality_import import import_scores
    from dsv.repository.scoring.importing import offered_file

    known = {each.value: each for each in By}
    if by is not None and by not in known:
        raise UsageError(f"--by takes {', '.join(known)}, not {shown(by)}")
    who = parse_scorer(scorer, model=model, prompt_sha256=prompt)
    with offered_file(file) as offered:
        result = import_scores(
            current().open(), parse_reference(ref), offered, scorer=who, by=known[by] if by else None
        )
    show(result, _imported(result))


def _imported(result: ImportedScores) -> Iterator[str]:
    same = "" if result.rows == result.records else f" of {count(result.records, 'record')}"
    yield bold(result.reference) + visible(f": {count(result.rows, 'score')}{same} by {result.scorer.id}")
    yield visible(f"columns {', '.join(result.columns)}")
    yield f"event {result.recorded.event.file} in commit {result.recorded.commit[:10]}"


def show_(ref: Ref) -> None:
    """What the scores of a version come to.

    By scorer, split and declared facet, scores imported after the release too. Beside each mean stands the share of
    the records that it speaks for.

    Example: dsv quality show leases@1.1.0
    """
    from dsv.model.reference import parse_reference
    from dsv.operations.quality_show import quality_show

    result = quality_show(current().open(), parse_reference(ref))
    show(result, _shown(result))


def _shown(result: QualityShown) -> Iterator[str]:
    if not result.scorers:
        yield f"{result.reference} has no scores; dsv quality import brings them"
        return
    yield bold(result.reference) + f": {count(result.records, 'record')}"
    rows = [row for each in result.scorers for row in _rows(each)]
    headers = ["scorer", "of", "column", "n", "coverage", "mean", "min", "p5", "p50", "p95", "max"]
    yield from table(headers, rows, right=range(3, len(headers)))
    for each in result.scorers:
        for facet, left in each.left_out.items():
            yield visible(f"{each.scorer}: {number(left)} more values of {facet}")


def _rows(summary: ScorerSummary) -> Iterator[list[str]]:
    name = summary.scorer
    parts = [("all", summary.whole), *summary.splits.items()]
    parts += [(f"{facet}={value}", part) for facet, values in summary.facets.items() for value, part in values.items()]
    for label, part in parts:
        of = label
        for row in _columns(part) or [["", "0", _percent(0.0), *[""] * 6]]:
            yield [name, of, *row]
            name, of = "", ""


def _columns(part: Scored) -> list[list[str]]:
    found = []
    for column, spread in sorted(part.numbers.items(), key=lambda pair: (pair[1] is not part.main, pair[0])):
        low, _, middle, _, high = spread.quantiles
        figures = [spread.mean, spread.low, low, middle, high, spread.high]
        found.append([column, number(spread.n), _percent(part.share_of(spread.n)), *map(_figure, figures)])
    for column, shares in sorted(part.flags.items()):
        figures_of = [f"{_percent(shares.share)} true", *[""] * 5]
        found.append([column, number(shares.n), _percent(part.share_of(shares.n)), *figures_of])
    return found


def _figure(value: float) -> str:
    return f"{value:.4g}"


def todo(
    ref: Ref,
    scorer: ScorerId,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Write the records there, as JSON Lines; - is stdout.")
    ] = None,
) -> None:
    """Which records a scorer has not scored yet.

    With --to exactly these are written, each content once, as they are in the data.

    Example: dsv quality todo leases@work --scorer judge-a --to todo.jsonl
    """
    from dsv.model.reference import parse_reference
    from dsv.model.scores import check_scorer
    from dsv.operations.quality_todo import quality_todo

    check_scorer(scorer)
    result = quality_todo(current().open(), parse_reference(ref), scorer=scorer)
    if to == "-":
        from dsv.records.scores.written import write_lines

        sys.stdout.flush()
        write_lines(sys.stdout.buffer, result.records())
        sys.stdout.buffer.flush()
        return
    if to is not None:
        result.write(to)
    show(result, _todo(result, to))


def _todo(result: Todo, to: str | None) -> Iterator[str]:
    done = result.total - result.count
    yield bold(result.reference) + visible(
        f": {result.scorer} has scored {number(done)} of {count(result.total, 'record')}, {number(result.count)} to do"
    )
    if to is not None:
        yield visible(f"written to {to}")
    elif result.count:
        yield f"dsv quality todo {result.reference} --scorer {result.scorer} --to todo.jsonl writes them"


def query(
    ref: Ref,
    where: Annotated[
        str, typer.Option("--where", metavar="EXPR", help="A condition on columns; all rows without one.")
    ] = "",
    sort: Annotated[str, typer.Option("--sort", metavar="F", help="The column to sort by; else file and row.")] = "",
    desc: Annotated[bool, typer.Option("--desc", help="The largest first.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N rows.")] = None,
    records: Annotated[bool, typer.Option("--with-records", help="Each record too, under the column record.")] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Write the rows there: .jsonl, .csv or .parquet.")
    ] = None,
) -> None:
    """Scores of single records, chosen by a condition.

    A row for each record and scorer, with file, row, split, scorer and the scores. Conditions compare columns with
    numbers, quoted texts, true and false: = != < <= > >=, between, in (...), contains, is null, and, or, not.

    Example: dsv quality query leases --where "judge_score < 0.5" --sort judge_score
    """
    from dsv.model.reference import parse_reference
    from dsv.operations.quality_query import Order, quality_query

    if to is not None:
        from dsv.records.scores.written import check_suffix

        check_suffix(to)
    result = quality_query(
        current().open(),
        parse_reference(ref),
        where=where,
        order=Order(sort, descending=desc, limit=limit),
        with_records=records,
    )
    if to is not None:
        result.write(to)
        show(_Written(result, to), [f"{count(len(result.rows), 'row')} written to {visible(to)}"])
        return
    show(result, _queried(result))


@dataclass(frozen=True)
class _Written:
    """Rows that stand in a file."""

    result: ScoreRows
    file: str

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        result = self.result
        columns = list(result.kinds)
        return {"ref": result.reference, "total": result.total, "columns": columns, "file": self.file}


def _queried(result: ScoreRows) -> Iterator[str]:
    hidden = {"fingerprint", "prompt_sha256", "scored_at"}
    kept = [at for at, name in enumerate(result.kinds) if name not in hidden]
    kinds = list(result.kinds.values())
    headers = [name for name in result.kinds if name not in hidden]
    rows = [[_cell(row[at]) for at in kept] for row in result.rows]
    if rows:
        numbers = [place for place, at in enumerate(kept) if kinds[at] is Kind.NUMBER]
        yield from table(headers, rows, right=numbers)
    shown_of = f" of {number(result.total)}" if len(result.rows) < result.total else ""
    yield f"{number(len(result.rows))}{shown_of} {'row' if result.total == 1 else 'rows'}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _figure(value)
    if isinstance(value, str | int):
        return str(value)
    from dsv.records.present import short_text

    return short_text(value)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
