"""What a pull request brings: new versions and events, other settings, and data that no version has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.git.replaying import merge_base
from dsv.adapters.git.transaction import differences
from dsv.errors import BadDataError, IntegrityError, NoVersionError
from dsv.model.version import parse_version
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.declared.pointers import said_of_data
from dsv.repository.known.catalog import KnownVersion, Versions, all_versions, dataset_names, read_manifest, versions_of
from dsv.repository.known.events import past_events
from dsv.repository.layout import SETTINGS

if TYPE_CHECKING:
    from dsv.adapters.git import Entry
    from dsv.model.dataset import DatasetSettings
    from dsv.model.documents import Loaded
    from dsv.model.standing import PastEvent
    from dsv.model.version import Version
    from dsv.repository.repository import Repository

_MANY = 10


@dataclass(frozen=True)
class Span:
    """The commits of a pull request: from the newest one that HEAD shares with the base, to HEAD; both are ids."""

    start: str
    head: str


@dataclass(frozen=True)
class Proposal:
    """What comes with a pull request for one dataset, by its name today.

    `arrived` are its new versions, ascending; `settings` the keys of dataset.yaml that differ. `data` is DVC's name of
    the data that HEAD's pointer names, where the pull request changed the pointer and no next version may follow from
    it yet; None where there is no such data.
    """

    versions: Versions
    arrived: Sequence[KnownVersion] = ()
    events: Sequence[PastEvent] = ()
    settings: Sequence[str] = ()
    data: str | None = None

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        return self.versions.dataset


def span_since(repository: Repository, base: str) -> Span:
    """The commits since the base; NoVersionError for a base that git does not know, and where there is no commit."""
    git = repository.git
    head = git.head()
    if head is None:
        raise NoVersionError("there is no commit yet that could be reviewed", hint="git commit makes one")
    start = git.resolve(base)
    return Span(merge_base(git, start, head) or start, head)


def proposals(repository: Repository, span: Span, *, names: Sequence[str] = ()) -> list[Proposal]:
    """What comes with these commits, by dataset; of the named datasets only, where some are named."""
    changed = _changed(repository, span)
    touched = _Touched(repository, span, changed)
    wanted = set(names)
    found = (touched.proposal(versions) for versions in touched.datasets() if not wanted or versions.dataset in wanted)
    return [each for each in found if each is not None]


def _changed(repository: Repository, span: Span) -> dict[str, Entry | None]:
    """The files of this DVC root that differ, by path from there; None for one that HEAD has not."""
    layout = repository.layout
    return {
        layout.from_git(path): entry
        for path, entry in differences(repository.git, span.start, span.head).items()
        if path.startswith(layout.in_git(""))
    }


class _Touched:
    """The files that differ, and what they are to datasets."""

    def __init__(self, repository: Repository, span: Span, changed: Mapping[str, Entry | None]) -> None:
        self._repository, self._span = repository, span
        layout = repository.layout
        arrived = _added(repository, span, [path for path, entry in changed.items() if entry is not None])
        self._manifests: dict[str, set[Version]] = {}
        self._events: dict[str, dict[str, str]] = {}
        self._names: set[str] = set()
        self._pointers: set[str] = set()
        for path, entry in changed.items():
            self._names.update(filter(None, [_directory(repository, path)]))
            if named := layout.parse_manifest_path(path):
                version = parse_version(named[1])
                if version is not None and path in arrived:
                    self._manifests.setdefault(named[0], set()).add(version)
            elif named := layout.parse_event_path(path):
                if entry is not None and path in arrived:
                    self._events.setdefault(named[0], {})[layout.in_git(path)] = entry.blob
            elif not path.startswith(f"{layout.manifests}/") and path.endswith((".dvc", dvc.LOCK_NAME)):
                self._pointers.add(path)
        self._declared = dict(_declared(repository, self._pointers))

    def datasets(self) -> Iterator[Versions]:
        """The versions of each dataset that a changed file belongs to, by its name today."""
        names = sorted({*self._names, *self._declared})
        # One by one is slower from a few on, and in a large repository faster below that.
        known = {} if len(names) < _MANY else all_versions(self._repository)
        lines = {name: versions for versions in known.values() for name in versions.names}
        found = {}
        for name in names:
            versions = lines[name] if name in lines else versions_of(self._repository, name)
            lines.update(dict.fromkeys(versions.names, versions))
            found[versions.dataset] = versions
        yield from (found[name] for name in sorted(found))

    def proposal(self, versions: Versions) -> Proposal | None:
        """What comes for the dataset; None where nothing does that anybody would review."""
        names = versions.names or (versions.dataset,)
        arrived = {version for name in names for version in self._manifests.get(name, ())}
        files = {path: blob for name in names for path, blob in self._events.get(name, {}).items()}
        events = past_events(self._repository, files).values() if files else ()
        found = Proposal(
            versions,
            arrived=[each for each in versions.known if each.version in arrived],
            events=sorted(events, key=lambda each: (each.at, each.file)),
            settings=_settings(self._repository, self._span, names),
            data=self._data(versions),
        )
        return found if found.arrived or found.events or found.settings or found.data else None

    def _data(self, versions: Versions) -> str | None:
        """What HEAD's pointer names, where the commits changed that and the newest version has other data."""
        settings = self._declared.get(versions.dataset)
        if settings is None:
            return None
        now = said_of_data(self._repository, settings.path, revision=self._span.head).oid
        before = said_of_data(self._repository, settings.path, revision=self._span.start).oid
        if now is None or now == before:
            return None
        base = versions.newest_base
        try:
            released = None if base is None else read_manifest(self._repository, base).digests.dvc
        except (BadDataError, IntegrityError):
            return None  # the checks say what is wrong with the manifest
        return None if released == f"md5:{now}" else now


