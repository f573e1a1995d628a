"""A remote of git: what it has, and a branch and tags sent to it together."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dsv.adapters.git.process import ANY_END, run
from dsv.adapters.git.references import guarded
from dsv.adapters.git.repository import Git
from dsv.errors import (
    ConflictError,
    CredentialsError,
    DeadlineError,
    DsvError,
    GitError,
    NetworkError,
    NoRemoteError,
    PublishedError,
)
from dsv.model.secrecy import without_secrets_of_urls

_ANSWER_SECONDS = 30.0
_FETCH_SECONDS = 600.0
_TYPING_SECONDS = 600.0
_LONGEST = 300
_PROTECTED = (
    "where {branch} is protected: dsv bump --no-tag on another branch, dsv push, and a pull request; after the "
    "merge, dsv tag --missing and dsv push --tags-only"
)
_CREDENTIALS = (
    r"(?i)could not read (?:username|password)|authentication failed|permission denied|invalid username|\b403\b"
)
_NETWORK = (
    r"(?i)could not resolve|couldn't resolve|connection (?:refused|reset|timed out)|failed to connect|no route to host"
    r"|network is unreachable|operation timed out|could not connect"
)
_ABSENT = r"(?i)does not appear to be a git repository|repository .*not found|does not exist"
_NOT_OURS = re.compile(r"(?i)^(?:hint:|to |error: failed to push some refs|remote: *$|updating files)")


@dataclass(frozen=True)
class GitRemote:
    """A configured remote of the repository, and its address as it may be shown."""

    git: Git
    name: str
    address: str

    @classmethod
    def named(cls, git: Git, name: str) -> GitRemote:
        """The remote of this name; NoRemoteError where git's configuration has none."""
        names = os.fsdecode(git.run("remote")).split()
        if name not in names:
            raise NoRemoteError(
                f"git has no remote {name!a}",
                hint=f"git remote add {shlex.quote(name)} URL"
                + (f", or --git-remote with one of {', '.join(names)}" if names else ""),
                details={"remotes": names},
            )
        url = os.fsdecode(git.run("remote", "get-url", "--push", "--", name)).strip()
        return cls(git, name, without_secrets_of_urls(url))

    def references(self, below: tuple[str, ...] = ("refs/heads/", "refs/tags/")) -> dict[str, str]:
        """What its branches and tags, or what is `below`, and `HEAD` are, by full name; asked of itself, in seconds.

        Errors: those of a remote that does not answer. `HEAD` is the name of its default branch.
        """
        found = {}
        for line in os.fsdecode(self._ask("ls-remote", "--symref", "--", self.name)).split("\n"):
            value, _, name = line.partition("\t")
            if value.startswith("ref: "):
                found[name] = value.removeprefix("ref: ")
            elif name.startswith(below) and not name.endswith("^{}"):
                found[name] = value
        return found

    def fetch(self, reference: str) -> None:
        """The object that a branch or tag there is, and what it leads to, in this repository; no ref moves."""
        arguments = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self.name, reference)
        self._ask(*arguments, seconds=_FETCH_SECONDS)

    def push(self, *, commit: str | None, branch: str, tags: Sequence[str], guard: str) -> None:
        """The branch at the commit (left alone without one) and the tags on the remote: all of it, or nothing.

        `guard` is a file that stays locked as long as git is at it.
        Errors: ConflictError when the branch there has other commits, PublishedError when a tag is there, GitError with
        the words of a hook or server that refuses, those of a remote that does not answer.
        """
        refspecs = [f"{commit}:refs/heads/{branch}"] if commit else []
        refspecs += [f"refs/tags/{tag}:refs/tags/{tag}" for tag in tags]
        if not refspecs:
            return
        arguments = ["push", "--porcelain", "--atomic", "--no-follow-tags", "--", self.name, *refspecs]
        with guarded(guard) as held:
            done = run(self.git.root, arguments, environment=asking(), inherited=[held], accept=ANY_END)
        if done.returncode:
            said = os.fsdecode(done.stderr)
            raise self._refused(os.fsdecode(done.stdout), said, branch=branch if commit else "")

    def _ask(self, *arguments: str, seconds: float | None = None) -> bytes:
        seconds = seconds or _ANSWER_SECONDS
        if sys.stdin and sys.stdin.isatty():
            seconds = max(seconds, _TYPING_SECONDS)
        try:
            done = run(self.git.root, arguments, environment=asking(), accept=ANY_END, timeout_seconds=seconds)
        except DeadlineError:
            raise NetworkError(
                f"the git remote {self.name} ({self.address}) does not answer: {seconds:.0f} seconds went by",
                hint="check its address, which git remote -v shows, and your network",
            ) from None
        if done.returncode:
            raise self._failed(os.fsdecode(done.stderr))
        return done.stdout

    def _refused(self, rows: str, said: str, *, branch: str) -> DsvError:
        """What `git push --porcelain` tells of each ref, in rows with a flag, and on standard error."""
        refused = [row.split("\t") for row in rows.splitlines() if row.startswith("!\t")]
        reasons = {cells[1].partition(":")[2]: cells[2] for cells in refused if "atomic" not in cells[2]}
        where = f"the git remote {self.name}"
        for ref, reason in reasons.items():
            name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
            if "fetch first" in reason or "non-fast-forward" in reason:
                return ConflictError(
                    f"{self.name}/{name} has commits that are not here; neither branch nor tags were pushed",
                    hint=f"git pull {self.name} {name}, then dsv push again: the data need not be sent again",
                )
            if "already exists" in reason:
                return PublishedError(
                    f"{where} has another tag {name} already; neither branch nor tags were pushed",
                    hint=f"git ls-remote {self.name} {ref} shows it",
                )
        if reasons:
            # A hook that looks at all refs at once refuses the tags along with the branch.
            protected = bool(branch) and f"refs/heads/{branch}" in reasons
            names = branch if protected else ", ".join(ref.removeprefix("refs/tags/") for ref in reasons)
            why = "; ".join(dict.fromkeys(reasons.values()))
            return GitError(
                f"{where} refuses {names}: {_words(said) or why}",
                hint=_PROTECTED.format(branch=branch) if protected else "ask those who keep it; nothing was pushed",
                details={"refused": reasons, "stderr": without_secrets_of_urls(said)[-2000:]},
            )
        return self._failed(said, doing="pushing to")

    def _failed(self, said: str, *, doing: str = "asking") -> DsvError:
        where = f"the git remote {self.name} ({self.address})"
        return why_refused(
            said,
            where=where,
            doing=doing,
            asked=self.name,
            absent="git remote -v shows its address",
            otherwise=f"try git ls-remote {self.name}, and git push by hand",
        )


