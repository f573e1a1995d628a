"""The data of versions: whether this clone has it or can get it, and whether git keeps out of its way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from dsv.adapters import dvc
from dsv.adapters.git import clone
from dsv.errors import DsvError, MismatchError, OutsideError
from dsv.model.standing import Status
from dsv.repository.declared.pointers import stage_making
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending, counted, several
from dsv.repository.health.subject import Subject
from dsv.repository.known.catalog import KnownVersion, read_manifest
from dsv.repository.repository import Repository
from dsv.repository.transfer.restore import put_index_into_work_tree

LOST_DATA = Check(
    "D401",
    "lost data",
    Level.ERROR,
    "{count} of {versions} {are} not in the cache, and {nowhere}",
    "dsv verify {refs} --repair takes it from the work tree, if it is there; else dsv push in a clone that has it; "
    "gone for good: dsv remove {first} --reason WHY",
    "`dvc gc` or a hand deleted the only copy that this clone can reach.",
)
ABSENT_DATA = Check(
    "D402",
    "absent data",
    Level.WARNING,
    "{count} of {versions} {are} not in the cache; {elsewhere}",
    "dsv fetch {refs}{asked}",
    "After `dvc gc`, or a pull of the newest versions alone, the others are on the remote storage at best.",
)
DAMAGED_LIST = Check(
    "D403",
    "damaged object",
    Level.ERROR,
    "{path}, the list of the files of {versions}, is damaged",
    "dsv verify {first} --repair",
    "DVC trusts what lies in its cache.",
)
UNPLACED_INDEX = Check(
    "D404",
    "record index",
    Level.WARNING,
    "the record index of {versions} is not in the work tree",
    "dsv doctor --fix puts it there from the cache",
    "Plain `dvc status` and `dvc push` look for it beside its pointer.",
    Mending.FIX,
)
HIDDEN_DATA = Check(
    "D405",
    "hidden data",
    Level.WARNING,
    "git ignores {path}, and no pointer keeps it: it is in no commit",
    "dsv add {path} releases it; or take its line out of {file}",
    "A `dvc add` that was killed leaves data so: invisible to git, and known to nobody.",
)
UNIGNORED_DATA = Check(
    "D406",
    "ignored data",
    Level.ERROR,
    "git does not ignore {paths}",
    "dsv doctor --fix puts the lines into {file}",
    "A merge lost the lines; the next `git add` would commit the data itself.",
    Mending.FIX,
)
UNSORTED_LINES = Check(
    "D407",
    "ignored data",
    Level.WARNING,
    "the lines of datasets in {file} are repeated, or not in order",
    "dsv doctor --fix sorts them",
    "In order, the lines of two branches conflict less often.",
    Mending.FIX,
)
TRACKED_DATA = Check(
    "D408",
    "data in git",
    Level.ERROR,
    "git tracks {files} of {dataset}: {paths}",
    "git rm -r --cached {path}, and commit; the files stay where they are",
    "Bytes belong to DVC alone. `git add --force` brought them into git too.",
)
BAD_CACHE = Check(
    "D409",
    "cache",
    Level.ERROR,
    "DVC's cache {path} {problem}",
    "{remedy}",
    "Nothing can be released or fetched without it.",
)
MOVED_CACHE = Check(
    "D410",
    "moved cache",
    Level.ERROR,
    "{file} puts DVC's cache at {path}, which is not there",
    "bring it back or mount it; or let DVC use its own again: dvc config {level}--unset cache.dir",
    "The repository or the cache was moved: its settings name the old place.",
)
IMPOSSIBLE_LINKS = Check(
    "D411",
    "cache type",
    Level.WARNING,
    "cache.type allows {types} alone, which cannot lead from the cache {path} to another file system",
    "dvc config cache.type reflink,copy",
    "`dvc checkout` fails, or copies in spite of the setting.",
)
BAD_POINTER = Check(
    "D412",
    "pointer",
    Level.ERROR,
    "{file} {problem}",
    "git restore {file}",
    "The pointer tells DVC which data belongs to the commit; without it the data is nobody's.",
)

_SHOWN = 3


@dataclass(frozen=True)
class _Held:
    """What of one version is not in the cache."""

    known: KnownVersion
    missing: Sequence[str]


def cache(subject: Subject) -> Iterator[Finding]:
    """DVC's cache is where its settings say, and can be written."""
    settings, path = subject.dvc_settings, subject.cache.directory
    if settings.cache_directory is not None and not os.path.lexists(path) and subject.known:
        file = settings.cache_file or ""
        level = (
            "--local " if file.endswith(".local") else "" if file.endswith("config") and ".dvc" in file else "--global "
        )
        yield MOVED_CACHE.found(file=_shown(subject.repository, file), path=path, level=level)
        return
    above = path
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        yield BAD_CACHE.found(path=path, problem="is no directory", remedy=f"move {above} away")
    elif not os.access(above, os.W_OK | os.X_OK):
        remedy = f"look at who owns {above}, and whether its file system is read-only"
        yield BAD_CACHE.found(path=path, problem="cannot be written", remedy=remedy)
    elif (
        settings.types
        and {"copy", "symlink"}.isdisjoint(settings.types)
        and os.stat(above).st_dev != os.stat(subject.repository.layout.root).st_dev
    ):
        yield IMPOSSIBLE_LINKS.found(types=" and ".join(settings.types), path=path)


