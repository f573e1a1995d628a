"""A new file of scores: the rows that somebody brings joined with records, and older small files taken into it."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import MissingDataError, NoPathError, NothingChangedError, UnreadableError
from dsv.model.reading import Reading
from dsv.model.scores import OWN_COLUMNS, By, Kind, Scorer
from dsv.records.canonical import fingerprint
from dsv.records.formats import CannotReadError, Contents, choose, contents_of
from dsv.records.runs import SortedRuns
from dsv.records.scores.facets import ROW, Facets
from dsv.records.scores.intake import TOKEN, Intake, Terms, trajectory_token
from dsv.records.scores.joining import MATCH_BYTES, join, joined_batches, matches_in
from dsv.records.scores.refusals import Refusals
from dsv.records.scores.revisions import holds, latest_scores, merged_kinds
from dsv.records.scores.score_file import open_scores, write_scores
from dsv.records.scores.spool import Spool
from dsv.records.scores.values import BadValueError
from dsv.repository.clock import now
from dsv.repository.files import md5_of
from dsv.repository.scoring.score_files import ScorePointer, is_here, opened_scores, stamp_of

if TYPE_CHECKING:
    from dsv.repository.repository import Repository
    from dsv.repository.scoring.target import Target

_CELLS = frozenset({"csv", "tsv"})


@dataclass(frozen=True)
class Offered:
    """Rows that somebody brings: from where, for messages, one after the other, and whether each value is a text."""

    name: str
    rows: Iterable[object]
    cells: bool


@dataclass(frozen=True)
class NewScores:
    """A file of scores that was made, and not stored yet.

    `given` is how many rows came, `scored` how many different records these are of; `rows` are those of the file, with
    what was taken over from the files that it `replaces`.
    """

    path: str
    md5: str
    at: str
    given: int
    scored: int
    rows: int
    columns: Mapping[str, Kind]
    replaces: Sequence[ScorePointer]


@contextmanager
def offered_file(path: str) -> Iterator[Offered]:
    """The rows of a file in any format that dsv reads; NoPathError where there is none, UnreadableError for others."""
    name = os.path.basename(path)
    chosen = choose(name, Reading())
    if chosen is None:
        raise UnreadableError(f"{path} is in no format that scores are read from", hint="JSONL, CSV or Parquet")
    try:
        # Not blocking: a FIFO must not hang the command.
        stream = open(path, "rb", opener=lambda file, flags: os.open(file, flags | os.O_NONBLOCK))  # noqa: SIM115 - below
    except OSError as error:
        raise NoPathError(f"{path} cannot be read: {error.strerror}", hint="give the path of a file") from error
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise NoPathError(f"{path} is no regular file", hint="name a file of scores")
        with _reading(path):
            contents = contents_of(chosen, stream, path=name)
        yield Offered(path, _values(contents, path), contents.format in _CELLS)


def _values(contents: Contents, path: str) -> Iterator[object]:
    with _reading(path):
        for _, value in contents.records:
            yield value


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Around the reading of a file of scores: what its reader cannot read is UnreadableError."""
    try:
        yield
    except CannotReadError as error:
        raise UnreadableError(f"{path} cannot be read: {error.reason}", hint="JSONL, CSV or Parquet") from None


@contextmanager
def new_scores(
    repository: Repository, target: Target, offered: Offered, *, scorer: Scorer, by: By
) -> Iterator[NewScores]:
    """The file of the offered rows, gone afterwards. BadRecordError, with all that is wrong counted, for bad ones.

    Files of the scorer that are not much larger are taken into it, so that there are few, however often one imports.
    """
    os.makedirs(repository.work_state, exist_ok=True)
    scratch = tempfile.mkdtemp(prefix="scores-", dir=repository.work_state)
    try:
        at = _after(target, scorer)
        fresh = os.path.join(scratch, "fresh.parquet")
        given, scored, columns = _write_fresh(
            repository, target, offered, fresh, scorer=scorer, by=by, at=at, scratch=scratch
        )
        _refuse_known(repository, target, offered, fresh, scorer=scorer, scored=scored)
        taken = _taken_over(repository, target, scorer, size=os.path.getsize(fresh))
        path, rows = fresh, scored
        if taken:
            files = [*opened_scores(repository, taken)[scorer.id], open_scores(fresh, name=f"{at} fresh")]
            path, columns = os.path.join(scratch, "merged.parquet"), merged_kinds(files)
            rows = write_scores(path, latest_scores(files), scorer=scorer.id, kinds=columns)
        yield NewScores(path, md5_of(path), at, given, scored, rows, columns, taken)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_fresh(
    repository: Repository,
    target: Target,
    offered: Offered,
    path: str,
    *,
    scorer: Scorer,
    by: By,
    at: str,
    scratch: str,
) -> tuple[int, int, dict[str, Kind]]:
    """The offered rows as a file of scores: how many came, how many records they are of, and their columns."""
    refusals = Refusals()
    files = [file for file, _ in target.side.index.files]
    terms = Terms(by, scorer.id, key=target.key_types(), files=files, cells=offered.cells)
    with (
        Spool(scratch) as spool,
        SortedRuns(TOKEN.size) as rows,
        SortedRuns(MATCH_BYTES) as matches,
        SortedRuns(TOKEN.size) as found,
        Spool(scratch) as labels,
        SortedRuns(ROW.size) as labelled,
    ):
        intake = Intake(terms, rows=rows, spool=spool, refusals=refusals)
        intake.take(offered.rows)
        if by is By.TRAJECTORY_ID:
            matches.add_one_by_one(_trajectories(target))
            records: Iterable[bytes] = matches
        else:
            records = matches_in(target.side.index, by=by, runs=matches)
        join(rows, records, by=by, into=found, spool=spool, refusals=refusals)
        origin = {"scored_at": at, "model": scorer.model or None, "prompt_sha256": scorer.prompt_sha256 or None}
        batches = joined_batches(found, intake, spool=spool, refusals=refusals, origin=origin)
        kinds = intake.kinds()
        facets = _facets(repository, target, kinds.keys(), runs=labelled, spool=labels)
        if facets is not None:
            batches = facets.beside(batches)
            kinds |= dict.fromkeys(facets.names, Kind.TEXT)
        scored = write_scores(path, batches, scorer=scorer.id, kinds=kinds)
    refusals.raise_any(file=offered.name, version=target.name, hint=_hint(target, by))
    return refusals.rows, scored, kinds


