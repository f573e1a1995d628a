"""Who changed a file in the past, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.adapters.git.repository import Git


@dataclass(frozen=True)
class Author:
    """Who made what a commit holds, and when, in a form that git reads."""

    name: str
    email: str
    date: str

    def __str__(self) -> str:
        return f"{self.name or self.email or 'unknown'} <{self.email}>"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which git is told; it takes no empty name."""
        return {
            "GIT_AUTHOR_NAME": self.name or self.email or "unknown",
            "GIT_AUTHOR_EMAIL": self.email,
            "GIT_AUTHOR_DATE": self.date,
        }


@dataclass(frozen=True)
class Made:
    """Who made something, and when, in seconds since 1970."""

    author: Author
    seconds: int


@dataclass(frozen=True)
class PastCommit:
    """A commit with its author, the author's time in seconds since 1970, and the first line of its message."""

    id: str
    author: Author
    seconds: int
    subject: str

    @property
    def made(self) -> Made:
        """By whom its content was made, and when."""
        return Made(self.author, self.seconds)


def past_of(git: Git, path: str) -> list[PastCommit]:
    """The commits, in HEAD's line of first parents, that changed the file; oldest first."""
    head = git.head()
    if head is None:
        return []
    form = "--format=%H%x00%an%x00%ae%x00%aI%x00%at%x00%s"
    options = ("--first-parent", "--reverse", "--no-show-signature", "-z", form)
    cells = iter(git.run("--literal-pathspecs", "log", *options, head, "--", path).decode(errors="replace").split("\0"))
    return [
        PastCommit(commit, Author(name, email, date), int(seconds), subject)
        for commit, name, email, date, seconds, subject in zip(*[cells] * 6, strict=False)
    ]