def _directory(repository: Repository, path: str) -> str | None:
    """The dataset whose own file this is."""
    start = f"{repository.layout.manifests}/"
    name, below, _ = path[len(start) :].partition("/") if path.startswith(start) else ("", "", "")
    return name if below and not name.startswith(".") else None


def _added(repository: Repository, span: Span, paths: Sequence[str]) -> set[str]:
    """Those of the paths that the base has not."""
    before = repository.git.object_ids([f"{span.start}:{repository.layout.in_git(path)}" for path in paths])
    return {path for path, blob in zip(paths, before, strict=True) if blob is None}


def _declared(repository: Repository, pointers: Iterable[str]) -> Iterator[tuple[str, DatasetSettings]]:
    """The datasets whose data one of the pointers may name, with their declarations."""
    pointers = set(pointers)
    if not pointers:
        return
    made = any(path.endswith(dvc.LOCK_NAME) for path in pointers)
    marks = [path.removesuffix(".dvc").encode() for path in pointers]
    names = dataset_names(repository)
    files = {name: f"HEAD:{repository.layout.in_git(repository.layout.dataset_file(name))}" for name in names}
    texts = repository.git.blobs(files.values())
    for name, file in files.items():
        # Most declarations do not name the data at all, and need not be parsed.
        if made or any(mark in texts.get(file, b"") for mark in marks):
            try:
                settings = load_dataset_file(repository, name)
            except BadDataError:
                continue  # the checks say what is wrong with it
            if made or f"{settings.path}.dvc" in pointers:
                yield name, settings


def changed_settings(repository: Repository, span: Span) -> list[str]:
    """The keys of dsv.yaml that say something else than before, by name."""
    from dsv.model.settings import load_settings

    return _differing(repository, span, SETTINGS, load=load_settings)


def _settings(repository: Repository, span: Span, names: Sequence[str]) -> list[str]:
    """The same of dataset.yaml, under whichever of its names the dataset has it on both sides."""
    from dsv.model.dataset import load_dataset

    files = map(repository.layout.dataset_file, names)
    found = (_differing(repository, span, file, load=load_dataset) for file in files)
    return next(filter(None, found), [])


def _differing(repository: Repository, span: Span, file: str, *, load: Callable[..., Loaded[Any]]) -> list[str]:
    """The keys of a file that both sides have, and read; the checks tell of one that does not read."""
    from dsv.model.documents import plain

    sides = [f"{commit}:{repository.layout.in_git(file)}" for commit in (span.start, span.head)]
    texts = repository.git.blobs(sides)
    if len(texts) < len(sides) or texts[sides[0]] == texts[sides[1]]:
        return []
    try:
        before, after = (plain(load(texts[side], file=file).value, only_set=True) for side in sides)
    except BadDataError:
        return []
    return sorted(key for key in {**before, **after} if before.get(key) != after.get(key))
