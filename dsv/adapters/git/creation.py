"""A new git repository."""

from __future__ import annotations

from dsv.errors import GitError


def create(path: str) -> None:
    """Make a new git repository."""
    import git

    try:
        git.Repo.init(path)
    except git.exc.GitError as error:
        raise GitError(f"git init failed in {path}: {error}") from error