def pointers(subject: Subject) -> Iterator[Finding]:
    """The pointers to data that are not as HEAD has them are there, and can be read."""
    repository, layout = subject.repository, subject.repository.layout
    changed = set(clone.unlike_head(repository.git, below=layout.prefix, suffix=".dvc"))
    own = [layout.data_pointer(each.path) for each in subject.released.values() if each.path is not None]
    for file in [each for each in own if layout.in_git(each) in changed]:
        content = repository.text(file)
        if content is None:
            yield BAD_POINTER.found(file=file, problem="is released, and not there")
        elif not dvc.is_conflicted(content):  # which git tells, and dsv merge settles
            try:
                dvc.parse_pointer(content, file=file)
            except DsvError as error:
                yield BAD_POINTER.found(file=file, problem=f"cannot be read: {error.message}")


def objects(subject: Subject) -> Iterator[Finding]:
    """The objects of every released version are in the cache, or at least on a remote."""
    damaged: dict[str, list[KnownVersion]] = {}
    absent = _absent(subject, damaged)
    for oid, versions in sorted(damaged.items()):
        names = [each.name for each in versions]
        yield DAMAGED_LIST.found(path=subject.cache.path_of(oid), versions=several(names), first=names[0])
    if not absent:
        return
    remotes = subject.dvc_settings.remotes.values()
    if subject.never_fetched and not remotes:
        return  # that there is no remote says it all
    near = [dvc.Cache(subject.cache.root, f"{each.directory}/files/md5") for each in remotes if each.directory]
    far = [each.name for each in remotes if each.directory is None]
    lost = [left for each in absent if (left := _beyond(each, near))]
    if lost and not far:
        where = (
            f"no remote storage has {'them' if _several_objects(lost) else 'it'}"
            if remotes
            else "there is no remote storage"
        )
        yield _told(LOST_DATA, lost, nowhere=where)
    here = [each for each in absent if far or each.known not in {other.known for other in lost}]
    if here and not subject.never_fetched:
        unsure = bool(far and lost)
        elsewhere = f"the remote storage {several(far)} was not asked" if unsure else "the remote storage has all of it"
        asked = "; dsv verify --all --remote tells whether the remote storage has it" if unsure else ""
        yield _told(ABSENT_DATA, here, elsewhere=elsewhere, asked=asked)


