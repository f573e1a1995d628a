"""`dsv init`: git, DVC and dsv ready and committed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from importlib.metadata import version
from typing import Any

from dsv.adapters import dvc
from dsv.adapters.git import Git
from dsv.adapters.git.creation import create
from dsv.adapters.git.transaction import SharedEdit, edited
from dsv.errors import ExistsError, NoPathError, NoRepositoryError, UsageError
from dsv.model.progress import Tell, untold
from dsv.model.release_options import Hooks
from dsv.model.texts import check_path
from dsv.model.yamlwriter import is_plain
from dsv.repository import Repository, exclusively, files
from dsv.repository.declared.datasets import load_dataset_file
from dsv.repository.known.catalog import dataset_names
from dsv.repository.layout import SETTINGS, Layout
from dsv.repository.merging.merge_driver import ATTRIBUTES, attributes_with, configure_driver
from dsv.repository.repository import manifests_directory
from dsv.repository.writing.own_hook import missing_hook
from dsv.repository.writing.transaction import Writing, perform

_GITLAB_PIPELINE = ".gitlab-ci.yml"
_GITLAB_JOBS = ".gitlab/dsv.yml"


class Ci(Enum):
    """The services that dsv brings pipelines for: each a directory of templates."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True)
class Initialised:
    """Where the repository lies, what was missing, and the commit that now holds it."""

    root: str
    created: Sequence[str]
    commit: str | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"root": self.root, "created": list(self.created), "commit": self.commit}


def init(
    path: str = ".",
    *,
    make_git: bool = False,
    ci: Ci | None = None,
    manifests: str | None = None,
    commit: bool = True,
    install: bool = False,
    hooks: Hooks = Hooks.RUN,
    merge_driver: bool = False,
    tell: Tell = untold,
) -> Initialised:
    """Make the directory's git repository a dsv repository; complete one that lacks something.

    `merge_driver` has git merge the data of datasets by record: in this clone, and by attributes for all. `install`
    brings dsv's own pre-commit hook; `hooks` is whether those that are there see the commit. Errors: NoRepositoryError
    without git (unless `make_git`), GitError without an identity to commit with, ExistsError where there is a
    pre-commit hook of somebody else.
    """
    git = _git(path, make_git=make_git)
    root = _root(git, path)
    if manifests is not None:
        _check_manifests(manifests, root=root)
    if commit:
        git.identity()
    with exclusively(Repository.at(git, root, tell=tell), "init"):
        # gather
        if commit:
            git.refuse_busy()
        hook = missing_hook(Repository.at(git, root)) if install else None
        fresh = dvc.initialise(root)
        repository = Repository.at(git, root, tell=tell)
        layout = _layout(repository, manifests)
        wanted = _wanted(layout, ci=ci, manifests=manifests, tell=tell)
        for file in (".dvc/.gitignore", ".dvc/config", ".dvcignore"):
            content = files.read_bytes(layout.absolute(file))
            if content is not None:
                wanted[file] = content
        # decide
        missing = [file for file in wanted if file in fresh or not os.path.exists(layout.absolute(file))]
        loose = _uncommitted(git, layout, wanted) if commit else []
        shared = _install_driver(repository, commit=commit) if merge_driver else {}
        # record
        created, done = sorted([*loose, *shared]), None
        if not commit:
            created = _write(layout, {file: wanted[file] for file in missing}, shared)
        elif created:
            own = {file: files.read_bytes(layout.absolute(file)) or wanted[file] for file in loose}
            done = perform(repository, Writing("init", "Set up dsv", own=own, shared=shared, hooks=hooks))
        if hook:
            hook.write()
            created.append(hook.shown)
        return Initialised(root, created, done)


def _layout(repository: Repository, manifests: str | None) -> Layout:
    """Where everything is to lie; what dsv.yaml says comes first."""
    layout = repository.layout
    if manifests and not os.path.exists(layout.absolute(SETTINGS)):
        return Layout(layout.root, layout.prefix, manifests)
    return layout


def _write(layout: Layout, own: Mapping[str, bytes], shared: Mapping[str, SharedEdit]) -> list[str]:
    """The files written into the work tree only; their paths."""
    contents = dict(own)
    for file, edit in shared.items():
        text = files.read_bytes(layout.absolute(file)) or b""
        if (content := edited(text, edit)) != text:
            contents[file] = content
    for file, content in contents.items():
        files.write_bytes(layout.absolute(file), content)
    return sorted(contents)


