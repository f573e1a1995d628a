"""A new file of scores kept: in DVC's cache and the work tree, with the pointer to it and the event in one commit."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.model.scores import By, Scorer
from dsv.model.standing import Happening
from dsv.repository.known.events import Recorded, record
from dsv.repository.scoring.importing import NewScores
from dsv.repository.scoring.score_files import IGNORED, ScorePointer, name_of, stamp_of
from dsv.repository.scoring.summaries import summaries
from dsv.repository.scoring.target import Target
from dsv.repository.writing.transaction import Writing

if TYPE_CHECKING:
    from dsv.model.scores import Kind
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class ImportedScores:
    """Scores that are now in the repository: of which version and scorer, how many rows, records and columns.

    `records` are the different records that the rows are of, `replaces` the files that went into the new one.
    """

    reference: str
    scorer: Scorer
    by: By
    rows: int
    records: int
    columns: dict[str, Kind]
    file: str
    replaces: Sequence[str]
    recorded: Recorded

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ref": self.reference,
            **self.scorer.document(),
            "by": self.by.value,
            "rows": self.rows,
            "records": self.records,
            "columns": {name: kind.value for name, kind in self.columns.items()},
            "file": self.file,
            "replaces": list(self.replaces),
            "event": self.recorded.file,
            "commit": self.recorded.commit,
        }


def keep_scores(repository: Repository, target: Target, made: NewScores, *, scorer: Scorer, by: By) -> ImportedScores:
    """The file in DVC's cache and the work tree, then the pointer to it and the event in one commit.

    The caller holds the lock.
    """
    layout = repository.layout
    name = name_of(scorer, at=made.at, md5=made.md5)
    dataset = target.versions.dataset
    path = f"{layout.scores(dataset)}/{name}"
    status = os.stat(made.path)
    state = dvc.FileState(made.path, made.md5, status.st_size, status.st_mtime_ns, status.st_ino)
    cache = dvc.find_cache(layout.root)
    dvc.store(cache, [state], scan_started_ns=time.time_ns())
    pointer = dvc.Pointer(md5=made.md5, size=status.st_size, path=name)
    own: dict[str, bytes | None] = {f"{path}.dvc": _head(target, scorer, made) + dvc.render_pointer(pointer)}
    own |= {each.file: None for each in made.replaces if each.file != f"{path}.dvc"}
    replaced = [each.path for each in made.replaces if each.path != path]
    new = ScorePointer(dataset, path, f"{path}.dvc", scorer.id, stamp_of(made.at), made.md5, status.st_size)
    stay = [each for each in target.pointers if each.scorer == scorer.id and each not in made.replaces]
    found = summaries(repository, target.side, [*stay, new], splits=target.splits, facets=target.facets)
    recorded = record(
        repository,
        Happening.SCORE,
        target.versions,
        version=target.known.version if target.known else None,
        reason="",
        words=f"Score {target.name} by {scorer.id}",
        data={
            **scorer.document(),
            "by": by.value,
            "rows": made.given,
            "records": made.scored,
            "columns": list(made.columns),
            "file": {"path": path, "md5": made.md5, "bytes": status.st_size, "rows": made.rows},
            "replaces": replaced,
            "summary": found[0].document(),
        },
        beside=Writing(
            "",
            "",
            own=own,
            shared={f"{layout.manifests}/.gitignore": _ignoring},
            directories={path: made.path},
            discarded=replaced,
        ),
    )
    return ImportedScores(
        target.name, scorer, by, made.given, made.scored, dict(made.columns), path, replaced, recorded
    )


def _head(target: Target, scorer: Scorer, made: NewScores) -> bytes:
    """Lines that make the pointer unlike others: git would take one for the other renamed, and branches not merge."""
    return f"""\
# {target.versions.dataset}: scores by {scorer.id}, imported at {made.at},
# {target.versions.dataset}: of {made.rows} records, as {made.md5}
""".encode()


def _ignoring(text: str) -> str:
    """The text of `manifests/.gitignore` with the line for files of scores."""
    lines = text.splitlines()
    return text if IGNORED in lines else "".join(f"{line}\n" for line in [*lines, IGNORED])
