"""dsv.lock as a file: what it may say, what is wrong with it and where, and that it is written one way."""

from __future__ import annotations

import pytest

from dsv.errors import BadManifestError, OutsideError
from dsv.model.pins import Lock, Pin, dump_lock, load_lock
from dsv.repository.consuming.consumer import find_consumer
from tests.conftest import Scratch

TREE, RECORDS, DVC = "sha256:" + "a" * 64, "sha256:" + "b" * 64, "md5:" + "c" * 32 + ".dir"
TEXT = f"""\
# Written by dsv: `dsv pin` changes what is locked here, `dsv sync` brings it.
schema: 1
pins:
  - name: leases
    repository: "https://git.example/team/leases.git"
    range: "1.x"
  - name: notes
    repository: "../notes"
    range: prod
    version: "1.2.0"
    commit: "0123456789012345678901234567890123456789"
    tag: notes@v1.2.0
    digests: {{tree: "{TREE}", records: "{RECORDS}", dvc: "{DVC}"}}
    splits: [train]
    path: data/own notes
"""


def problems(text: str) -> list[str]:
    """What is said to be wrong with the text, each with its place."""
    with pytest.raises(BadManifestError) as caught:
        load_lock(text.encode())
    return [
        f"{each['file']}:{each['line']}:{each['column']}: {each['message']}"
        for each in caught.value.details["problems"]
    ]


def test_a_lock_is_written_one_way_and_sorted() -> None:
    lock = load_lock(TEXT.encode()).value
    assert dump_lock(lock) == TEXT.encode()
    assert dump_lock(lock.model_copy(update={"pins": lock.pins[::-1]})) == TEXT.encode()


def test_what_this_dsv_does_not_know_is_kept_and_told() -> None:
    loaded = load_lock(TEXT.replace("range: prod\n", "range: prod\n    colour: red\n").encode())
    assert loaded.warnings == ("dsv.lock:10:5: pins[1].colour: unknown key; it is kept",)
    assert b"colour: red" in dump_lock(loaded.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: notes", "name: Leases", "dsv.lock:7:11: is the name of another pin already (got 'Leases')"),
        ("data/own notes", "data/leases/x", "dsv.lock:15:11: is where leases lies (got 'data/leases/x')"),
        ("data/own notes", "../x", "dsv.lock:15:11: must not hold .. (got '../x')"),
        ("data/own notes", "/etc/x", "dsv.lock:15:11: must be relative (got '/etc/x')"),
        ("data/own notes", ".git/hooks", "dsv.lock:15:11: must not lie in .git (got '.git/hooks')"),
        (
            "range: prod",
            "range: work",
            "dsv.lock:9:12: must select released versions, which work does not (got 'work')",
        ),
        ("commit:", "comit:", "dsv.lock:7:5: version, commit and digests stand together, or all are left out"),
        ("schema: 1", "schema: 2", "dsv.lock:2:9: written by a newer dsv (schema 2; this one knows 1)"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, said: str) -> None:
    assert problems(TEXT.replace(old, new)) == [said]


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = TEXT.replace('"1.2.0"', '"1.2"').replace('0123456789"', '012345678"').replace("[train]", "[a b]")
    assert [each.split(":")[1] for each in problems(wrong)] == ["10", "11", "14"]


@pytest.mark.parametrize("address", ["ext::sh -c touch% pwned", "--upload-pack=touch pwned", "ftp://host/x", "notes"])
def test_an_address_that_is_none_or_names_a_program_is_refused(address: str) -> None:
    [said] = problems(TEXT.replace('"https://git.example/team/leases.git"', f'"{address}"'))
    assert said.startswith("dsv.lock:5:17: ")


@pytest.mark.parametrize("user", ["ana:not-to-be-told", "not-to-be-told"])
def test_an_address_with_a_secret_is_refused_and_not_repeated(user: str) -> None:
    [said] = problems(TEXT.replace("https://git", f"https://{user}@git"))
    assert said.startswith("dsv.lock:5:17: ")
    assert "not-to-be-told" not in said


def test_a_lock_file_is_found_from_below_and_not_outside_of_the_work_tree(scratch: Scratch) -> None:
    scratch.write("dsv.lock", TEXT)
    deep = scratch.root / "a/b"
    deep.mkdir(parents=True)
    assert find_consumer(str(deep)).root == str(scratch.root)
    (deep / ".git").mkdir()
    assert find_consumer(str(deep)).root == str(deep)


def test_outside_of_git_a_lock_file_above_is_somebody_elses(tmp_path_factory: pytest.TempPathFactory) -> None:
    top = tmp_path_factory.mktemp("plain")
    (top / "dsv.lock").write_text(TEXT)
    (top / "below").mkdir()
    assert find_consumer(str(top / "below")).root == str(top / "below")
    assert find_consumer(str(top)).read().get("notes")


def test_a_lock_file_that_is_a_link_is_not_written_through(scratch: Scratch) -> None:
    scratch.write("elsewhere", TEXT)
    (scratch.root / "dsv.lock").symlink_to("elsewhere")
    consumer = find_consumer(str(scratch.root))
    with pytest.raises(OutsideError):
        consumer.write(Lock())
    assert scratch.read("elsewhere") == TEXT


def test_a_lock_that_is_as_it_is_to_be_is_not_written(scratch: Scratch) -> None:
    scratch.write("dsv.lock", TEXT + "# a note of mine\n")
    consumer = find_consumer(str(scratch.root))
    lock = consumer.read()
    assert not consumer.write(lock)
    assert scratch.read("dsv.lock").endswith("# a note of mine\n")
    assert consumer.write(lock.with_pins(Pin(name="more", repository="../more", range="latest")))
    assert [each.name for each in consumer.read().pins] == ["leases", "more", "notes"]