def _facets(
    repository: Repository, target: Target, columns: Collection[str], *, runs: SortedRuns, spool: Spool
) -> Facets | None:
    """The facets that the rows lack and the records have; None where there is none, or the records are not here."""
    fields = {field.name for field in target.side.fields.fields}
    wanted = [name for name in target.facets if name in fields and name not in columns and name not in OWN_COLUMNS]
    if not wanted:
        return None
    facets = Facets(wanted, runs=runs, spool=spool)
    try:
        facets.take(value for _, _, value in target.records())
    except MissingDataError as error:
        repository.tell(f"scores are kept without {', '.join(wanted)} of their records: {error.message}")
        return None
    return facets


def _refuse_known(
    repository: Repository, target: Target, offered: Offered, fresh: str, *, scorer: Scorer, scored: int
) -> None:
    """NothingChangedError where the scorer has given every one of these scores before, and none since."""
    own = [each for each in target.pointers if each.scorer == scorer.id and is_here(repository, each)]
    if scored and own and holds(opened_scores(repository, own)[scorer.id], open_scores(fresh, name="fresh")):
        raise NothingChangedError(
            f"{scorer.id} has given all {scored:,} scores of {offered.name} already",
            hint="dsv quality show tells what there is",
        )


def _trajectories(target: Target) -> Iterator[bytes]:
    """The token of each record's trajectory, with its fingerprint."""
    for _, _, value in target.records():
        if isinstance(value, dict):
            try:
                yield trajectory_token(value) + fingerprint(value)
            except BadValueError:
                continue  # it belongs to none


def _taken_over(repository: Repository, target: Target, scorer: Scorer, *, size: int) -> list[ScorePointer]:
    """The scorer's files that go into a new one of this size: the smallest first, while none is over twice as large.

    So each file that stays is at least twice as large as all that is smaller, and there are few.
    """
    taken: list[ScorePointer] = []
    own = [each for each in target.pointers if each.scorer == scorer.id]
    for each in sorted(own, key=lambda each: (each.size, each.file)):
        if each.size > 2 * size or not is_here(repository, each):
            break
        taken.append(each)
        size += each.size
    return taken


def _after(target: Target, scorer: Scorer) -> str:
    """Now, but later than all that the scorer's files hold: the later import of a score is the one that counts."""
    from datetime import datetime, timedelta, timezone

    from dsv.repository.clock import TIME_FORM

    moment = now()
    last = max((each.at for each in target.pointers if each.scorer == scorer.id), default="")
    if stamp_of(moment) > last:
        return moment
    following = datetime.strptime(last, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc) + timedelta(seconds=1)
    return following.strftime(TIME_FORM)


def _hint(target: Target, by: By) -> str:
    key = ", ".join(target.side.key)
    return {
        By.KEY: f"the key of {target.name} is {key}; --by record and --by index go by other things",
        By.RECORD: "a row has the record itself under record, or its fingerprint",
        By.INDEX: "example_index counts from 0, row from 1, and file is a path in the dataset",
        By.TRAJECTORY_ID: "records have the field trajectory_id",
    }[by]


def offered_rows(rows: Iterable[Mapping[str, Any]]) -> Offered:
    """Rows that are in memory already."""
    return Offered("the rows", (dict(row) for row in rows), cells=False)
