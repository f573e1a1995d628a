"""A million records and a hundred thousand files: counted one by one, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.conftest import Scratch
from tests.heavy.conftest import ADDRESS_SPACE, MIB, MOST_FILES, Run

pytestmark = pytest.mark.heavy

MILLION = 1_000_000
TEXT = "the tenant pays the rent in advance on the first day"
"""So long that all of it is worth more than one process."""


def _write(repo: Scratch, rows: Iterable[tuple[int, int]]) -> None:
    """The records in ten files, each row as (id, value)."""
    files = [repo.write(f"data/tiny/{number}.jsonl", "").open("w") for number in range(10)]
    for number, value in rows:
        files[number % 10].write(f'{{"id":{number},"v":{value},"text":"{TEXT}"}}\n')
    for file in files:
        file.close()


def _changed() -> Iterable[tuple[int, int]]:
    """200 removed, 1,000 modified, 500 added; and written in another order, which changes nothing."""
    removed = set(range(7, 200 * 4999, 4999))
    modified = set(range(11, 1000 * 997, 997)) - removed
    assert len(removed) == 200
    extra = 1000 - len(modified)
    modified |= {number for number in range(3, 3 + 10 * extra, 10) if number not in removed}
    assert len(modified) == 1000
    for number in reversed(range(MILLION + 500)):
        if number not in removed:
            yield number, int(number in modified)


@pytest.mark.parametrize("key", ["id", ""], ids=["keyed", "without a key"])
def test_of_a_million_records_500_added_200_removed_and_1000_modified_are_counted_exactly(
    repo: Scratch, measured: Run, key: str
) -> None:
    _write(repo, ((number, 0) for number in range(MILLION)))
    options = ["--key", key] if key else []
    first = measured("add", "data/tiny", *options, address_space=ADDRESS_SPACE)
    assert first.json["manifest"]["data"]["records"] == MILLION
    _write(repo, _changed())
    difference = measured("diff", "tiny", address_space=ADDRESS_SPACE)
    bump = measured("bump", "tiny", "-m", "More", address_space=ADDRESS_SPACE)
    again = measured("diff", "tiny@1.0.0", bump.json["version"], "--records", "3", address_space=ADDRESS_SPACE)
    expected = {"old": MILLION, "new": MILLION + 300, "moved": 0, "unchanged": MILLION - 1200}
    expected |= {"added": 500, "removed": 200, "modified": 1000} if key else {"added": 1500, "removed": 1200}
    for records in (difference.json["records"], again.json["records"]):
        assert {name: records[name] for name in expected} == expected
        assert records["changed_share"] == (0.0017 if key else 0.0015)
    assert (bump.json["version"], bump.json["level"]) == ("1.0.1", "patch")
    assert [each["kind"] for each in again.json["examples"]].count("added") == 3
    for said in (first, difference, bump, again):
        assert said.all_memory < 400 * MIB
        assert said.files < MOST_FILES


def test_a_hundred_thousand_files_are_released_looked_at_and_brought_back(repo: Scratch, measured: Run) -> None:
    count = 100_000
    for directory in range(100):
        (repo.root / f"data/many/{directory:02}").mkdir(parents=True)
    for number in range(count):
        (repo.root / f"data/many/{number % 100:02}/{number:06}.txt").write_text(f"document {number}\n")
    first = measured("add", "data/many", address_space=ADDRESS_SPACE)
    assert first.json["manifest"]["data"]["files"] == first.json["manifest"]["data"]["records"] == count
    clean = measured("status")
    assert clean.json["datasets"][0]["state"] == "clean"
    (repo.root / "data/many/07/000007.txt").write_text("changed\n")
    (repo.root / "data/many/08/000008.txt").unlink()
    (repo.root / "data/many/new.txt").write_text("new\n")
    difference = measured("diff", "many")
    paths = difference.json["files"]["paths"]
    assert (paths["added"], paths["removed"], paths["modified"]) == (["new.txt"], ["08/000008.txt"], ["07/000007.txt"])
    assert difference.json["files"]["unchanged"] == count - 2
    bump = measured("bump", "many")
    assert bump.json["level"] == "patch"
    back = measured("checkout", "many@1.0.0")
    assert (repo.root / "data/many/08/000008.txt").read_text() == "document 8\n"
    assert measured("status").json["datasets"][0]["at"] == "1.0.0"
    sound = measured("verify", "--all", "--deep")
    assert sound.json["ok"]
    for said in (first, clean, difference, bump, back, sound):
        assert said.all_memory < 500 * MIB
        assert said.files < MOST_FILES
    assert len(repo.dsv("status").stdout) < 1_000
