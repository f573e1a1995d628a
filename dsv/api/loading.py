"""`dsv.load`: a released version as whoever trains with it wants it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from dsv.model.manifest import Manifest
    from dsv.model.progress import Progress, Tell
    from dsv.operations.cache import Cached
    from dsv.repository import Repository
    from dsv.repository.obtaining.obtaining import Obtained
    from dsv.repository.obtaining.origin import Origin
    from dsv.repository.obtaining.views import View

    Names = str | Sequence[str]
    """One or several."""

OnBadRecord = Literal["refuse", "skip"]
"""What becomes of records that do not parse, where a version was released with such."""

_PATIENCE_SECONDS = 600.0
"""How long one waits for another process that reads the metadata of the same repository: the first time takes long."""


@dataclass(frozen=True)
class LoadedVersion:
    """A version, or a part of it, whose files are on this machine and have the bytes that were released.

    It names a version, so it is the same today and in a year. Whoever holds it keeps its files in the cache. It can be
    sent to another process, which opens the same files.
    """

    obtained: Obtained

    @property
    def name(self) -> str:
        """The dataset, as it was called when this version was released."""
        return self.obtained.manifest.dataset

    @property
    def version(self) -> str:
        """The number, `1.2.0`."""
        return str(self.obtained.manifest.version)

    @property
    def ref(self) -> str:
        """`NAME@1.2.0`."""
        return self.obtained.found.name

    @property
    def digest(self) -> str:
        """`sha256:` and the digest of all files of the version, whatever part of it this is."""
        return self.obtained.manifest.digests.tree

    @property
    def commit(self) -> str | None:
        """The commit of the release; None where only the data is known here."""
        return self.obtained.found.commit

    @property
    def manifest(self) -> Manifest:
        """All that is known about the version: counts, fields, lineage, metadata, quality."""
        return self.obtained.manifest

    @property
    def repository(self) -> str:
        """Where it came from: an address, or the path of a repository."""
        return self.obtained.found.origin.address

    @property
    def files(self) -> list[str]:
        """The paths of its files, from `path`."""
        return [each.path for each in self.obtained.files]

    @property
    def splits(self) -> dict[str, int]:
        """The records in each named split of the version."""
        return dict(self.obtained.manifest.splits)

    @cached_property
    def _view(self) -> View:
        from dsv.repository.obtaining.views import view_of

        return view_of(self.obtained)

    @property
    def path(self) -> Path:
        """The directory with its files, and no others; the file itself where the dataset is one file.

        It is shared with other processes, and not to be written to. It is made when it is first asked for.
        """
        return Path(self._view.path)

    def split(self, name: str) -> LoadedVersion:
        """The files of one split; NoPathError where there is none of this name."""
        from dsv.operations.load import restricted

        return LoadedVersion(restricted(self.obtained, name))

    def records(self, *, on_bad_record: OnBadRecord = "refuse") -> Iterator[Any]:
        """Its records, one after the other, file by file; memory does not grow with their number.

        Each is what `json.loads` would give. Of a dataset whose files have no records inside (images, say) each file
        is one, as {"file", "path", "bytes", "sha256"}. Errors: BadRecordError with file and line, UnreadableError.
        """
        from dsv.operations.load import records
        from dsv.records.handed_out import BadRecords

        return records(self.obtained, bad=BadRecords(on_bad_record))

    def __iter__(self) -> Iterator[Any]:
        """As `records()`."""
        return self.records()

    def to_arrow(self, *, columns: Sequence[str] | None = None, on_bad_record: OnBadRecord = "refuse") -> pa.Table:
        """Its records as a `pyarrow.Table`: a typed column for each field, lists and objects nested as they are.

        Errors: those of `records()`; UnsupportedError for a field whose values have no type in common, NoPathError for
        a column that is not there.
        """
        from dsv.operations.load import table
        from dsv.records.handed_out import BadRecords

        return table(self.obtained, columns=columns or (), bad=BadRecords(on_bad_record))

    def to_pandas(self, *, columns: Sequence[str] | None = None, on_bad_record: OnBadRecord = "refuse") -> Any:
        """The same as a `pandas.DataFrame`; UnsupportedError without the extra `dsv[pandas]`."""
        from dsv.records.libraries import Library, data_frame, require

        require(Library.PANDAS)
        return data_frame(self.to_arrow(columns=columns, on_bad_record=on_bad_record))

    def to_hf(self, *, columns: Sequence[str] | None = None, on_bad_record: OnBadRecord = "refuse") -> Any:
        """The same as a `datasets.Dataset`, or a `DatasetDict` by split where there are several splits in it.

        Files in no split are the split `rest` then. UnsupportedError without the extra `dsv[huggingface]`.
        """
        from dsv.operations.load import by_split
        from dsv.records.libraries import Library, hugging_face_dataset, hugging_face_splits, require

        require(Library.HUGGING_FACE)
        parts = {
            split: LoadedVersion(part).to_arrow(columns=columns, on_bad_record=on_bad_record)
            for split, part in by_split(self.obtained).items()
        }
        return hugging_face_splits(parts) if len(parts) > 1 else hugging_face_dataset(*parts.values())

    def __repr__(self) -> str:
        part = f" {self.obtained.portion}" if not self.obtained.portion.is_all else ""
        number = len(self.obtained.files)
        return f"<{self.ref}{part}: {number:,} {'file' if number == 1 else 'files'}, {self.digest[:19]}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets the reference, and opens what is here."""
        origin, portion = self.obtained.found.origin, self.obtained.portion
        visited = origin.visited
        where = (visited.added.address.text, visited.added.root) if visited is not None else (origin.address, "")
        return _opened_again, (where, self.ref, self.digest, portion.globs, portion.splits)