def record_indexes(subject: Subject) -> Iterator[Finding]:
    """The record indexes that pointers name lie in the work tree, as far as they are here."""
    repository, layout = subject.repository, subject.repository.layout
    found = []
    for known in subject.known:
        if layout.index_pointer(known.dataset, known.version) not in subject.head_tree:
            continue
        placed = layout.absolute(layout.index_directory(known.dataset, known.version))
        pointer = layout.absolute(layout.index_pointer(known.dataset, known.version))
        if os.path.isdir(placed) or not os.path.exists(pointer) or not _is_placed(subject, known):
            continue
        oid = subject.tops(known)[-1:]
        if oid and oid[0] in subject.held and not _lacking(subject, oid[0]):
            found.append(known)
    if found:
        act = partial(_place_indexes, repository, found)
        yield UNPLACED_INDEX.found(Mend(act=act), versions=several(each.name for each in found))


def hidden_data(subject: Subject) -> Iterator[Finding]:
    """Nothing that git ignores beside pointers is without one."""
    repository = subject.repository
    layout, git = repository.layout, repository.git
    pointers = git.tracked_below(layout.prefix, "*.dvc")
    folders = {os.path.dirname(layout.from_git(path)) for path in pointers}
    folders.update(os.path.dirname(each.path) for each in subject.declared.values() if each and each.path)
    folders.update(
        folder for folder in clone.folders_with(git, layout.prefix, ".gitignore") if _is_of_dvc(repository, folder)
    )
    for folder in sorted(folders):
        file = f"{folder}/.gitignore".lstrip("/")
        text = (repository.text(file) or b"").decode(errors="surrogateescape")
        for name in dvc.gitignored_names(text):
            path = f"{folder}/{name}".lstrip("/")
            if os.path.exists(layout.absolute(path)) and not _has_pointer(repository, path):
                yield HIDDEN_DATA.found(path=path, file=file)


def ignored_data(subject: Subject) -> Iterator[Finding]:
    """Git ignores the data of every released dataset, by one line each, in order, and keeps none of it."""
    repository = subject.repository
    layout = repository.layout
    by_file: dict[str, list[str]] = {}
    for declared in subject.released.values():
        path = declared.path or ""
        if repository.text(layout.data_pointer(path)) is not None:  # else a stage's, for which DVC sees to it
            folder, _, name = path.rpartition("/")
            by_file.setdefault(f"{folder}/.gitignore".lstrip("/"), []).append(name)
    for file, names in sorted(by_file.items()):
        text = (repository.text(file) or b"").decode(errors="surrogateescape")
        folder = file.removesuffix(".gitignore")
        absent = [name for name in dvc.gitignore_lacks(text, names) if not _is_ignored(repository, folder + name)]
        edits = {file: partial(_gitignore_mended, missing=absent, names=names)}
        if absent:
            yield UNIGNORED_DATA.found(Mend(edits=edits), paths=several(folder + name for name in absent), file=file)
        elif edits[file](text) != text:
            yield UNSORTED_LINES.found(Mend(edits=edits), file=file)


def data_in_git(subject: Subject) -> Iterator[Finding]:
    """Git keeps no file of a dataset's data."""
    layout = subject.repository.layout
    paths = {name: each.path for name, each in subject.released.items() if each.path is not None}
    tracked = [
        layout.from_git(path) for path in clone.tracked(subject.repository.git, map(layout.in_git, paths.values()))
    ]
    for dataset, path in paths.items():
        own = [each for each in tracked if each == path or each.startswith(f"{path}/")]
        if own:
            shown = several(own, shown=_SHOWN)
            yield TRACKED_DATA.found(files=counted(len(own), "file"), dataset=dataset, paths=shown, path=path)


KEPT_DATA = Area(
    "Data",
    (
        LOST_DATA,
        ABSENT_DATA,
        DAMAGED_LIST,
        UNPLACED_INDEX,
        HIDDEN_DATA,
        UNIGNORED_DATA,
        UNSORTED_LINES,
        TRACKED_DATA,
        BAD_CACHE,
        MOVED_CACHE,
        IMPOSSIBLE_LINKS,
        BAD_POINTER,
    ),
    (cache, pointers, objects, record_indexes, hidden_data, ignored_data, data_in_git),
)