def why_refused(said: str, *, where: str, doing: str, asked: str, absent: str, otherwise: str) -> DsvError:
    """The error for a repository that git could not use, by what git said.

    `asked` is what git calls it; `absent` and `otherwise` are hints for one that is none, and for what is not known.
    """
    words = _words(said) or "no reason given"
    if re.search(_NETWORK, said):
        return NetworkError(f"{where} cannot be reached: {words}", hint="check its address and your network")
    if re.search(_CREDENTIALS, said):
        hint = f"try git ls-remote {asked}; set up a credential helper or an SSH key"
        return CredentialsError(f"{where} refuses who we are: {words}", hint=hint)
    if re.search(_ABSENT, said):
        return NoRemoteError(f"{where} is no git repository: {words}", hint=absent)
    return GitError(f"{doing} {where} failed: {words}", hint=otherwise)


def asking() -> dict[str, str]:
    """A person at a terminal may be asked for a password, unless the environment forbids it; nobody else is."""
    usual = "1" if sys.stdin and sys.stdin.isatty() else "0"
    return {"GIT_TERMINAL_PROMPT": os.environ.get("GIT_TERMINAL_PROMPT", usual)}


def _words(said: str) -> str:
    """What the remote, a hook or git itself gives as a reason, in one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _NOT_OURS.match(line.strip())]
    theirs = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    chosen = theirs or [line.removeprefix("fatal: ").removeprefix("error: ") for line in lines]
    return without_secrets_of_urls(" / ".join(chosen))[:_LONGEST]