@dataclass(frozen=True)
class Loading:
    """Versions to train with; the method is one of `dsv.api.Repo`."""

    repository: Repository

    def load(self, reference: str, *, split: Names = (), files: Names = (), verify: bool = False) -> LoadedVersion:
        """As `dsv.load`, from this repository."""
        from dsv.repository.obtaining.origin import origin_of

        return _loaded(origin_of(self.repository), reference, split=split, files=files, verify=verify)


def load(
    reference: str,
    repo: str | os.PathLike[str] | None = None,
    *,
    split: Names = (),
    files: Names = (),
    verify: bool = False,
    tell: Tell | None = None,
    progress: Progress | None = None,
) -> LoadedVersion:
    """The version that the reference names (`leases@1.x`), its files on this machine and verified by their SHA-256.

    `repo` is a path in a repository, whose own DVC cache then serves the files, or the URL of one, served from the
    user's cache. Without one it is the version that the dsv.lock of the project around the current directory has of
    this dataset, or else the repository around that. Only what is missing is brought, and of it only the splits, and
    the files that fit the globs of `files`, that are asked for. What was verified once is believed as long as the
    files look the same; `verify` reads every byte again. A version that was deprecated or yanked is a UserWarning.

    Errors: NoVersionError, NoDatasetError, NoRepositoryError, NoPathError for a split that is not there; MismatchError
    and MissingDataError for data that is damaged or nowhere; those of a remote that does not answer.
    """
    from dsv.model.executor import LOCAL
    from dsv.model.progress import unseen, untold
    from dsv.model.reference import parse_reference
    from dsv.repository.obtaining.origin import origin

    tell, progress = tell or untold, progress or unseen
    if repo is None:
        pinned = _pinned(reference, split=split, files=files, verify=verify, tell=tell, progress=progress)
        if pinned is not None:
            return pinned
    place = origin(
        os.fspath(repo or "."),
        root=parse_reference(reference).prefix,
        tell=tell,
        progress=progress,
        executor=LOCAL,
        lock_timeout=_PATIENCE_SECONDS,
    )
    return _loaded(place, reference, split=split, files=files, verify=verify)


def _pinned(
    reference: str, *, split: Names, files: Names, verify: bool, tell: Tell, progress: Progress
) -> LoadedVersion | None:
    """What the project around the current directory has locked; None where it pins nothing of this name."""
    from dsv.model.portion import Portion
    from dsv.model.reference import parse_reference
    from dsv.operations.load import load_pinned
    from dsv.repository.consuming.consumer import find_consumer
    from dsv.repository.obtaining.obtaining import Trust

    obtained = load_pinned(
        find_consumer(tell=tell, progress=progress, lock_timeout=_PATIENCE_SECONDS),
        parse_reference(reference),
        portion=Portion.parse(globs=_names(files), splits=_names(split)),
        trust=Trust.NOTHING if verify else Trust.SEEN,
    )
    if obtained is None:
        return None
    if obtained.found.warning:
        warnings.warn(obtained.found.warning, stacklevel=3)
    return LoadedVersion(obtained)


def _loaded(place: Origin, reference: str, *, split: Names, files: Names, verify: bool) -> LoadedVersion:
    from dsv.model.portion import Portion
    from dsv.model.reference import parse_reference
    from dsv.operations.load import load as operation
    from dsv.repository.obtaining.obtaining import Trust

    portion = Portion.parse(globs=_names(files), splits=_names(split))
    trust = Trust.NOTHING if verify else Trust.SEEN
    obtained = operation(place, parse_reference(reference), portion=portion, trust=trust)
    if obtained.found.warning:
        warnings.warn(obtained.found.warning, stacklevel=3)
    return LoadedVersion(obtained)


def _opened_again(
    where: tuple[str, str], reference: str, tree: str, globs: tuple[str, ...], splits: tuple[str, ...]
) -> LoadedVersion:
    """A version that another process has loaded; nothing is asked for as long as its files are here."""
    from dsv.model.executor import LOCAL
    from dsv.model.portion import Portion
    from dsv.model.progress import unseen, untold
    from dsv.model.reference import parse_reference
    from dsv.operations.load import load as operation
    from dsv.repository.obtaining.origin import origin

    address, root = where
    place = origin(address, root=root, tell=untold, progress=unseen, executor=LOCAL, lock_timeout=_PATIENCE_SECONDS)
    return LoadedVersion(operation(place, parse_reference(reference), portion=Portion(globs, splits), tree=tree))


def _names(given: Names) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def cache(*, prune: str | None = None) -> Cached:
    """What the user's cache holds; with `prune`, a size such as `"20GB"`, after what is beyond that was taken away.

    Versions that were used longest ago go first, and none that a process is using. Errors: UsageError for no size.
    """
    from dsv.model.byte_size import parse_size
    from dsv.operations import cache as operation

    return operation.cache() if prune is None else operation.prune(parse_size(prune))
