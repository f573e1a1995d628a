"""Commits and tags as objects that no ref names yet, signed where git's settings ask for it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dsv.adapters.git.process import ANY_END, run
from dsv.adapters.git.reference_names import names_a_reference
from dsv.adapters.git.repository import Git
from dsv.errors import BadNameError, GitError

_SETTINGS = r"^(user|author|committer|gpg|commit|tag)\."
_FALSE = frozenset({"false", "no", "off", "0"})
_SIGNATURE = re.compile(rb"(?m)^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$")
_NOISE = frozenset({"", "gpg failed to sign the data", "failed to write commit object", "unable to sign the tag"})


class Signature(Enum):
    """What git says of the signature of an object."""

    NONE = "none"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class _Settings:
    """What git is configured to, of all that signing depends on: keys in lower case, with their values in order."""

    values: Sequence[tuple[str, str]]

    def is_true(self, *keys: str) -> bool:
        """Whether the last value of one of the keys switches it on."""
        last = {key.lower(): value for key, value in self.values}
        return any(last.get(key, "false").lower() not in _FALSE for key in keys)

    def environment(self) -> Mapping[str, str]:
        """The same settings for a git that runs in another repository."""
        count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        names = {"GIT_CONFIG_COUNT": str(count + len(self.values))}
        for number, (key, value) in enumerate(self.values, start=count):
            names[f"GIT_CONFIG_KEY_{number}"], names[f"GIT_CONFIG_VALUE_{number}"] = key, value
        return names


def commit_tree(git: Git, tree: str, *, parents: Sequence[str], message: str, author: Mapping[str, str]) -> str:
    """The id of a new commit, signed under `commit.gpgsign`, which git's plumbing does not look at by itself.

    `author` are the variables that name an author other than who commits.
    """
    signed = _settings(git).is_true("commit.gpgsign")
    named = [word for parent in parents for word in ("-p", parent)]
    arguments = ["commit-tree", *(["-S"] if signed else []), tree, *named, "-F", "-"]
    content = message.encode(errors="surrogateescape")
    done = run(git.root, arguments, stdin=content, environment=author, accept=(0, 1, 128) if signed else (0,))
    commit = done.stdout.decode().strip()
    if signed and (done.returncode or not is_signed(git, commit)):
        raise _unsigned("commit", done.stderr)
    return commit


def build_tag(git: Git, name: str, *, commit: str, message: str) -> str:
    """The id of a new annotated tag object, signed under `tag.gpgSign` and `tag.forceSignAnnotated`.

    BadNameError for a name that git would not take.
    """
    if not names_a_reference(name):
        raise BadNameError(
            f"git takes no tag of the name {name!a}",
            hint="--no-tag releases without one; a DVC root whose path has no blanks, nor any of ~^:?*[, can have tags",
        )
    settings = _settings(git)
    text = f"{message.rstrip()}\n".encode(errors="surrogateescape")
    if settings.is_true("tag.gpgsign", "tag.forcesignannotated"):
        return _signed_tag(git, name, commit=commit, message=text, settings=settings)
    tagger = git.run("var", "GIT_COMMITTER_IDENT").decode(errors="surrogateescape").strip()
    head = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n"
    return git.run("mktag", stdin=head.encode(errors="surrogateescape") + text).decode().strip()


def is_signed(git: Git, object_id: str) -> bool:
    """Whether a commit or a tag object carries a signature, good or bad."""
    content = git.blobs([object_id])[object_id]
    head, _, body = content.partition(b"\n\n")
    if head.startswith(b"object "):
        return _SIGNATURE.search(body) is not None
    return re.search(rb"(?m)^gpgsig(?:-sha256)? ", head) is not None


def commit_signature(git: Git, commit: str) -> Signature:
    """Whether git believes the signature of a commit."""
    return _signature(git, commit, command="verify-commit")


def tag_signature(git: Git, tag: str) -> Signature:
    """Whether git believes the signature of a tag object, given by its id."""
    return _signature(git, tag, command="verify-tag")


def names_in_tags(git: Git, tags: Iterable[str]) -> dict[str, str]:
    """The name that each tag object, given by its id, carries itself; a ref of another name may lead to it."""
    heads = {tag: content.partition(b"\n\n")[0] for tag, content in git.blobs(tags).items()}
    found = {tag: re.search(rb"(?m)^tag (.*)$", head) for tag, head in heads.items()}
    return {tag: os.fsdecode(named[1]) for tag, named in found.items() if named}


def message_of_tag(git: Git, tag: str) -> str:
    """The message of a tag object, given by its id, without its signature."""
    body = git.blobs([tag])[tag].partition(b"\n\n")[2]
    signature = _SIGNATURE.search(body)
    return (body[: signature.start()] if signature else body).decode(errors="surrogateescape")


def _signature(git: Git, object_id: str, *, command: str) -> Signature:
    if not is_signed(git, object_id):
        return Signature.NONE
    # The exit code alone counts: a key's name may hold any text, also that of a good signature.
    done = run(git.root, [command, object_id], accept=ANY_END)
    return Signature.BAD if done.returncode else Signature.GOOD


def _signed_tag(git: Git, name: str, *, commit: str, message: bytes, settings: _Settings) -> str:
    """By `git tag`, in a repository of its own that shares only the objects: here the tag would exist at once."""
    scratch = os.path.join(git.directory, "dsv", "tag")
    shutil.rmtree(scratch, ignore_errors=True)
    for directory in ("objects", "refs"):
        os.makedirs(os.path.join(scratch, directory))
    with open(os.path.join(scratch, "HEAD"), "w", encoding="ascii") as stream:
        stream.write("ref: refs/heads/none\n")
    environment = {
        **settings.environment(),
        "GIT_DIR": scratch,
        "GIT_OBJECT_DIRECTORY": os.path.join(git.common, "objects"),
    }
    sign = ["-c", f"core.hooksPath={os.devnull}", "tag", "--sign", "--cleanup=verbatim", "-F", "-", name, commit]
    read = ["rev-parse", "--verify", "--quiet", f"refs/tags/{name}"]
    try:
        done = run(git.root, sign, stdin=message, environment=environment, accept=(0, 1, 128))
        tag = run(git.root, read, environment=environment, accept=(0, 1)).stdout.decode().strip()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    # Where an SSH key is unusable, git makes the tag without a signature and leaves with 0.
    if done.returncode or not tag or not is_signed(git, tag):
        raise _unsigned("tag", done.stderr)
    return tag


def _settings(git: Git) -> _Settings:
    rows = git.run("config", "-z", "--get-regexp", _SETTINGS, accept=(0, 1)).split(b"\0")
    pairs = [os.fsdecode(row).partition("\n") for row in rows if row]
    return _Settings([(key, value if newline else "true") for key, newline, value in pairs])


def _unsigned(what: str, stderr: bytes) -> GitError:
    lines = [
        re.sub(r"^(?:error|fatal): ", "", line).strip().rstrip("?")
        for line in stderr.decode(errors="replace").splitlines()
    ]
    reasons = [line for line in lines if line.removesuffix(":") not in _NOISE and line not in {"error", "fatal"}]
    setting = "commit.gpgsign" if what == "commit" else "tag.gpgSign"
    return GitError(
        f"the {what} cannot be signed, so nothing was done: {reasons[0] if reasons else 'the signing program failed'}",
        hint=f"look at git config user.signingkey and gpg.format, and at the key's agent; {setting} false goes without",
        details={"stderr": stderr.decode(errors="replace")[-2000:]},
    )
