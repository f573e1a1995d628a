"""The audit pack: sha256sum and git alone tell that it is right, and whatever is changed in it they tell too."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered

ONE_OF_EACH = (
    "manifests/notes/1.0.0.yaml",
    "versions.tsv",
    "checks.json",
)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    """The unpacked pack of a version with one before it, and an event."""
    root = tmp_path_factory.mktemp("audit")
    shutil.copytree(_templates["released"], root / "repo", symlinks=True)
    made = Scratch(root / "repo")
    made.git("update-index", "-q", "--refresh")
    made.records("data/notes/test.jsonl", numbered(35, start=80))
    made.dsv("bump", "notes", "-m", "More to test")
    made.dsv("promote", "notes@1.0.0", "prod")
    made.dsv("export", "notes", "--as", "audit", "-o", "../pack.tar")
    call("tar", "-xf", "pack.tar", cwd=root)
    return root / "notes-1.1.0-audit"


@pytest.fixture
def pack(packed, tmp_path):
    """A copy of it."""
    shutil.copytree(packed, tmp_path / "pack")
    return tmp_path / "pack"


def verified(pack, *arguments):
    """Exit code and words of the script, which finds sha256sum and git, and not dsv."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ["HOME"], "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["sh", str(pack / "verify.sh"), *arguments], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def flip(file):
    """One bit in the middle of the file changed."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def sums_again(pack):
    """SHA256SUMS made to fit what lies there, as whoever changes a pack would."""
    found = sorted(
        str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file() and path.name != "SHA256SUMS"
    )
    lines = [f"{hashlib.sha256((pack / path).read_bytes()).hexdigest()}  {path}\n" for path in found]
    (pack / "SHA256SUMS").write_text("".join(lines))


def test_a_pack_is_right_and_so_is_the_data_that_it_tells_of(packed):
    code, said = verified(packed, "--data", str(packed.parent / "repo/data/notes"))
    assert code == 0
    assert "right  manifests: 2, as git holds them; lists of their files: 2\n" in said
    assert "right  events: 1, as the last commit holds them\n" in said
    assert said.endswith("All is right.\n")


def test_the_same_version_gives_the_same_pack(packed):
    made = Scratch(packed.parent / "repo")
    made.dsv("export", "notes", "--as", "audit", "-o", "../again.tar")
    assert (packed.parent / "again.tar").read_bytes() == (packed.parent / "pack.tar").read_bytes()


def test_a_pack_tells_what_changed_and_what_was_found(packed):
    change = json.loads((packed / "diffs/notes@1.0.0..1.1.0.json").read_text())
    assert [each["path"] for each in change["files"]["modified"]] == ["test.jsonl"]
    assert change["as_released"]["records"]["added"] == 15
    checks = json.loads((packed / "checks.json").read_text())
    assert checks["at_release"]["status"] == "passed"
    assert {each["status"] for each in checks["today"]} == {"passed"}
    assert json.loads((packed / "scores.json").read_text())["today"] == []
    assert "Audit pack of `notes@1.1.0`" in (packed / "README.md").read_text()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_changed_file_is_told(name, pack):
    flip(pack / name)
    assert verified(pack)[0] != 0


@pytest.mark.heavy  # every file, in half a minute
def test_any_changed_missing_or_further_file_is_told(packed, tmp_path):
    for number, path in enumerate(sorted(path for path in packed.rglob("*") if path.is_file())):
        for way in (flip, Path.unlink):
            copy = tmp_path / f"{number}-{way.__name__}"
            shutil.copytree(packed, copy)
            way(copy / path.relative_to(packed))
            done = subprocess.run(["sh", str(copy / "verify.sh")], capture_output=True, check=False)
            assert done.returncode != 0, (way.__name__, path)
    shutil.copytree(packed, tmp_path / "more")
    (tmp_path / "more/manifests/notes/9.9.9.yaml").write_text("schema: 1\n")
    assert verified(tmp_path / "more")[0] == 1


def manifest_rewritten(pack):
    file = pack / "manifests/notes/1.1.0.yaml"
    file.write_text(file.read_text().replace("More to test", "Nothing at all"))


def list_rewritten(pack):
    flip(pack / "files/notes/1.0.0.sha256")


def event_taken_away(pack):
    next((pack / "events/notes").iterdir()).unlink()
    (pack / "events/notes").rmdir()


def events_left_out(pack):
    shutil.rmtree(pack / "events")
    (pack / "events.tsv").write_text("")


def version_left_out(pack):
    rows = (pack / "versions.tsv").read_text().splitlines()
    (pack / "versions.tsv").write_text(rows[1] + "\n")


def event_rewritten(pack):
    file = next((pack / "events/notes").iterdir())
    file.write_text(file.read_text().replace("prod", "test"))


def object_rewritten(pack):
    flip(next((pack / "git").glob("*.commit")))


def tag_left_out(pack):
    rows = (pack / "versions.tsv").read_text().splitlines()
    cells = rows[0].split("\t")
    rows[0] = "\t".join([*cells[:2], rows[1].split("\t")[2], *cells[3:]])
    (pack / "versions.tsv").write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize(
    "change",
    [
        manifest_rewritten,
        list_rewritten,
        event_taken_away,
        events_left_out,
        event_rewritten,
        object_rewritten,
        tag_left_out,
        version_left_out,
    ],
)
def test_git_tells_what_was_changed_with_new_sums(change, pack):
    change(pack)
    sums_again(pack)
    code, said = verified(pack)
    assert code == 1
    assert "WRONG" in said
    assert "as SHA256SUMS lists them" in said


def test_another_script_is_told(pack):
    """As long as it looks at itself: whoever mistrusts it reads it first."""
    with (pack / "verify.sh").open("a") as script:
        script.write("# more\n")
    assert verified(pack)[0] == 1


def test_other_data_is_told(packed, tmp_path):
    shutil.copytree(packed.parent / "repo/data/notes", tmp_path / "data")
    (tmp_path / "data/more.jsonl").write_text("{}\n")
    code, said = verified(packed, "--data", str(tmp_path / "data"))
    assert (code, "has other files than notes@1.1.0" in said) == (1, True)


@pytest.mark.heavy  # two keys and a release
def test_a_signed_tag_is_believed_with_the_key_that_signed_it_and_with_no_other(released, tmp_path):
    for name in ("ours", "theirs"):
        call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name), cwd=tmp_path)
        (tmp_path / f"{name}.signers").write_text(f"ana@example.com {(tmp_path / f'{name}.pub').read_text()}")
    settings = {"gpg.format": "ssh", "user.signingkey": str(tmp_path / "ours"), "tag.gpgSign": "true"}
    for name, value in settings.items():
        released.git("config", name, value)
    released.records("data/other/all.jsonl", numbered(3))
    released.dsv("add", "data/other")
    released.dsv("export", "other", "--as", "audit", "-o", str(tmp_path / "pack.tar"))
    call("tar", "-xf", "pack.tar", cwd=tmp_path)
    pack = tmp_path / "other-1.0.0-audit"
    assert json.loads((pack / "signatures.json").read_text())["versions"][0]["tag_signed"] is True
    code, said = verified(pack, "--allowed-signers", str(tmp_path / "ours.signers"))
    assert (code, "right  signed release tags: 1, all believed by git" in said) == (0, True)
    code, said = verified(pack, "--allowed-signers", str(tmp_path / "theirs.signers"))
    assert (code, "git does not believe the signature of its tag" in said) == (1, True)


def test_unsigned_tags_are_told_where_signatures_are_asked_for(packed):
    code, said = verified(packed, "--signatures")
    assert (code, "notes@1.1.0 has no signed tag" in said) == (1, True)
