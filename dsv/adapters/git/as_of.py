"""A repository as it would be if HEAD were at another commit and some of its tags were others."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field

from dsv.adapters.git.repository import Git, Tag


@dataclass(frozen=True)
class GitAsOf(Git):
    """Reads as if HEAD were at `commit`, which need be on no branch; `others` are tags by name, None where none is."""

    commit: str = ""
    others: Mapping[str, Tag | None] = field(default_factory=dict)

    @classmethod
    def of(cls, git: Git, commit: str, *, tags: Mapping[str, str | None]) -> GitAsOf:
        """The repository at a commit; each of the tags, by name, is the object with the given id, or is not there."""
        asked = [name for name, object_id in tags.items() if object_id is not None]
        questions = [f"{tags[name]}^{{{kind}}}" for name in asked for kind in ("tag", "commit")]
        found = git.object_ids(questions)
        others: dict[str, Tag | None] = dict.fromkeys(tags)
        for name, own, target in zip(asked, found[::2], found[1::2], strict=True):
            others[name] = Tag(name, tags[name] or "", target, own is not None)
        return cls(git.root, git.directory, git.common, commit, others)

    def head(self) -> str | None:
        """The commit that is taken for HEAD's."""
        return self.commit

    def tags(self, *patterns: str) -> list[Tag]:
        """The tags whose names match one of the globs (all without one), by name."""
        found = {tag.name: tag for tag in super().tags(*patterns) if tag.name not in self.others}
        for name, tag in self.others.items():
            if tag is not None and (not patterns or any(fnmatch.fnmatchcase(name, each) for each in patterns)):
                found[name] = tag
        return [found[name] for name in sorted(found)]
