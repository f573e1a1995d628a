"""`dsv which`: every version that holds a record, a key or a file, found in record indexes, without the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.adapters import dvc
from dsv.errors import IntegrityError
from dsv.model.progress import summed
from dsv.model.reading import Reading
from dsv.model.source import located
from dsv.model.version import Version
from dsv.repository import Repository
from dsv.repository.comparing.held_indexes import IndexedVersion, known_indexes, places_of
from dsv.repository.comparing.record_search import (
    Found,
    FoundAt,
    KeyQuestion,
    Question,
    digest_question,
    file_question,
    json_question,
    record_question,
)
from dsv.repository.elsewhere.clones import read_repositories
from dsv.repository.known.runs import Key, UseByRun, uses_of

PLACES = 100
"""How many places of a version are listed when no number is given; all are counted."""


MOST_UNASKED = 256 << 20
"""How many bytes of record indexes come from elsewhere where no dataset is named."""


class By(Enum):
    """What is asked for."""

    RECORD = "record"
    """A record, as JSON text."""
    VALUE = "value"
    """A record, as the value that a JSON text spells."""
    TEXT = "text"
    """The record that is exactly this string."""
    FILE = "file"
    """The records of a file, and the file as a whole."""
    ID = "id"
    """The record with this key."""
    SHA256 = "sha256"
    """A data file, by the first digits of its SHA-256."""


@dataclass(frozen=True)
class Holder:
    """A version that holds what was asked for: how many of the things, in how many places, and the first of these.

    `repository` is the name under which the one it is in was added, "" for this one.
    """

    dataset: str
    version: Version
    things: int
    places: int
    first: Sequence[FoundAt]
    repository: str = ""

    @property
    def reference(self) -> str:
        """`NAME@X.Y.Z`, with `REPOSITORY::` before it where that is another one."""
        return located(f"{self.dataset}@{self.version}", self.repository)


@dataclass(frozen=True)
class Which:
    """Who holds it: by dataset, the newest version first.

    `things` is how many records were asked for; `searched` are the versions that were looked into, and `unsearched`
    those whose record index is not here.
    """

    things: int
    holders: Sequence[Holder]
    runs: Sequence[UseByRun]
    searched: Sequence[str]
    unsearched: Sequence[str]

    @property
    def found(self) -> bool:
        """Whether any version holds any of it."""
        return bool(self.holders)

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "found": self.found,
            "versions": [
                {
                    "dataset": each.dataset,
                    "version": str(each.version),
                    "repository": each.repository,
                    "split": place.split,
                    "file": place.file,
                    "row": place.row,
                    **({} if place.record is None else {"record": place.record}),
                }
                for each in self.holders
                for place in each.first
            ],
            "totals": [
                {
                    "dataset": each.dataset,
                    "version": str(each.version),
                    "repository": each.repository,
                    "records": each.things,
                    "places": each.places,
                }
                for each in self.holders
            ],
            "records": self.things,
            "runs": [each.document() for each in self.runs],
            "searched": len(self.searched),
            "unsearched": list(self.unsearched),
        }


def which(repository: Repository, by: By, subject: Any, *, names: Sequence[str] = (), limit: int = PLACES) -> Which:
    """The versions of the named datasets that hold it; without a name of all, also those of other repositories.

    Errors: UsageError for what cannot be asked for, NoPathError for a file that is none, NoDatasetError.
    """
    with _question(by, subject) as question:
        # gather
        several = {"": repository, **({} if names else read_repositories(repository))}
        indexes = {name: known_indexes(each, *names) for name, each in several.items()}
        cache = dvc.find_cache(repository.layout.root)
        if not repository.git.has_work_tree:
            concerned = [each for each in indexes[""][0] if question.concerns(each)]
            _bring(repository, concerned, cache=cache, most=None if names else MOST_UNASKED)
        total = sum(_size(version) for readable, _ in indexes.values() for version in readable)
        advance = summed(repository.progress, "searching", total=total)
        holders, searched, held = [], [], set[Key]()
        unsearched = []
        for name, (readable, unreadable) in indexes.items():
            unsearched += [located(each.name, name) for each in unreadable]
            for version in readable:
                known, shown = version.known, located(version.known.name, name)
                found = _found(several[name], version, question, cache=cache, limit=limit)
                if found is None:
                    unsearched.append(shown)
                    continue
                searched.append(shown)
                if found.places:
                    holders.append(Holder(known.dataset, known.version, found.things, found.places, found.first, name))
                    held.add((name, known.dataset, known.version))
                advance(_size(version))
        return Which(question.things, holders, uses_of(repository, held), searched, unsearched)


def _bring(repository: Repository, versions: Sequence[IndexedVersion], *, cache: dvc.Cache, most: int | None) -> None:
    """The record indexes of a repository elsewhere that are not here, unless they are more than so many bytes."""
    from dsv.repository.obtaining.indexes import bring_indexes

    lacking = [each for each in versions if next(places_of(repository, each, cache=cache), None) is None]
    size = sum(_size(each) for each in lacking)
    if most is None or size <= most:
        bring_indexes(repository, [each.known for each in lacking])
    else:
        told = f"{len(lacking):,} record indexes of about {size >> 20:,} MiB"
        repository.tell(f"{told} are not here; they come for a dataset that is named")


def _found(
    repository: Repository, version: IndexedVersion, question: Question, *, cache: dvc.Cache, limit: int
) -> Found | None:
    """What the first usable index of the version says; None where there is none."""
    if not question.concerns(version):
        return Found()
    for held in places_of(repository, version, cache=cache):
        try:
            return question.search(version, held, limit=limit)
        except IntegrityError as error:
            repository.tell(f"a record index of {version.known.name} cannot be used: {error.message}")
    return None


@contextmanager
def _question(by: By, subject: Any) -> Iterator[Question]:
    if by is By.FILE:
        with file_question(subject, reading=Reading()) as question:
            yield question
    elif by is By.RECORD:
        yield json_question(subject)
    elif by is By.ID:
        yield KeyQuestion(subject)
    elif by is By.SHA256:
        yield digest_question(subject)
    else:
        yield record_question(subject)


def _size(version: IndexedVersion) -> int:
    """About how many bytes the version's index has."""
    return version.records * (40 if version.key else 24)
