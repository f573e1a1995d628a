"""Somebody else's repository: looking at it runs nothing that it names, and a clone decides nothing on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsv.adapters import dvc
from dsv.errors import OutsideError

if TYPE_CHECKING:
    from tests.conftest import Scratch
    from tests.hostile.conftest import Traps

READING = (
    ("status",),
    ("list", "--all"),
    ("log", "notes", "--events"),
    ("show", "notes"),
    ("search", "notes"),
    ("diff", "notes", "--records", "3"),
    ("which", "--id", "r3"),
    ("verify", "--all"),
    ("check", "--base", "HEAD"),
    ("doctor",),
    ("bump", "notes", "--dry-run"),
    ("checkout", "notes@1.0.0", "--to", "elsewhere"),
)
PROGRAMS_OF_GIT = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass",
    "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver",
    "gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "gpg.x509.program", "credential.helper",
    "pager.log", "alias.log", "alias.status", "alias.ls-tree", "trailer.x.command", "remote.origin.uploadpack",
    "uploadpack.packObjectsHook", "submodule.x.update", "interactive.diffFilter", "sequence.editor", "mergetool.x.cmd",
)  # fmt: skip
HOOKS = ("post-index-change", "reference-transaction", "post-checkout", "pre-commit", "fsmonitor-watchman")


def test_looking_at_a_repository_runs_nothing_that_its_settings_and_pipelines_name(
    changed: Scratch, traps: Traps
) -> None:
    settings = {name: traps.program(name) for name in PROGRAMS_OF_GIT} | {"log.showSignature": "true"}
    with (changed.root / ".git/config").open("a") as config:
        for name, value in (settings | {"core.hooksPath": str(traps.directory)}).items():
            section, _, key = name.rpartition(".")
            head, dot, below = section.partition(".")
            config.write(f'[{head} "{below}"]\n' if dot else f"[{head}]\n")
            config.write(f'\t{key} = "{value}"\n')
    for hook in HOOKS:
        traps.program(hook)
    (changed.root / ".git/info/attributes").write_text("* diff=evil merge=evil\n")
    stage = traps.program("stage")
    changed.write(
        "dvc.yaml",
        f"stages:\n  make:\n    cmd: {stage}\n    deps: [data/notes]\n    outs: [made]\n"
        f"  each:\n    foreach: [a, b]\n    do:\n      cmd: {stage} ${{item}}\n      outs: ['${{item}}.txt']\n",
    )
    for command in READING:
        changed.dsv(*command, code=1 if command == ("doctor",) else 0)  # which misses the artifacts of dvc.yaml
    assert traps.ran == set()


def test_a_conversion_that_this_machine_has_is_the_one_program_that_reading_runs(
    released: Scratch, traps: Traps
) -> None:
    """git-crypt and git-lfs are such: without theirs a manifest could not be read."""
    released.git("config", "filter.crypt.smudge", traps.program("smudge"))
    (released.root / ".git/info/attributes").write_text("manifests/** filter=crypt\n")
    released.dsv("show", "notes")
    assert traps.ran == {"smudge"}


HOSTILE_SETTINGS = (
    "url = s3://bucket/x\n    configpath = aws\n    profile = evil",
    "url = s3://bucket/x\n    ConfigPath = aws\n    profile = evil",
    "url = s3://bucket/x\n    credentialpath = aws",
    "url = webdavs://example.com/x\n    bearer_token_command = {program}",
    "url = gdrive://id/x\n    gdrive_user_credentials_file = ../../outside",
)


@pytest.mark.parametrize("file", ["config", "config.local"])
def test_a_clone_brings_no_program_along_in_dvcs_settings(released: Scratch, traps: Traps, file: str) -> None:
    program = traps.program("evil")
    released.write(
        ".dvc/aws", "".join(f"[{name}]\ncredential_process = {program}\n" for name in ("profile evil", "default"))
    )
    released.write(f".dvc/{file}", "")
    released.git("add", "--force", ".dvc")
    for settings in HOSTILE_SETTINGS:
        text = f"[core]\n    remote = s\n['remote \"s\"']\n    {settings.format(program=program)}\n"
        released.write(f".dvc/{file}", text)
        with pytest.raises(OutsideError, match=f".dvc/{file} sets"), dvc.remote(dvc.find_cache(str(released.root))):
            pass
    released.refused("remote", "test", code=30, kind="outside")
    released.git("remote", "add", "origin", str(released.root / ".git"))
    released.refused("push", code=30, kind="outside")
    assert traps.ran == set()
    released.dsv("status")


def test_the_owner_of_a_machine_may_set_the_same(released: Scratch, traps: Traps) -> None:
    released.write(".dvc/aws", f"[default]\ncredential_process = {traps.program('mine')}\n")
    released.write(
        ".dvc/config.local",
        "[core]\n    remote = s\n['remote \"s\"']\n    url = s3://bucket/x\n    endpointurl = http://127.0.0.1:9\n"
        "    credentialpath = aws\n",
    )
    assert released.dsv("remote", "test", code=None).code == 50
    assert traps.ran == {"mine"}


def test_files_of_a_clone_that_look_like_a_repository_of_their_own_are_none(changed: Scratch, traps: Traps) -> None:
    inner = changed.root / "docs"
    changed.git("clone", "-q", "--bare", str(changed.root), str(inner))
    (inner / "config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = {changed.root}\n"
        f'\tfsmonitor = {traps.program("watcher")}\n[filter "evil"]\n\tsmudge = {traps.program("smudge")}\n'
    )
    (inner / "info/attributes").write_text("* filter=evil\n")
    for command in (["status"], ["list"], ["bump", "notes"]):
        assert changed.dsv(*command, "--json", code=10, cwd=inner).error["kind"] == "no_repository"
    assert traps.ran == set()
