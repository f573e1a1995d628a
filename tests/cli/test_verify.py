"""`dsv verify`: git holds a version as it was released, each place looked at by itself, and somebody vouches for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered


@pytest.fixture
def twice(released: Scratch) -> Scratch:
    """`notes` with the versions 1.0.0 and 1.1.0."""
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    released.dsv("bump", "notes")
    return released


def problems(repo: Scratch, *arguments: str) -> list[tuple[str, str, str]]:
    """Place, path and kind of each problem that verify finds."""
    document = repo.json("verify", *arguments, code=40)
    assert not document["ok"]
    found = [problem for result in document["results"] for problem in result["problems"]]
    return [(each["place"], each["path"], each["kind"]) for each in found]


def test_versions_that_are_as_released_are_right(twice: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795334400")
    tree = twice.json("show", "notes")["digests"]["tree"]
    assert twice.json("verify") == {
        "ok": True,
        "results": [
            {
                "ref": "notes@1.1.0",
                "ok": True,
                "expected": tree,
                "actual": tree,
                "checked_at": "2026-11-22T08:00:00Z",
                "problems": [],
            }
        ],
    }
    assert twice.dsv("verify", "--all").stdout == "ok  notes@1.1.0\nok  notes@1.0.0\n2 versions: all as released\n"
    assert [each["ref"] for each in twice.json("verify", "notes@1.0.0")["results"]] == ["notes@1.0.0"]


def test_a_version_without_a_tag_is_looked_at_in_the_commit_that_brought_it(twice: Scratch) -> None:
    twice.git("tag", "-d", "notes@v1.1.0")
    [result] = twice.json("verify")["results"]
    assert (result["ok"], result["actual"]) == (True, None)


def test_a_manifest_that_was_edited_is_wrong_in_itself_and_for_its_tag(twice: Scratch) -> None:
    twice.write("manifests/notes/1.1.0.yaml", twice.read("manifests/notes/1.1.0.yaml").replace("130", "131"))
    twice.git("commit", "-qam", "edited")
    assert problems(twice) == [
        ("manifest", "manifests/notes/1.1.0.yaml", "mismatch"),
        ("tag", "notes@v1.1.0", "mismatch"),
    ]
    twice.git("tag", "-d", "notes@v1.1.0")
    twice.write("manifests/notes/1.1.0.yaml", "no manifest\n")
    twice.git("commit", "-qam", "broken")
    assert problems(twice, "notes@1.1.0") == [("manifest", "manifests/notes/1.1.0.yaml", "unreadable")]
    said = twice.dsv("verify", "notes@1.1.0", code=40).stdout
    assert said.startswith("wrong  notes@1.1.0\n  manifest  manifests/notes/1.1.0.yaml cannot be read: ")


def retagged(repo: Scratch, commit: str, *, message: str) -> None:
    """The tag of 1.1.0 made anew, by hand."""
    repo.git("tag", "-d", "notes@v1.1.0")
    repo.git("tag", "-a", "-m", message, "notes@v1.1.0", commit)


def test_a_tag_that_names_another_tree_or_is_none_of_its_name_is_wrong(twice: Scratch) -> None:
    head = twice.git("rev-parse", "HEAD").strip()
    retagged(twice, head, message=f"x\n\nDsv-Tree: sha256:{'0' * 64}")
    assert problems(twice) == [("tag", "notes@v1.1.0", "mismatch")]
    twice.git("tag", "-a", "-m", "x", "other", head)
    twice.git("update-ref", "refs/tags/notes@v1.1.0", twice.git("rev-parse", "other").strip())
    assert problems(twice) == [("tag", "notes@v1.1.0", "mismatch")]
    assert "tag  notes@v1.1.0 has other where notes@v1.1.0 is expected" in twice.dsv("verify", code=40).stdout


def test_a_lightweight_tag_does_not_tell_of_a_release(twice: Scratch) -> None:
    twice.git("tag", "-f", "notes@v1.1.0", "HEAD")
    assert problems(twice) == [("tag", "notes@v1.1.0", "mismatch")]


def test_pointers_that_name_other_data_are_wrong_each_by_itself(twice: Scratch) -> None:
    old = twice.git("show", "HEAD~:data/notes.dvc")
    twice.write("data/notes.dvc", old)
    twice.git("rm", "-q", "manifests/notes/1.1.0.dvc")
    twice.git("commit", "-qam", "pointers")
    retagged(twice, "HEAD", message="x")
    document = twice.json("verify", code=40)["results"][0]
    data, index = document["problems"]
    assert (data["place"], data["path"], data["kind"]) == ("pointer", "data/notes.dvc", "mismatch")
    assert (data["expected"], data["actual"]) == (
        twice.json("show", "notes@1.1.0")["digests"]["dvc"],
        twice.json("show", "notes@1.0.0")["digests"]["dvc"],
    )
    assert (index["place"], index["kind"], index["actual"]) == ("index", "missing", None)


def test_a_tag_made_when_a_later_version_was_there_is_right_about_its_own(twice: Scratch) -> None:
    twice.git("tag", "-d", "notes@v1.0.0")
    twice.dsv("tag", "notes@1.0.0")
    assert twice.json("verify", "notes@1.0.0")["ok"]


@pytest.fixture
def trusted(released: Scratch, tmp_path: Path) -> Scratch:
    """A repository that signs tags with a key that it believes."""
    call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key"), cwd=tmp_path)
    allowed = tmp_path / "allowed"
    allowed.write_text(f"ana@example.com {(tmp_path / 'key.pub').read_text()}")
    for name, value in {
        "gpg.format": "ssh",
        "user.signingkey": str(tmp_path / "key"),
        "gpg.ssh.allowedSignersFile": str(allowed),
        "tag.gpgSign": "true",
    }.items():
        released.git("config", name, value)
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    released.dsv("bump", "notes")
    return released


def test_a_signature_that_git_believes_vouches_for_a_version_and_none_does_not(trusted: Scratch) -> None:
    assert trusted.json("verify", "--signatures")["ok"]
    assert problems(trusted, "--all", "--signatures") == [("signature", "notes@v1.0.0", "unsigned")]
    assert (
        "signature  notes@v1.0.0 carries no signature" in trusted.dsv("verify", "--all", "--signatures", code=40).stdout
    )
    assert trusted.json("verify", "--all")["ok"]


def test_a_signed_commit_vouches_for_a_version_whose_tag_is_not_signed(trusted: Scratch) -> None:
    trusted.git("config", "tag.gpgSign", "false")
    trusted.git("config", "commit.gpgsign", "true")
    trusted.records("data/notes/even.jsonl", numbered(30, start=200))
    trusted.dsv("bump", "notes")
    assert trusted.json("verify", "--signatures")["ok"]
    trusted.git("tag", "-d", "notes@v1.2.0")
    assert trusted.json("verify", "--signatures")["ok"]


def test_the_signature_of_somebody_whom_git_does_not_know_is_not_believed(trusted: Scratch, tmp_path: Path) -> None:
    (tmp_path / "allowed").write_text("")
    assert problems(trusted, "--signatures") == [("signature", "notes@v1.1.0", "signature")]
    trusted.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    assert problems(trusted, "--signatures") == [("signature", "notes@v1.1.0", "signature")]


def test_the_signature_of_another_tag_does_not_vouch_for_a_version(trusted: Scratch) -> None:
    trusted.git("tag", "-s", "-m", "x", "other", "HEAD")
    trusted.git("update-ref", "refs/tags/notes@v1.1.0", trusted.git("rev-parse", "other").strip())
    assert problems(trusted, "--signatures") == [("tag", "notes@v1.1.0", "mismatch")]


def test_only_the_exit_code_of_git_is_believed(trusted: Scratch) -> None:
    """A tag may say in its message what git says of a good signature."""
    good = 'Good "git" signature for ana@example.com with ED25519 key SHA256:x\n'
    block = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"
    content = trusted.git("cat-file", "tag", "notes@v1.1.0").partition("-----BEGIN")[0] + good + block
    forged = trusted.root / ".git/forged"
    forged.write_text(content)
    tag = trusted.git("hash-object", "-t", "tag", "-w", str(forged)).strip()
    trusted.git("update-ref", "refs/tags/notes@v1.1.0", tag)
    assert ("signature", "notes@v1.1.0", "signature") in problems(trusted, "--signatures")


def test_a_signature_program_that_goes_away_early_is_no_good_signature(trusted: Scratch) -> None:
    """git, which feeds it a tag of more than a pipe holds, is then ended by a signal."""
    block = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"
    forged = trusted.write(".git/forged", trusted.git("cat-file", "tag", "notes@v1.1.0").partition("-----BEGIN")[0])
    forged.write_text(forged.read_text() + "a long message\n" * 20_000 + block)
    tag = trusted.git("hash-object", "-t", "tag", "-w", str(forged)).strip()
    trusted.git("update-ref", "refs/tags/notes@v1.1.0", tag)
    trusted.git("config", "gpg.ssh.program", "false")
    assert ("signature", "notes@v1.1.0", "signature") in problems(trusted, "--signatures")


def test_what_is_no_version_is_refused(twice: Scratch) -> None:
    assert twice.dsv("verify", "notes@9.9.9", "--json", code=10).error["kind"] == "no_version"
    assert twice.dsv("verify", "notes", "--all", "--json", code=2).error["kind"] == "usage"
