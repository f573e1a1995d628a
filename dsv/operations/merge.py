"""`dsv merge`: two sides' changes of a dataset's data as one; and what git runs to merge a data pointer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.git import merging as git_merging
from dsv.errors import ConflictError, DsvError, NoDatasetError
from dsv.exports.merge_conflicts import MergeConflicts, conflicts_markdown
from dsv.model.progress import Tell, untold
from dsv.records.three_way import Counts, Party
from dsv.repository import Repository, exclusively, files, find_repository
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import dataset_names, find, require_dataset
from dsv.repository.merging.merge_driver import conflicts_file
from dsv.repository.merging.merge_notes import MergeNote, forget_merge, note_merge, noted
from dsv.repository.merging.merge_placing import merge_version, place_merged
from dsv.repository.merging.merging import Merged, PointerTexts, merge_pointers

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.reference import Ref

_STAGES = (git_merging.BASE, git_merging.OURS, git_merging.THEIRS)


@dataclass(frozen=True)
class PointerFiles:
    """What git hands to a merge driver: files with the three versions, and the path they are of, from git's root.

    The result goes into the file of ours.
    """

    base: str
    ours: str
    theirs: str
    path: str
    marker_size: int = 7


@dataclass(frozen=True)
class DatasetMerge:
    """What became of one dataset: `placed` says that its merged data lies in the work tree now.

    `counts` is what the merge brought from theirs, in `unit` (records or files); None where git had merged already.
    """

    dataset: str
    path: str
    counts: Counts | None
    unit: str
    placed: bool

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        counts = self.counts
        brought = None
        if counts is not None:
            brought = {name: getattr(counts, name) for name in ("added", "removed", "modified", "moved")}
        return {
            "dataset": self.dataset,
            "path": self.path,
            "unit": self.unit,
            "from_theirs": brought,
            "placed": self.placed,
        }


@dataclass(frozen=True)
class Merges:
    """The datasets that were merged, by name."""

    datasets: Sequence[DatasetMerge]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"datasets": [each.document() for each in self.datasets]}


def merge(repository: Repository, *names: str, favour: Party | None = None) -> Merges:
    """Finish the merges of the named datasets, of all without a name: pointer, data, and git told that it is decided.

    `favour` is the side whose record, or file, is taken where both changed it differently; without, that is refused.
    Errors: ConflictError, with the conflicts in a file beside the data; MissingDataError with what to fetch.
    """
    wanted = [require_dataset(repository, name) for name in names]
    with exclusively(repository, "merge"):
        # gather
        undecided = git_merging.unmerged(repository.git, repository.layout.prefix or ".")
        waiting = {note.dataset: note for note in noted(repository)}
        pointers = _pointers(repository, wanted or [*waiting, *_datasets_among(repository, undecided)])
        # decide and record, one after the other: what is decided for one stays decided when the next is refused
        done: list[DatasetMerge] = []
        refused: list[MergeConflicts] = []
        for pointer, settings in sorted(pointers.items(), key=lambda pair: pair[1].name):
            found: DatasetMerge | MergeConflicts | None = None
            if pointer in undecided:
                found = _decide(repository, settings, pointer, undecided[pointer], favour=favour)
            elif settings.name in waiting:
                found = _place(repository, settings, waiting[settings.name], favour=favour)
            if isinstance(found, MergeConflicts):
                refused.append(found)
            elif found is not None:
                done.append(found)
        if refused:
            raise _refusal(repository, refused)
        return Merges(done)


def merge_versions(repository: Repository, *references: Ref, favour: Party | None = None) -> Merges:
    """What each version changed since the one before it, brought into its dataset's data in the working tree as well.

    `favour` as for `merge`: ours is the working tree. Errors: those of fetching the data of the versions that are
    compared; ConflictError, with the conflicts in a file beside the data.
    """
    with exclusively(repository, f"merge of {', '.join(map(str, references))}"):
        done = []
        for reference in references:
            known, versions = find(repository, reference)
            settings = load_dataset_file(repository, versions.dataset)
            outcome = merge_version(repository, settings, known, versions, favour=favour)
            if isinstance(outcome, MergeConflicts):
                _write_conflicts(repository, settings, outcome)
                raise _refusal(repository, [outcome])
            files.remove(repository.layout.absolute(conflicts_file(settings.path)))
            done.append(DatasetMerge(settings.name, settings.path, outcome.counts, outcome.unit, placed=True))
        return Merges(done)


def _pointers(repository: Repository, names: Sequence[str]) -> dict[str, DatasetSettings]:
    """The declarations of the datasets by their data pointers, as git names them."""
    declared = (load_dataset_file(repository, name) for name in dict.fromkeys(names))
    layout = repository.layout
    return {layout.in_git(layout.data_pointer(settings.path)): settings for settings in declared}


def _datasets_among(repository: Repository, paths: Iterable[str]) -> Iterator[str]:
    """The datasets whose data pointers are among the paths."""
    for path in sorted(paths):
        pointer = repository.layout.from_git(path)
        if pointer.endswith(".dvc") and not pointer.startswith(f"{repository.layout.manifests}/"):
            with suppress(NoDatasetError):
                yield _dataset_of(repository, pointer).name


def drive(given: PointerFiles, *, tell: Tell = untold) -> bool:
    """Merge a data pointer for git; whether that is done. Where not, the file holds both sides between markers.

    No lock is taken: whoever runs git may hold it. The work tree's data is left alone, as git may only be computing
    what a merge would be, or give it up; `merge` brings it.
    """
    texts = PointerTexts(_content(given.base) or None, _content(given.ours) or b"", _content(given.theirs) or b"")
    try:
        repository = find_repository(_existing(os.path.dirname(os.path.abspath(given.path))), tell=tell)
        settings = _dataset_of(repository, repository.layout.from_git(given.path))
        outcome = merge_pointers(repository, settings, texts)
        real = git_merging.is_merging_into_work_tree(repository.git)
        if isinstance(outcome, Merged):
            files.write_bytes(os.path.abspath(given.ours), outcome.text)
            if real:
                _note(repository, settings, texts, outcome)
                files.remove(repository.layout.absolute(conflicts_file(settings.path)))
                tell(f"{settings.name}: merged; {outcome.data.unit} from theirs: {outcome.data.counts.text}")
                tell(f"dsv merge {settings.name} then brings the merged data into {settings.path}")
            return True
        if real:
            _write_conflicts(repository, settings, outcome)
        tell(f"{settings.name}: {outcome.text}; see {conflicts_file(settings.path)}")
        tell(f"dsv merge {settings.name} --ours, or --theirs, decides them")
    except DsvError as error:
        tell(error.message)
        if error.hint:
            tell(error.hint)
    except Exception as error:  # noqa: BLE001 - git must go on to a conflict, whatever happened
        tell(f"a bug in dsv: {type(error).__name__}: {error}")
    files.write_bytes(os.path.abspath(given.ours), _marked(texts, size=given.marker_size))
    return False


def _decide(
    repository: Repository,
    settings: DatasetSettings,
    pointer: str,
    stages: Mapping[int, str],
    *,
    favour: Party | None,
) -> DatasetMerge | MergeConflicts:
    """A pointer that git left undecided, merged, with its data in the work tree and git told."""
    if git_merging.OURS not in stages or git_merging.THEIRS not in stages:
        raise ConflictError(
            f"one side removed {pointer}, the other changed it",
            hint=f"git rm {pointer} removes it, git add {pointer} keeps it",
        )
    contents = repository.git.blobs(stages.values())
    base, ours, theirs = (contents[stages[stage]] if stage in stages else None for stage in _STAGES)
    texts = PointerTexts(base, ours or b"", theirs or b"")
    outcome = merge_pointers(repository, settings, texts, favour=favour)
    if not isinstance(outcome, Merged):
        _write_conflicts(repository, settings, outcome)
        return outcome
    note = _note(repository, settings, texts, outcome)
    files.write_bytes(repository.layout.absolute(repository.layout.data_pointer(settings.path)), outcome.text)
    placed = _place(repository, settings, note, favour=favour)
    if isinstance(placed, MergeConflicts):
        return placed
    git_merging.mark_merged(repository.git, pointer)
    files.remove(repository.layout.absolute(conflicts_file(settings.path)))
    return DatasetMerge(settings.name, settings.path, outcome.data.counts, outcome.data.unit, placed.placed)


def _place(
    repository: Repository, settings: DatasetSettings, note: MergeNote, *, favour: Party | None
) -> DatasetMerge | MergeConflicts:
    """The merged data brought into the work tree, with what was changed there since."""
    outcome = place_merged(repository, settings, note, favour=favour)
    if isinstance(outcome, MergeConflicts):
        _write_conflicts(repository, settings, outcome)
        return outcome
    forget_merge(repository, settings.path)
    return DatasetMerge(settings.name, settings.path, None, "records" if settings.key else "files", outcome)


def _note(repository: Repository, settings: DatasetSettings, texts: PointerTexts, outcome: Merged) -> MergeNote:
    file = repository.layout.data_pointer(settings.path)
    given = [text for text in (texts.base, texts.ours, texts.theirs) if text]
    inputs = tuple(dict.fromkeys(dvc.parse_pointer(text, file=file).md5 for text in given))
    return note_merge(repository, MergeNote(settings.name, settings.path, outcome.oid, inputs))


def _dataset_of(repository: Repository, pointer: str) -> DatasetSettings:
    """The dataset whose data pointer this is; the one that is named after it is looked at first."""
    names = dataset_names(repository)
    stem = os.path.basename(pointer).split(".")[0]
    for name in sorted(names, key=lambda name: (name != stem, name)):
        settings = load_dataset_file(repository, name)
        if repository.layout.data_pointer(settings.path) == pointer:
            return settings
    raise NoDatasetError(f"{pointer} is not the pointer of a dataset", hint="take its line out of .gitattributes")


def _write_conflicts(repository: Repository, settings: DatasetSettings, conflicts: MergeConflicts) -> None:
    place = repository.layout.absolute(conflicts_file(settings.path))
    files.write_bytes(place, conflicts_markdown(conflicts).encode(errors="surrogatepass"))


def _refusal(repository: Repository, refused: Sequence[MergeConflicts]) -> ConflictError:
    paths = [load_dataset_file(repository, each.dataset).path for each in refused]
    shown = "; ".join(f"{each.dataset}: {each.text}" for each in refused)
    names = " ".join(each.dataset for each in refused)
    return ConflictError(
        shown,
        hint=f"see {', '.join(map(conflicts_file, paths))}; dsv merge {names} --ours, or --theirs, decides them",
        details={
            "conflicts": [
                {
                    "dataset": each.dataset,
                    "file": conflicts_file(path),
                    "records": each.record_count,
                    "examples": [record.document() for record in each.records[:10]],
                    "files": [conflict.path for conflict in each.files],
                }
                for each, path in zip(refused, paths, strict=True)
            ]
        },
    )


def _marked(texts: PointerTexts, *, size: int) -> bytes:
    """Both sides between the markers that git writes, which neither DVC nor dsv takes for a pointer."""
    parts = [b"<" * size + b" ours", texts.ours.rstrip(b"\n"), b"=" * size, texts.theirs.rstrip(b"\n")]
    return b"\n".join([*parts, b">" * size + b" theirs", b""])


def _content(path: str) -> bytes | None:
    return files.read_bytes(os.path.abspath(path))


def _existing(path: str) -> str:
    """The path, or the nearest directory above it that is there."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path
