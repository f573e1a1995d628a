"""What the next commit changes, as git's index has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters.git.work_tree import callers_index, staged_changes, staged_texts
from dsv.model.name import is_name
from dsv.model.version import Version, parse_version
from dsv.repository.checking.scope import Scope, base_of, lines_of
from dsv.repository.known.catalog import require_dataset
from dsv.repository.layout import SETTINGS, Layout

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def staged_scope(repository: Repository, names: Sequence[str], *, base: str | None) -> Scope | None:
    """The datasets that the next commit changes, of the named ones or of all; None where it changes none.

    Its repository has what is staged in place of the work tree.
    """
    for name in names:
        require_dataset(repository, name)
    git, layout = repository.git, repository.layout
    index = callers_index(git)
    places = [layout.in_git(SETTINGS), *(layout.in_git(layout.directory(each)) for each in names)]
    changed = staged_changes(git, *places, *([] if names else [layout.in_git(layout.manifests)]), index=index)
    changes = {each for path in changed if (each := _what(layout, layout.from_git(path))) is not None}
    if not changes:
        return None
    datasets = sorted({dataset for dataset, _ in changes if dataset})
    texts = staged_texts(git, *places[:1], *(layout.in_git(layout.directory(each)) for each in datasets), index=index)
    staged = replace(repository, staged={layout.from_git(path): text for path, text in texts.items()})
    lines = lines_of(repository, datasets) if datasets else {}
    declared = sorted({versions.dataset for versions in lines.values()})
    only = {each for each in changes if each[1]}
    return Scope(staged, list(lines), lines, declared, base_of(repository, base), only)


def _what(layout: Layout, path: str) -> tuple[str, Version | None] | None:
    """The dataset and the version whose manifest or index pointer a file is, None for another file of the dataset's.

    "" stands for dsv.yaml; None for a file that is about no dataset.
    """
    if path == SETTINGS:
        return "", None
    dataset = path[len(layout.manifests) + 1 :].partition("/")[0]
    if not is_name(dataset):
        return None
    named = layout.parse_manifest_path(path.removesuffix(".dvc") + ".yaml" if path.endswith(".dvc") else path)
    return dataset, parse_version(named[1]) if named else None