def _install_driver(repository: Repository, *, commit: bool) -> dict[str, SharedEdit]:
    """The driver in this clone's configuration; and the edit of the attributes of all, where it has anything to do."""
    configure_driver(repository)
    layout = repository.layout
    declared = (layout.data_pointer(load_dataset_file(repository, name).path) for name in dataset_names(repository))
    pointers = [pointer for pointer in declared if os.path.isfile(layout.absolute(pointer))]

    def edit(text: str) -> str:
        return attributes_with(text, pointers)

    name = f"HEAD:{layout.in_git(ATTRIBUTES)}"
    text = repository.git.blobs([name]).get(name, b"") if repository.git.head() else b""
    return {ATTRIBUTES: edit} if not commit or edited(text, edit) != text else {}


def _git(path: str, *, make_git: bool) -> Git:
    if not os.path.isdir(path):
        raise NoPathError(f"{path} is no directory", hint="make it first")
    try:
        return Git.discover(os.path.realpath(path))
    except NoRepositoryError:
        if not make_git:
            raise
    create(path)
    return Git.discover(os.path.realpath(path))


def _root(git: Git, path: str) -> str:
    """An existing DVC root at or above the path, else git's root."""
    where = os.path.realpath(path)
    while where.startswith(git.root):
        if os.path.isdir(os.path.join(where, ".dvc")):
            return where
        where = os.path.dirname(where)
    return git.root


def _check_manifests(manifests: str, *, root: str) -> None:
    """Refuse a directory that cannot hold manifests, or that is not the one dsv.yaml names already."""
    try:
        check_path(manifests)
    except ValueError as error:
        raise UsageError(f"--manifests {manifests!a} {error}", hint="name a directory below the root") from None
    if os.path.exists(os.path.join(root, SETTINGS)):
        existing = manifests_directory(root)
        if existing != manifests:
            raise ExistsError(f"{SETTINGS} keeps the manifests in {existing!a} already", hint="leave out --manifests")


def _wanted(layout: Layout, *, ci: Ci | None, manifests: str | None, tell: Tell) -> dict[str, bytes]:
    from dsv.model.schemas import MODELS, json_schema, schema_file

    settings = resources.files("dsv.templates").joinpath("dsv.yaml").read_text()
    settings = settings.replace("manifests/.schemas", f"{layout.manifests}/.schemas")
    if manifests:
        settings += f"manifests: {manifests if is_plain(manifests) else json.dumps(manifests)}\n"
    wanted = {SETTINGS: settings.encode(), f"{layout.manifests}/.gitignore": b"/*/index/\n/*/scores/*.parquet\n"}
    for kind in MODELS:
        wanted[f"{layout.schemas()}/{schema_file(kind)}"] = json_schema(kind).encode()
    return wanted | (_pipelines(layout, ci, tell) if ci is not None else {})


def _pipelines(layout: Layout, ci: Ci, tell: Tell) -> dict[str, bytes]:
    """The files of the pipelines; they install the release of dsv that wrote them."""
    if layout.prefix:
        raise UsageError(
            f"pipelines belong to git's root, and this DVC root is {layout.prefix!a} below it",
            hint="take those that dsv init --ci writes in a repository of its own, and set the working directory",
        )
    files_of = {
        each.name: each for each in resources.files("dsv.templates").joinpath("ci").joinpath(ci.value).iterdir()
    }
    texts = {name: files_of[name].read_text().replace("@VERSION@", version("dsv")) for name in sorted(files_of)}
    if ci is Ci.GITHUB:
        return {f".github/workflows/{name}": text.encode() for name, text in texts.items()}
    wanted = {_GITLAB_JOBS: texts["dsv.yml"].encode()}
    own = files.read_bytes(layout.absolute(_GITLAB_PIPELINE))
    include = f"include:\n  - local: {_GITLAB_JOBS}\n"
    if own is None:
        wanted[_GITLAB_PIPELINE] = include.encode()
    elif _GITLAB_JOBS.encode() not in own:
        tell(f"{_GITLAB_PIPELINE} is yours, and stays as it is: {' '.join(include.split())} in it brings these jobs")
    return wanted


def _uncommitted(git: Git, layout: Layout, wanted: dict[str, bytes]) -> list[str]:
    """The files that no commit holds yet; `dvc init`, for one, only stages what it writes."""
    paths = {layout.in_git(file): file for file in wanted}
    head = git.head()
    held = git.tree(head, *paths) if head else {}
    return sorted(file for path, file in paths.items() if path not in held)
