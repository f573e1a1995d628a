"""What DVC's settings say about keeping data: how it comes into the work tree, and which remotes there are."""

from __future__ import annotations

from dataclasses import dataclass

from dsv.adapters.dvc.runtime import opened

_LINKS = ("hardlink", "symlink")


@dataclass(frozen=True)
class Configuration:
    """The links that `cache.type` allows, and remotes by name: all of them, the default, the version aware ones."""

    links: tuple[str, ...]
    remotes: tuple[str, ...]
    default_remote: str | None
    version_aware: tuple[str, ...]


def configuration(root: str) -> Configuration:
    """The settings in force at the root, from all of DVC's files of settings; no remote is asked."""
    with opened(root) as repo:
        types = repo.config["cache"].get("type") or []
        remotes = repo.config["remote"]
        return Configuration(
            tuple(each for each in _LINKS if each in types),
            tuple(sorted(remotes)),
            repo.config["core"].get("remote"),
            tuple(sorted(name for name, each in remotes.items() if each.get("version_aware") or each.get("worktree"))),
        )
