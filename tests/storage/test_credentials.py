"""Keys: where they may be, where they are refused, and what is said of wrong ones, which never holds one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.storage.conftest import Person
from tests.storage.line import Line
from tests.storage.storages import Shelf, Storage

WRONG = "a-wrong-one-0123456789"


@pytest.fixture
def without_keys(s3_alone: Storage, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Nothing in the environment; the keys themselves."""
    keys = s3_alone.environment
    if "AWS_SESSION_TOKEN" in keys:
        pytest.skip("keys of a session are in the environment alone")
    for name in keys:
        monkeypatch.delenv(name)
    return keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]


def refused(ana: Person, kind: str) -> Any:
    """The error of a push and of a test that must be refused, and soon; nothing of git is pushed."""
    started = time.monotonic()
    error = ana.json("push", "--debug", code=50)["error"]
    assert (error["kind"], error["code"]) == (kind, 50), error
    assert time.monotonic() - started < 20
    assert ana.published() == []
    assert error["hint"]
    assert ana.json("remote", "test", code=50)["error"]["message"] == error["message"]
    assert not any(WRONG in each for each in ana.heard)
    return error


def test_a_wrong_secret_is_said(ana: Person, shelf: Shelf, s3_alone: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", WRONG)
    assert f"the remote store ({shelf.url}" in (said := refused(ana, "credentials")["message"])
    assert "refuses who we are" in said


@pytest.mark.heavy
def test_an_unknown_key_is_said(ana: Person, s3_alone: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA0UNKNOWN0UNKNOWN")
    assert "refuses who we are" in refused(ana, "credentials")["message"]


def test_the_absence_of_keys_is_said(ana: Person, without_keys: object) -> None:
    error = refused(ana, "credentials")
    assert "there are no credentials for it here" in error["message"]
    assert "AWS_PROFILE" in error["hint"]


def test_a_profile_that_nobody_has_is_said(ana: Person, s3_alone: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "nobody" in refused(ana, "credentials")["message"]


def test_a_missing_bucket_is_said(ana: Person, s3_alone: Storage) -> None:
    missing = "s3://no-such-bucket-0d1b4e8f/notes"
    ana.uses(s3_alone, missing, "other")
    assert f"the remote other ({missing}" in (said := refused(ana, "remote")["message"])
    assert "there is no such bucket" in said


@pytest.mark.heavy
def test_a_closed_port_is_said(ana: Person, shelf: Shelf, line: Line) -> None:
    line.cut()
    ana.goes_by(line, shelf)
    assert "cannot be reached" in (said := refused(ana, "network")["message"])
    assert f"127.0.0.1:{line.port}" in said


def test_who_never_answers_is_not_waited_for(
    ana: Person, shelf: Shelf, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["dsv.adapters.dvc.remote"], "_ANSWER_SECONDS", 1.0)
    line.stop()
    ana.goes_by(line, shelf)
    assert "does not answer" in refused(ana, "network")["message"]


def test_a_profile_is_enough(
    ana: Person, shelf: Shelf, without_keys: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = without_keys
    (tmp_path / "aws-credentials").write_text(f"[team]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    endpoint = (
        ["--endpoint-url", shelf.storage.settings["endpointurl"]] if "endpointurl" in shelf.storage.settings else []
    )
    ana.dsv("remote", "add", "team", shelf.url, *endpoint, "--profile", "team", "--default")
    assert ana.json("push")["remote"] == "team"
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert ana.json("push", "--remote", "store")["confirmed"]


@pytest.mark.heavy
def test_dvcs_local_settings_are_enough(
    ana: Person, another: Callable[[str], Person], without_keys: tuple[str, str]
) -> None:
    key, secret = without_keys
    ana.write(
        ".dvc/config.local", f"['remote \"store\"']\n    access_key_id = {key}\n    secret_access_key = {secret}\n"
    )
    ana.dsv("push")
    assert ana.git("status", "--porcelain") == ""
    bob = another("bob")
    assert bob.json("pull", code=50)["error"]["kind"] == "credentials"
    bob.write(".dvc/config.local", ana.read(".dvc/config.local"))
    bob.dsv("pull")


@pytest.mark.parametrize("option", ["secret_access_key", "access_key_id"])
def test_keys_in_a_file_that_git_keeps_are_refused_before_they_are_published(
    ana: Person, s3_alone: Storage, option: str
) -> None:
    ana.write(".dvc/config", ana.read(".dvc/config") + f"    {option} = {WRONG}\n")
    ana.git("add", ".dvc/config")
    error = refused(ana, "credentials")
    assert f".dvc/config holds {option} of the remote store" in error["message"]
    assert "dvc remote modify --local store" in error["hint"]


@pytest.fixture
def ssh_alone(storage: Storage) -> Storage:
    """The storage, when it is SSH to this machine; a test is skipped on others."""
    if storage.kind != "ssh" or "keyfile" not in storage.private:
        pytest.skip("of SSH alone")
    return storage


def test_an_ssh_key_that_does_not_fit_is_said(ana: Person, shelf: Shelf, ssh_alone: Storage) -> None:
    other = Path(ssh_alone.private["keyfile"]).with_name("other_key")
    ana.uses(replace(ssh_alone, private={"keyfile": str(other)}), shelf.url)
    assert "refuses who we are" in refused(ana, "credentials")["message"]


def test_a_host_that_nobody_has_met_is_not_trusted(ana: Person, shelf: Shelf, ssh_alone: Storage) -> None:
    known = Path.home() / ".ssh/known_hosts"
    met = known.read_text()
    known.write_text("")
    try:
        error = refused(ana, "credentials")
    finally:
        known.write_text(met)
    assert "a host whose key is not known here" in error["message"]
    assert "connect once with ssh" in error["hint"]


def test_settings_of_ones_own_that_git_was_told_to_keep_are_refused(ana: Person) -> None:
    ana.write(".dvc/config.local", f"['remote \"other\"']\n    url = s3://bucket\n    secret_access_key = {WRONG}\n")
    ana.git("add", "-f", ".dvc/config.local")
    ana.git("commit", "-qm", "By mistake")
    assert ".dvc/config.local holds secret_access_key of the remote other" in refused(ana, "credentials")["message"]
