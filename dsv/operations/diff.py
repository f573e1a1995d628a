"""`dsv diff`: what changed between two versions, or between one and the working tree."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from dsv.errors import MissingDataError, NoPathError, NoRecordError, UsageError
from dsv.exports.diff_report import DiffReport
from dsv.model.breakdown import Breakdown
from dsv.model.change import Change
from dsv.model.executor import LOCAL, SERIAL
from dsv.model.field_profile import FieldComparison
from dsv.model.policy_rules import decide
from dsv.model.reference import GitRevision, Ref, Work
from dsv.model.score_comparison import ScoreComparison, compare_scores
from dsv.model.version import Level, parse_version
from dsv.model.where import Where
from dsv.records.changed_record import RecordExample, for_reading
from dsv.records.compare import Example
from dsv.repository import Repository
from dsv.repository.comparing.examples import examples_at
from dsv.repository.comparing.revision import data_at, revision_source
from dsv.repository.comparing.sources import RecordSource, version_source, work_source
from dsv.repository.comparing.statistics import compare_fields
from dsv.repository.contents.comparison import Side, are_keyed, change_between, compared_records
from dsv.repository.contents.gather import gather
from dsv.repository.declared.datasets import load_dataset_file, policy_of
from dsv.repository.known.catalog import require_dataset, resolve, versions_of
from dsv.repository.scoring.score_files import score_pointers
from dsv.repository.scoring.summaries import summaries


@dataclass(frozen=True)
class Diff:
    """A change with the names of its two sides, and the level that the policy gives it (None for no change).

    Change, level and reasons are those of the whole; `breakdown` and `examples` those of the part that `where` names.
    `follows` is the version that would follow the old one, where the new side is the working tree.
    """

    old: str
    new: str
    change: Change
    level: Level | None
    reasons: Sequence[str]
    size_difference: int
    breakdown: Breakdown
    follows: str = ""
    where: Where | None = None
    examples: Sequence[RecordExample] = ()
    with_examples: bool = False
    statistics: Sequence[FieldComparison] | None = None
    quality: Sequence[ScoreComparison] = ()

    def report(self) -> DiffReport:
        """What the reports for people are made from."""
        return DiffReport(
            old=self.old,
            new=self.new,
            change=self.change,
            level=self.level,
            reasons=self.reasons,
            follows=self.follows,
            size_difference=self.size_difference,
            breakdown=self.breakdown,
            where="" if self.where is None else str(self.where),
            examples=for_reading(self.examples),
            statistics=self.statistics or (),
            quality=self.quality,
        )

    def markdown(self) -> str:
        """As `--as markdown` prints it, for a comment on a pull request."""
        from dsv.exports.diff_markdown import diff_markdown

        return diff_markdown(self.report())

    def html(self) -> str:
        """As `--as html` prints it: a page that stands by itself."""
        from dsv.exports.diff_html import diff_html

        return diff_html(self.report())

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        change = self.change
        part = self.breakdown.whole
        share = change.share if self.where is None else part.share(keyed=change.keyed)
        document: dict[str, Any] = {
            "old": self.old,
            "new": self.new,
            "files": {
                **change.files.document(),
                "paths": {
                    "added": list(change.files.added),
                    "removed": list(change.files.removed),
                    "modified": list(change.files.modified),
                    "renamed": [list(pair) for pair in change.files.renamed],
                },
            },
            "records": {**part.document(), "changed_share": float(round(share, 6))},
            "schema": {
                "added": list(change.fields.added),
                "removed": list(change.fields.removed),
                "changed": [
                    {"field": each.field, "old": list(each.old), "new": list(each.new)}
                    for each in change.fields.changed
                ],
            },
            "sample_difference": part.new - part.old,
            "file_difference": len(change.files.added) - len(change.files.removed),
            "size_difference_bytes": self.size_difference,
            "level": None if self.level is None else self.level.word,
            "reasons": list(self.reasons),
            "by_split": [each.document() for each in self.breakdown.splits],
            "by_file": [each.document() for each in self.breakdown.files],
        }
        if self.where is not None:
            document["where"] = self.where.document()
        if self.quality:
            document["quality"] = [each.document() for each in self.quality]
        if self.with_examples:
            document["examples"] = [each.document() for each in self.examples]
        if self.statistics is not None:
            document["statistics"] = [each.document() for each in self.statistics]
        return document


def diff(
    repository: Repository,
    old: Ref,
    new: Ref | None = None,
    *,
    examples: int = 0,
    where: Where | None = None,
    statistics: bool = False,
) -> Diff:
    """What differs from old to new (the working tree without one); up to `examples` changed records of each kind.

    `where` restricts counts of records and examples to a split or to files. A record counts where one of its two sides
    is there: one that moved from train to test is in the counts of both. `statistics` are those of the fields of the
    whole versions; where a manifest does not tell them, they are read from the data.
    Errors: NoDatasetError, NoVersionError, NoRecordError and NoPathError for a part that neither side has,
    MissingDataError when a version's index and data are not here.
    """
    with ExitStack() as stack:
        # gather
        newer = new or Ref(old.dataset, Work(), old.prefix)
        left, right = (_source(repository.home_of(each), each, stack=stack) for each in (old, newer))
        home = repository.home_of(newer)
        settings = load_dataset_file(home, require_dataset(home, newer.dataset))
        policy = policy_of(home, settings)
        if where is not None:
            _require(where, left.side, right.side)

        # decide
        keyed = are_keyed(left.side, right.side)
        # One process compares millions of records in a second; several take as much memory each, so they are asked for.
        executor = SERIAL if home.executor == LOCAL else home.executor
        found = compared_records(left.side, right.side, keyed=keyed, executor=executor, limit=examples, where=where)
        left, right = _with_files_of(found.examples, (old, left), (newer, right), repository)
        change = change_between(left.side, right.side, policy=policy, executor=executor, records=found.counts)
        verdict = decide(change, policy=policy)
        return Diff(
            old=left.side.name,
            new=right.side.name,
            change=change,
            level=verdict.level,
            reasons=verdict.reasons,
            size_difference=right.side.bytes - left.side.bytes,
            breakdown=found.breakdown,
            follows=_follows(left.side.name, right.side.name, level=verdict.level),
            where=where,
            examples=examples_at(found.examples, left, right, keyed=keyed),
            with_examples=examples > 0,
            statistics=compare_fields(left, right, label_fields=settings.counted_fields) if statistics else None,
            quality=_quality(repository, old, newer, left, right),
        )


def _quality(
    repository: Repository, old: Ref, new: Ref, left: RecordSource, right: RecordSource
) -> list[ScoreComparison]:
    """What scorers say of both sides; nothing, which is told, where files of scores are not here."""
    found = []
    try:
        for reference, source in ((old, left), (new, right)):
            home = repository.home_of(reference)
            pointers = score_pointers(home, versions_of(home, reference.dataset).names)
            found.append(summaries(home, source.side, pointers, splits={}))
    except MissingDataError as error:
        repository.tell(f"scores are not compared: {error.message}")
        return []
    return compare_scores(*found)


def _follows(old: str, new: str, *, level: Level | None) -> str:
    """The version that the working tree would be after a released one, when nothing else had been released since."""
    dataset, _, version = old.rpartition("@")
    base = parse_version(version)
    if level is None or new != f"{dataset}@work" or base is None or base.prerelease:
        return ""
    return str(base.bump(level))


def _require(where: Where, *sides: Side) -> None:
    """NoRecordError for a split, and NoPathError for files, that neither side has."""
    files = [(path, side.reading.split_of(path)) for side in sides for path, _ in side.index.files]
    splits = sorted({split for _, split in files if split is not None})
    name = sides[-1].name
    if where.split is not None and where.split not in splits:
        raise NoRecordError(
            f"{name} has no split {where.split}",
            hint=f"its splits are {', '.join(splits)}" if splits else "none of its files belongs to a split",
            details={"split": where.split, "splits": splits},
        )
    if not any(where.holds(path, split) for path, split in files):
        raise NoPathError(f"{name} has no files {where}", hint="a glob without a slash matches the names of files")


def _with_files_of(
    examples: Sequence[Example], left: tuple[Ref, RecordSource], right: tuple[Ref, RecordSource], repository: Repository
) -> tuple[RecordSource, RecordSource]:
    """Both sides; of a repository that lies elsewhere, with the files that hold one of the examples brought."""
    if repository.git.has_work_tree:
        return left[1], right[1]
    from dsv.repository.obtaining.indexes import bring_files

    places = ([each.old for each in examples], [each.new for each in examples])
    found = []
    for (reference, source), at in zip((left, right), places, strict=True):
        paths = {source.side.index.files[place.file][0] for place in at if place is not None}
        known = resolve(repository, reference)
        bring_files(repository, known, paths)
        found.append(version_source(repository, known) if paths else source)
    return found[0], found[1]


def _source(repository: Repository, reference: Ref, *, stack: ExitStack) -> RecordSource:
    """One side; what is made for it alone goes with the stack. From elsewhere its record index is brought."""
    if not repository.git.has_work_tree:
        return _from_afar(repository, reference)
    if isinstance(reference.selector, GitRevision):
        os.makedirs(repository.work_state, exist_ok=True)
        scratch = stack.enter_context(tempfile.TemporaryDirectory(dir=repository.work_state))
        data = data_at(repository, reference.dataset, reference.selector)
        return revision_source(repository, data, scratch=os.path.join(scratch, "index"))
    name = require_dataset(repository, reference.dataset)
    if isinstance(reference.selector, Work):
        return work_source(gather(repository, name, load_dataset_file(repository, name)))
    return version_source(repository, resolve(repository, reference))


def _from_afar(repository: Repository, reference: Ref) -> RecordSource:
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(
            f"{reference} is not to be had from afar, where there are released versions alone",
            hint="name two versions, for instance dsv diff NAME@1.0.0 1.1.0",
        )
    from dsv.repository.obtaining.indexes import bring_index

    known = resolve(repository, reference)
    bring_index(repository, known)
    return version_source(repository, known)
