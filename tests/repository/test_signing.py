"""Commits and tags are signed where git's settings say so; what cannot be signed is not released."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered


@dataclass(frozen=True)
class Key:
    """An SSH key, and the file that lists it as one to believe."""

    file: Path
    allowed: Path

    @property
    def literal(self) -> str:
        """As git's setting takes it in place of a file."""
        return f"key::{self.file.with_suffix('.pub').read_text().strip()}"


@pytest.fixture
def key(tmp_path: Path) -> Key:
    file = tmp_path / "key"
    call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file), cwd=tmp_path)
    allowed = tmp_path / "allowed"
    allowed.write_text(f"ana@example.com {file.with_suffix('.pub').read_text()}")
    return Key(file, allowed)


@pytest.fixture
def changed(released: Scratch) -> Scratch:
    """A repository whose `notes` have changed since 1.0.0; 1.1.0 is next."""
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    return released


def configured(repo: Scratch, key: Key, **settings: str) -> None:
    """git in this repository signs with SSH, when it is told to."""
    told = {"gpg.format": "ssh", "user.signingkey": str(key.file), "gpg.ssh.allowedSignersFile": str(key.allowed)}
    for name, value in {**told, **{name.replace("_", "."): value for name, value in settings.items()}}.items():
        repo.git("config", name, value)


def believed(repo: Scratch, *question: str) -> bool:
    """Whether git takes a signature for good."""
    return subprocess.run(["git", *question], cwd=repo.root, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("setting", ["tag_gpgSign", "tag_forceSignAnnotated"])
def test_commit_and_tag_are_signed_each_where_git_is_told_to(changed: Scratch, key: Key, setting: str) -> None:
    configured(changed, key, commit_gpgsign="true")
    changed.dsv("bump", "notes", "-m", "More notes")
    assert believed(changed, "verify-commit", "HEAD")
    assert not believed(changed, "verify-tag", "notes@v1.1.0")
    changed.git("config", "commit.gpgsign", "off")
    configured(changed, key, **{setting: "yes"})
    changed.records("data/notes/even.jsonl", numbered(3, start=300))
    document = changed.json("bump", "notes", "-m", "Even more\n\nThree of them.")
    tag = document["git_tag"]
    assert not believed(changed, "verify-commit", "HEAD")
    assert believed(changed, "verify-tag", tag)
    assert changed.git("rev-parse", f"{tag}^{{commit}}") == changed.git("rev-parse", "HEAD")
    tree = document["manifest"]["digests"]["tree"]
    message = changed.git("tag", "-l", "--format=%(contents:subject)%0a%0a%(contents:body)", tag)
    assert message == f"Even more\n\nThree of them.\n\nDsv-Tree: {tree}\n\n"
    assert changed.git("fsck", "--strict", "--no-dangling") == ""
    assert changed.json("check")["ok"]
    assert changed.git("status", "--porcelain") == ""


def test_tags_that_are_made_later_are_signed_too(changed: Scratch, key: Key) -> None:
    changed.dsv("bump", "notes", "--no-tag")
    configured(changed, key, tag_gpgSign="true")
    changed.dsv("tag", "--missing")
    assert believed(changed, "verify-tag", "notes@v1.1.0")


def test_a_key_may_stand_in_the_setting_itself_with_an_agent_that_holds_it(
    changed: Scratch, key: Key, agent: None
) -> None:
    call("ssh-add", "-q", str(key.file), cwd=changed.root)
    configured(changed, key, commit_gpgsign="true", tag_gpgSign="true", user_signingkey=key.literal)
    key.file.unlink()
    changed.dsv("bump", "notes")
    assert believed(changed, "verify-commit", "HEAD")
    assert believed(changed, "verify-tag", "notes@v1.1.0")


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An SSH agent of this test's own."""
    said = call("ssh-agent", "-s", cwd=Path("/"))
    for line in said.splitlines():
        name, equals, rest = line.partition("=")
        if equals:
            monkeypatch.setenv(name, rest.partition(";")[0])
    yield
    os.kill(int(os.environ["SSH_AGENT_PID"]), 15)


def test_settings_by_directory_and_in_the_environment_hold_for_tags_too(
    changed: Scratch, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(changed, key)
    changed.git("config", "--unset", "user.signingkey")
    special = tmp_path / "special"
    special.write_text(f"[user]\n\tsigningkey = {key.file}\n")
    changed.git("config", f"includeIf.gitdir:{changed.root}/.git.path", str(special))
    for name, value in {"COUNT": "1", "KEY_0": "tag.gpgsign", "VALUE_0": "true"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    changed.dsv("bump", "notes")
    assert believed(changed, "verify-tag", "notes@v1.1.0")


@pytest.mark.parametrize("setting", ["commit_gpgsign", "tag_gpgSign"])
@pytest.mark.parametrize(
    ("signingkey", "reason"),
    [
        ("/nowhere/key", "Couldn't load public key /nowhere/key: No such file or directory"),
        (
            "key::ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBR6e6ARnSjLpprA/GAmbC/QFWRvE7XMeGCOxQymGfSz",
            "o private key found",
        ),
    ],
)
def test_what_cannot_be_signed_is_not_released_and_says_why(
    changed: Scratch, key: Key, setting: str, signingkey: str, reason: str
) -> None:
    configured(changed, key, user_signingkey=signingkey, **{setting: "true"})
    head = changed.git("rev-parse", "HEAD")
    error = changed.refused("bump", "notes", code=50, kind="git")
    what = setting.partition("_")[0]
    assert error["message"].startswith(f"the {what} cannot be signed, so nothing was done: ")
    assert reason in error["message"]
    assert "user.signingkey" in error["hint"]
    assert changed.git("rev-parse", "HEAD") == head
    assert changed.git("tag", "--list") == "notes@v1.0.0\n"
    assert changed.git("status", "--porcelain") == ""
    assert not (changed.root / "manifests/notes/1.1.0.yaml").exists()
    assert not (changed.root / ".git/dsv/tag").exists()


def test_a_tag_that_cannot_be_signed_later_is_not_made(changed: Scratch, key: Key) -> None:
    changed.dsv("bump", "notes", "--no-tag")
    configured(changed, key, tag_gpgSign="true", user_signingkey="/nowhere/key")
    changed.refused("tag", "--missing", code=50, kind="git")
    assert changed.git("tag", "--list") == "notes@v1.0.0\n"


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_openpgp_signs_where_gpg_is(changed: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "gpg"  # its sockets need a short path
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    changed.git("config", "commit.gpgsign", "true")
    changed.git("config", "tag.gpgSign", "true")
    assert "the commit cannot be signed" in changed.refused("bump", "notes", code=50, kind="git")["message"]
    make = ["--batch", "--passphrase", "", "--quick-generate-key", "Ana Lima <ana@example.com>", "ed25519", "sign"]
    call("gpg", *make, cwd=home)
    changed.dsv("bump", "notes")
    call("gpgconf", "--kill", "all", cwd=home)
    assert believed(changed, "verify-commit", "HEAD")
    assert believed(changed, "verify-tag", "notes@v1.1.0")
