"""What has to hold after a fault: the next command puts all in order, and the command itself can be run again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.commands import Command, Ends

Dsv = Callable[..., tuple[int, str, str]]
DvcStatus = Callable[[Path], str]

_DERIVED = (".git/objects", ".git/logs", ".git/index", ".git/COMMIT_EDITMSG", ".git/dsv/work", ".git/dsv/lock")
_HIDDEN = (".git", ".dvc/cache", ".dvc/tmp")
_SCRATCH = re.compile(
    r"\.dvc/(cache/files/dsv-|tmp/)|\.git/(index\.stash\.\d+|dsv/(index\.db|\.dsv-|[a-z]+-index|index-lock|.*\.tmp$|update-ref|push$))"
)
"""What nobody looks at, and what the next one who works there removes."""


@dataclass(frozen=True)
class Sound:
    """A place without a fault: what a person sees, what doctor finds and `dvc status` says, and verify's exit code."""

    state: Mapping[str, str]
    findings: Sequence[str]
    dvc: str
    verified: int


@dataclass(frozen=True)
class Recovered:
    """A place after the next command: what that one said, whether a journal was there before, and what is there now.

    `whole` is a digest of all there is, by which two places that are the same need to be examined once.
    """

    interrupted: bool
    code: int
    said: str
    state: Mapping[str, str]
    left: Sequence[str]
    whole: str


def sound(place: Path, *, dsv: Dsv, dvc_status: DvcStatus) -> Sound:
    """What is to be compared with."""
    verified, _, _ = dsv(place, "verify", "--all")
    return Sound(state_of(place), _findings(place, dsv), dvc_status(place), verified)


def recovered(place: Path, *, dsv: Dsv) -> Recovered:
    """The place, after a command that only reads."""
    interrupted = (place / "repo/.git/dsv/journal.json").exists()
    code, _, said = dsv(place, "list")
    return Recovered(interrupted, code, said.strip(), state_of(place), _left_over(place / "repo"), raw_state(place))


def wrong_now(found: Recovered, command: Command, *, before: Sound, after: Sound, code: int | None) -> Iterator[str]:
    """What is wrong when the command was killed, or failed with the code, and the next one was run."""
    end = end_of(found, before=before, after=after)
    if found.interrupted and code == 0:
        yield "a journal is left by a command that came through"
    if found.code != (10 if command.name == "init" and end == "undone" else 0) and command.name != "init":
        yield f"the next command: exit {found.code}: {found.said}"
    told = [line for line in found.said.splitlines() if line.startswith(("dsv: finished the ", "dsv: undid the "))]
    if found.interrupted != (len(told) == 1):
        yield f"the journal was{'' if found.interrupted else ' not'} there, and the next command said: {found.said!r}"
    if told and end not in ("on the way", told[0].split()[1].replace("undid", "undone")):
        yield f"the next command said {told[0]!r} and it is {end}"
    if end == "on the way" and command.ends is Ends.ONE_OF_TWO:
        yield f"unlike before: {_unlike(found.state, before.state)}; unlike after: {_unlike(found.state, after.state)}"
    if code == 0 and end != "finished":
        yield f"exit 0 and {end}: {_unlike(found.state, after.state)}"
    yield from (f"left: {name}" for name in found.left)


def end_of(found: Recovered, *, before: Sound, after: Sound) -> str:
    """`undone`, `finished` or `on the way`."""
    return {str(before.state): "undone", str(after.state): "finished"}.get(str(found.state), "on the way")


def wrong_later(
    place: Path, command: Command, *, end: str, before: Sound, after: Sound, dsv: Dsv, dvc_status: DvcStatus
) -> Iterator[str]:
    """What doctor, verify, DVC and git find at the place, and when the command is run again."""
    if command.name != "init" or end == "finished":
        known = {*before.findings, *after.findings}
        waiting = ("leftovers", "absent data", "record index") if command.brings else ("leftovers",)
        yield from (
            f"doctor: {each}" for each in _findings(place, dsv) if each not in known and not each.startswith(waiting)
        )
        code, out, said = dsv(place, "verify", "--all")
        if code != 0 and not (code == 40 and command.brings):  # what is not here yet
            yield f"verify: exit {code}: {out} {said}"
        if (
            end != "on the way"
            and not command.brings
            and (status := dvc_status(place)) != {"undone": before, "finished": after}[end].dvc
        ):
            yield f"dvc status: {status}"
    yield from _of_the_remote(place)
    code, _, said = dsv(place, *command.arguments)
    if code not in ((0, *command.again) if end == "finished" else (0,)):
        yield f"run again: exit {code}: {said.strip()}"
    if (verified := dsv(place, "verify", "--all"))[0] != after.verified:
        yield f"verify when it was run again: {verified}"
    if (now := state_of(place)) != after.state:
        yield f"run again, it ends elsewhere: {_unlike(now, after.state)}"
    if (status := dvc_status(place)) != after.dvc:
        yield f"dvc status when it was run again: {status}"
    yield from (f"left when it was run again: {name}" for name in _left_over(place / "repo"))
    checked = subprocess.run(
        ["git", "fsck", "--no-dangling", "--no-progress"], cwd=place / "repo", capture_output=True, check=False
    )
    if checked.returncode:
        yield f"git fsck: {checked.stderr.decode()}"