def _absent(subject: Subject, damaged: dict[str, list[KnownVersion]]) -> list[_Held]:
    """The versions that are not whole in the cache, with what they lack; `damaged` gets lists that cannot be read."""
    found, seen = [], dict[str, Sequence[str]]()
    for known in subject.known:
        missing: list[str] = []
        for oid in subject.tops(known):
            try:
                seen[oid] = seen[oid] if oid in seen else _lacking(subject, oid)
            except (MismatchError, OutsideError):
                damaged.setdefault(oid, []).append(known)
                continue
            missing += seen[oid]
        if missing and known.status is not Status.REMOVED:
            found.append(_Held(known, missing))
    return found


def _lacking(subject: Subject, oid: str) -> Sequence[str]:
    """What the cache lacks of an object and, for a directory's, of the files that it names."""
    if oid not in subject.held:
        return [oid]
    if not oid.endswith(".dir"):
        return []
    return [md5 for _, md5 in dvc.read_directory_object(subject.cache, oid) if md5 not in subject.held]


def _beyond(held: _Held, near: Sequence[dvc.Cache]) -> _Held | None:
    """What of the missing is in none of the stores either; None where they have all of it."""
    left = list(held.missing)
    for store in near:
        gone = []
        for oid in left:
            try:
                below = [md5 for _, md5 in dvc.read_directory_object(store, oid)] if oid.endswith(".dir") else []
            except DsvError:
                below = []
            gone += store.missing([oid, *below])
        left = gone
    return _Held(held.known, left) if left else None


def _told(check: Check, held: Sequence[_Held], **named: str) -> Finding:
    count = len({oid for each in held for oid in each.missing})
    names = [each.known.name for each in held]
    are = "is" if count == 1 else "are"
    return check.found(
        count=counted(count, "object"),
        versions=several(names),
        are=are,
        refs=_references(names),
        first=names[0],
        **named,
    )


def _references(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= _SHOWN else "--all"


def _several_objects(held: Sequence[_Held]) -> bool:
    return len({oid for each in held for oid in each.missing}) > 1


def _is_placed(subject: Subject, known: KnownVersion) -> bool:
    """Whether the data of the dataset is in the work tree; the index of one that was only fetched need not be."""
    declared = subject.released.get(known.dataset)
    path = declared.path if declared is not None else None
    return path is not None and os.path.exists(subject.repository.layout.absolute(path))


def _place_indexes(repository: Repository, versions: Sequence[KnownVersion]) -> None:
    for known in versions:
        put_index_into_work_tree(repository, known, read_manifest(repository, known))


def _gitignore_mended(text: str, *, missing: list[str], names: list[str]) -> str:
    text = dvc.gitignore_in_order(text, names)
    for name in missing:
        text = dvc.gitignore_with(text, name)
    return text


def _is_ignored(repository: Repository, path: str) -> bool:
    return repository.git.ignored(repository.layout.in_git(path)) is not None


def _is_of_dvc(repository: Repository, folder: str) -> bool:
    """Whether a directory below the root ignores nothing but single names in it, as where `dvc add` was run alone."""
    layout = repository.layout
    if not folder or folder.split("/", maxsplit=1)[0] in {".dvc", layout.manifests.split("/")[0]}:
        return False
    lines = (repository.text(f"{folder}/.gitignore") or b"").decode(errors="surrogateescape").splitlines()
    return bool(lines) and len(dvc.gitignored_names("\n".join(lines))) == len(lines)


def _has_pointer(repository: Repository, path: str) -> bool:
    pointer = repository.layout.absolute(repository.layout.data_pointer(path))
    return os.path.exists(pointer) or stage_making(repository, path) is not None


def _shown(repository: Repository, path: str) -> str:
    root = repository.layout.root + os.sep
    return path.removeprefix(root)
