"""`dsv quality todo`: the records that a scorer has not scored yet."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from dsv.model.reference import Ref
from dsv.records.scores.revisions import latest_scores
from dsv.records.scores.summing import unscored
from dsv.records.scores.written import appearing, check_suffix, write_lines
from dsv.repository import Repository
from dsv.repository.scoring.score_files import opened_scores
from dsv.repository.scoring.target import Target, target_of


@dataclass(frozen=True)
class Todo:
    """The records of a version, or of the work tree, that a scorer has no score for; of equal ones the first.

    `places` are file number and row, packed into one number each, ascending; `total` are all different records.
    """

    reference: str
    scorer: str
    total: int
    places: array[int]
    target: Target

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.places)

    def records(self) -> Iterator[Any]:
        """The records, in the order of their files and rows. MissingDataError where a file of them is not here.

        Of a file without a reader, which is a record as a whole, its path and its fingerprint.
        """
        files = self.target.side.index.files
        if not self.target.side.index.readable:
            for place in self.places:
                path, digest = files[place >> 32]
                yield {"file": path, "fingerprint": digest[:32]}
            return
        wanted = iter(self.places)
        place = next(wanted, -1)
        for file, row, value in self.target.records({files[each >> 32][0] for each in self.places}):
            if file << 32 | row == place:  # both ascend
                yield value
                place = next(wanted, -1)

    def write(self, path: str) -> int:
        """A file of JSON Lines with the records; how many these are."""
        check_suffix(path, suffixes=(".jsonl", ".ndjson"))
        with appearing(path) as stream:
            return write_lines(stream, self.records())

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"ref": self.reference, "scorer": self.scorer, "records": self.total, "todo": self.count}


def quality_todo(repository: Repository, reference: Ref, *, scorer: str) -> Todo:
    """What is left to score. Errors: NoDatasetError, NoVersionError, MissingDataError where scores are not here."""
    repository = repository.home_of(reference)
    # gather
    target = target_of(repository, reference)
    own = [each for each in target.pointers if each.scorer == scorer]
    files = opened_scores(repository, own).get(scorer)
    batches = latest_scores(files) if files else iter(())
    # decide
    total = 0

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal total
        for _, equal in groupby(target.side.index.entries(), key=itemgetter(0)):
            total += 1
            yield min(equal, key=itemgetter(-2, -1))

    places = array("Q", [entry[-2] << 32 | entry[-1] for entry in unscored(batches, counted())])
    return Todo(target.name, scorer, total, array("Q", sorted(places)), target)