def state_of(place: Path) -> dict[str, str]:
    """What a person sees: files with their contents, the index, HEAD and refs, and what the remotes have."""
    repo = place / "repo"
    state = {
        name: hashlib.sha256(content).hexdigest()[:12]
        for name, content in _contents(place, hidden=_HIDDEN)
        if name.startswith("repo/") or re.fullmatch(r"storage/.*/[0-9a-f]{30}(\.dir)?", name)
    }
    for line in _git(repo, "ls-files", "--stage").splitlines():
        entry, _, name = line.partition("\t")
        state[f"index {name}"] = entry
    for directory in (repo, place / "origin.git"):
        if directory.exists():
            for row in _git(directory, "for-each-ref", "--format=%(objectname) %(refname)").splitlines():
                oid, _, name = row.partition(" ")
                if not name.startswith("refs/remotes/"):  # what git remembers of a remote, until it looks again
                    state[f"{directory.name} {name}"] = oid
    state["HEAD"] = _git(repo, "symbolic-ref", "-q", "HEAD").strip()
    return dict(sorted(state.items()))


def raw_state(place: Path) -> str:
    """A digest of all there is, but for what nobody looks at; of DVC's objects only which there are."""
    digest = hashlib.sha256(_git(place / "repo", "ls-files", "--stage").encode())
    for name, content in _contents(place, hidden=_DERIVED):
        if _SCRATCH.search(name):
            continue
        known = str(len(content)).encode() if name.startswith(("repo/.dvc/cache/", "storage/")) else content
        digest.update(f"{name}\0{len(known)}\0".encode() + known)
    return digest.hexdigest()


def _findings(place: Path, dsv: Dsv) -> list[str]:
    code, out, _ = dsv(place, "doctor", "--json")
    document = json.loads(out)
    if "error" in document:
        return [f"exit {code}: {document['error']['message']}"]
    return [f"{each['check']}: {each['message']}" for each in document["findings"]]


def _of_the_remote(place: Path) -> Iterator[str]:
    """What others can see through git has its data on the remote."""
    origin = place / "origin.git"
    if not origin.exists():
        return
    refs = _git(origin, "for-each-ref", "--format=%(refname)").split()
    pointers = {
        _git(origin, "show", f"{ref}:{name}")
        for ref in refs
        for name in _git(origin, "ls-tree", "-r", "--name-only", ref).split()
        if name.endswith(".dvc")
    }
    for text in sorted(pointers):
        for oid in re.findall(r"md5: (\S{32}(?:\.dir)?)", text):
            yield from _absent(place, oid)


def _absent(place: Path, oid: str) -> Iterator[str]:
    file = place / "storage/files/md5" / oid[:2] / oid[2:]
    if not file.exists():
        yield f"the remote lacks {oid}"
        return
    content = file.read_bytes()
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != oid.removesuffix(".dir"):
        yield f"the remote has {oid} damaged"
    elif oid.endswith(".dir"):
        for entry in json.loads(content):
            yield from _absent(place, entry["md5"])


def _left_over(repo: Path) -> list[str]:
    """Git's locks, our journal, and files that only a write cut short could have left."""
    found = [path.relative_to(repo).as_posix() for path in repo.rglob("*") if path.name.endswith((".lock", ".tmp"))]
    ours = re.compile(r"\.git/.*\.lock|(?!\.git/|\.dvc/).*\.tmp")
    journal = [".git/dsv/journal.json"] if (repo / ".git/dsv/journal.json").exists() else []
    left = [name for name in found if ours.fullmatch(name) and not re.match(r"\.git/(dsv/|index\.stash\.)", name)]
    return sorted(left + journal)


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))[:6]


def _contents(place: Path, *, hidden: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Files below the place by their paths from there, with their contents; those that git or DVC hide are left out."""
    away = (*(f"repo/{each}" for each in hidden), "site", "temporary")
    for directory, directories, files in os.walk(place):
        directories[:] = sorted(
            name for name in directories if os.path.relpath(os.path.join(directory, name), place) not in away
        )
        for file in sorted(files):
            path = os.path.join(directory, file)
            name = os.path.relpath(path, place)
            if name not in away:
                with open(path, "rb") as stream:
                    yield name, stream.read()


def _git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=False)
    return done.stdout.decode(errors="surrogateescape")
