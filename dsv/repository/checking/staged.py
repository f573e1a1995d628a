"""What the next commit changes, as git's index has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsv.adapters.git.work_tree import callers_index, staged_changes, staged_texts
from dsv.model.name import is_name
from dsv.model.version import Version, parse_version
from dsv.repository.layout import SETTINGS, Layout

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def staged_state(repository: Repository, names: Sequence[str]) -> tuple[Repository, list[tuple[str, Version | None]]]:
    """The repository with what is staged in place of the work tree, and what the next commit changes.

    That is a dataset with the version whose manifest or index pointer it is, if it is one; "" stands for dsv.yaml.
    """
    git, layout = repository.git, repository.layout
    index = callers_index(git)
    places = [layout.in_git(SETTINGS), *(layout.in_git(layout.directory(each)) for each in names)]
    changed = staged_changes(git, *places, *([] if names else [layout.in_git(layout.manifests)]), index=index)
    changes = list(filter(None, (_what(layout, layout.from_git(path)) for path in changed)))
    read = [*places[:1], *(layout.in_git(layout.directory(each)) for each in {name for name, _ in changes if name})]
    texts = staged_texts(git, *read, index=index) if changes else {}
    return replace(repository, staged={layout.from_git(path): text for path, text in texts.items()}), changes


def _what(layout: Layout, path: str) -> tuple[str, Version | None] | None:
    """The dataset and the version that a file is about; None for one that is about none."""
    if path == SETTINGS:
        return "", None
    dataset = path[len(layout.manifests) + 1 :].partition("/")[0]
    if not is_name(dataset):
        return None
    named = layout.parse_manifest_path(path.removesuffix(".dvc") + ".yaml" if path.endswith(".dvc") else path)
    return dataset, parse_version(named[1]) if named else None
