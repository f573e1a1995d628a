"""`dsv remote`: places to publish to, set up without a secret in what git keeps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Scratch, numbered


def test_a_remote_is_set_up_committed_and_used_by_dvc(
    released: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # DVC breaks what it lists where a line of a terminal ends
    added = released.json("remote", "add", "storage", "../storage")
    assert (added["name"], added["url"], added["default"]) == ("storage", str(tmp_path / "storage"), True)
    assert released.git("rev-parse", "HEAD").strip() == added["commit"]
    assert released.git("status", "--porcelain") == ""
    assert "url = ../../storage\n    verify = true\n" in released.read(".dvc/config")
    assert released.dvc("remote", "list").split()[:2] == ["storage", str(tmp_path / "storage")]
    released.dvc("push", "-q")
    assert (tmp_path / "storage/files/md5").is_dir()


def test_a_relative_path_counts_from_where_it_is_typed(repo: Scratch, tmp_path: Path) -> None:
    (repo.root / "below").mkdir()
    repo.dsv("remote", "add", "storage", "../../storage", cwd=repo.root / "below")
    assert repo.json("remote", "list")["remotes"][0]["url"] == str(tmp_path / "storage")


def test_a_file_address_is_a_directory(repo: Scratch, tmp_path: Path) -> None:
    repo.dsv("remote", "add", "storage", f"file://{tmp_path}/storage")
    assert repo.json("remote", "list")["remotes"][0]["url"] == f"{tmp_path}/storage"


def test_the_first_remote_is_the_default_and_another_one_when_asked(repo: Scratch) -> None:
    repo.dsv("remote", "add", "one", "s3://bucket/one", "--endpoint-url", "https://s3.example.com", "--region", "eu")
    repo.dsv("remote", "add", "two", "s3://bucket/two", "--profile", "team")
    assert repo.json("remote", "list")["remotes"] == [
        {
            "name": "one",
            "url": "s3://bucket/one",
            "default": True,
            "endpoint_url": "https://s3.example.com",
            "region": "eu",
        },
        {"name": "two", "url": "s3://bucket/two", "default": False, "profile": "team"},
    ]
    repo.dsv("remote", "add", "three", "s3://bucket/three", "--default")
    assert [each["default"] for each in repo.json("remote", "list")["remotes"]] == [False, True, False]


def test_comments_and_the_users_own_edits_stay(repo: Scratch) -> None:
    config = "# ours\n" + repo.read(".dvc/config")
    repo.write(".dvc/config", config)
    repo.git("commit", "-qam", "Comment")
    repo.write(".dvc/config", config + "[core]\n    autostage = false\n")
    repo.dsv("remote", "add", "storage", "/mnt/storage")
    committed = repo.git("show", "HEAD:.dvc/config")
    assert committed.startswith("# ours\n")
    assert "storage" in committed
    assert "autostage" not in committed
    assert "autostage" in repo.read(".dvc/config")
    assert "remote = storage" in repo.read(".dvc/config")


@pytest.mark.parametrize(
    "arguments",
    [
        ["https://ana:hunter2@example.com/data"],
        ["s3://bucket/path?X-Amz-Signature=hunter2"],
        ["s3://bucket/path", "--endpoint-url", "https://ana:hunter2@s3.example.com"],
    ],
    ids=["password", "signature", "endpoint"],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(repo: Scratch, arguments: list[str]) -> None:
    said = repo.dsv("remote", "add", "storage", *arguments, code=2)
    assert "hunter2" not in said.stdout + said.stderr
    assert repo.refused("remote", "add", "storage", *arguments, code=2, kind="usage")["hint"]
    assert "hunter2" not in repo.read(".dvc/config")


def test_secrets_of_settings_made_otherwise_are_not_listed(repo: Scratch) -> None:
    repo.write(
        ".dvc/config.local",
        "['remote \"web\"']\n    url = https://ana:hunter2@example.com/data?sig=hunter2\n    password = hunter2\n",
    )
    said = repo.dsv("remote", "list")
    assert "https://***@example.com/data?***" in said.stdout
    assert "hunter2" not in said.stdout + repo.dsv("remote", "list", "--json").stdout


@pytest.mark.parametrize("name", ["Storage", "", "a b", "-x", 'x"y', "käse"])
def test_a_name_that_dvc_would_not_find_again_is_refused(repo: Scratch, name: str) -> None:
    error = repo.dsv("--json", "remote", "add", "--", name, "/mnt/storage", code=30).error
    assert error["kind"] == "name"


def test_what_dvc_would_not_read_is_refused_with_nothing_written(repo: Scratch) -> None:
    before = repo.git("rev-parse", "HEAD")
    for url in ("ftp://example.com/data", "gopher://x"):
        repo.refused("remote", "add", "storage", url, code=50, kind="dvc")
    repo.refused("remote", "add", "storage", "/mnt/storage", "--region", "eu", code=50, kind="dvc")
    assert repo.git("rev-parse", "HEAD") == before
    assert repo.git("status", "--porcelain") == ""


def test_a_name_is_given_once(repo: Scratch) -> None:
    repo.dsv("remote", "add", "storage", "/mnt/storage")
    repo.refused("remote", "add", "storage", "/mnt/other", code=20, kind="exists")


def test_a_remote_that_can_be_used_is_told_from_one_that_cannot(repo: Scratch, tmp_path: Path) -> None:
    assert "dsv remote add" in repo.refused("remote", "test", code=10, kind="no_remote")["hint"]
    repo.dsv("remote", "add", "storage", "../storage")
    assert repo.json("remote", "test") == {
        "remote": "storage", "url": str(tmp_path / "storage"), "reads": True, "writes": True, "refusal": None,
    }  # fmt: skip
    repo.dsv("remote", "add", "nas", str(tmp_path / "mnt/nas/storage"))
    repo.refused("remote", "test", "nas", code=50, kind="remote")
    repo.refused("remote", "test", "other", code=10, kind="no_remote")


def test_a_remote_that_keeps_files_by_version_is_refused(repo: Scratch) -> None:
    repo.write(
        ".dvc/config.local",
        "['remote \"cloud\"']\n    url = s3://bucket/path\n    version_aware = true\n[core]\n    remote = cloud\n",
    )
    for command in (["remote", "test"], ["fetch"]):
        if command == ["fetch"]:
            repo.records("data/notes.jsonl", numbered(2))
            repo.dsv("add", "data/notes.jsonl")
            shutil.rmtree(repo.root / ".dvc/cache")
        assert "version_aware false" in repo.refused(*command, code=50, kind="unsupported")["hint"]
