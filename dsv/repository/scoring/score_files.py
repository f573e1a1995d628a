"""The files of scores that a dataset has: a pointer each in git, under a name that no two imports share.

So branches that import scores merge without a conflict. Which file is whose, and when it was made, its name says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import MissingDataError
from dsv.model.scores import Scorer
from dsv.model.standing import Status
from dsv.records.scores.score_file import ScoreFile, open_scores
from dsv.repository import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsv.repository.repository import Repository

IGNORED = "/*/scores/*.parquet"
"""The line of `manifests/.gitignore` that leaves the files to DVC."""

_NAME = re.compile(r"(.+)-([0-9]{8}T[0-9]{6}Z)-[0-9a-f]{8}\.parquet")
_MARKS = 8


@dataclass(frozen=True)
class ScorePointer:
    """A file of scores as git points to it: its path and that of the pointer, DVC's name of it, and its bytes.

    `dataset` is the name under which it was imported, `at` when that was.
    """

    dataset: str
    path: str
    file: str
    scorer: str
    at: str
    oid: str
    size: int

    @property
    def name(self) -> str:
        """What messages call it by: its dataset."""
        return self.dataset

    @property
    def status(self) -> Status:
        """Scores are never withdrawn."""
        return Status.ACTIVE


def score_pointers(repository: Repository, names: Iterable[str], *, commit: str | None = None) -> list[ScorePointer]:
    """Those of the dataset with these names, its former ones too, in HEAD's tree or a commit's; by scorer and time."""
    git, layout = repository.git, repository.layout
    at = commit or git.head()
    directories = [layout.in_git(layout.scores(name)) for name in names]
    if at is None or not directories:
        return []
    found = {path: entry.blob for path, entry in git.tree(at, *directories).items()}
    return pointers_in(repository, found)


def every_score_pointer(repository: Repository) -> list[ScorePointer]:
    """Those of all datasets in HEAD's tree."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None:
        return []
    tree = git.tree(head, layout.in_git(layout.manifests))
    return pointers_in(repository, {path: entry.blob for path, entry in tree.items()})


def earlier_pointers(repository: Repository) -> list[ScorePointer]:
    """Those that HEAD's tree has no more, because their scores went into later files, and its history has."""
    git, layout = repository.git, repository.layout
    head = git.head()
    if head is None:
        return []
    top = re.sub(r"([*?\[\]\\])", r"\\\1", layout.in_git(layout.manifests))
    entries = git.history(f":(glob){top}/*/scores/*.dvc", revisions=[head])
    return pointers_in(repository, {entry.path: entry.blob for entry in entries if entry.blob})


def pointers_in(repository: Repository, blobs: Mapping[str, str]) -> list[ScorePointer]:
    """Those among these files of git, given as path from git's root -> blob."""
    layout = repository.layout
    named = {path: blob for path, blob in blobs.items() if layout.parse_scores_pointer(layout.from_git(path))}
    if not named:
        return []
    texts = repository.git.blobs(named.values(), paths={blob: path for path, blob in named.items()})
    pointers = []
    for path, blob in named.items():
        if blob not in texts and not repository.git.has_work_tree:
            continue  # of a clone of metadata that was made before such pointers came along
        file = layout.from_git(path)
        dataset, name = layout.parse_scores_pointer(file) or ("", "")
        parts = _NAME.fullmatch(name)
        if parts is None:
            repository.tell(f"{file} has not the name of a file of scores, and is left out")
            continue
        pointer = dvc.parse_pointer(texts[blob], file=file)
        pointers.append(
            ScorePointer(dataset, file.removesuffix(".dvc"), file, parts[1], parts[2], pointer.md5, pointer.size or 0)
        )
    return sorted(pointers, key=lambda each: (each.scorer, each.at, each.file))


def opened_scores(repository: Repository, pointers: Sequence[ScorePointer]) -> dict[str, list[ScoreFile]]:
    """The files by scorer; MissingDataError where one is neither in DVC's cache nor in the work tree."""
    found: dict[str, list[ScoreFile]] = {}
    cache = dvc.find_cache(repository.layout.root)
    for each in pointers:
        found.setdefault(each.scorer, []).append(open_scores(_place_of(repository, each, cache), name=each.oid))
    return found


def is_here(repository: Repository, pointer: ScorePointer) -> bool:
    """Whether the file can be read here."""
    try:
        _place_of(repository, pointer, dvc.find_cache(repository.layout.root))
    except MissingDataError:
        return False
    return True


def name_of(scorer: Scorer, *, at: str, md5: str) -> str:
    """What a file of scores is called; `at` is the time of the import."""
    return f"{scorer.id}-{stamp_of(at)}-{md5[:_MARKS]}.parquet"


def stamp_of(at: str) -> str:
    """A time as names of files have it."""
    return re.sub(r"[-:]", "", at)


def _place_of(repository: Repository, pointer: ScorePointer, cache: dvc.Cache) -> str:
    """Where the file lies: in DVC's cache, else in the work tree with the bytes that the pointer names."""
    kept = cache.path_of(pointer.oid)
    if os.path.isfile(kept):
        return kept
    placed = repository.layout.absolute(pointer.path)
    if os.path.isfile(placed) and not os.path.islink(placed) and files.md5_of(placed) == pointer.oid:
        return placed
    raise MissingDataError(
        f"the scores of {pointer.dataset} by {pointer.scorer} are not here: {pointer.path}",
        hint=f"dsv fetch --index {pointer.dataset} brings them",
        details={"object": pointer.oid, "path": pointer.path},
    )
