"""Files put into a directory of somebody's, whose own files are left."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import md5
from pathlib import Path

import pytest

from dsv.adapters import dvc
from dsv.errors import ConflictError
from dsv.model.progress import unseen
from dsv.repository.consuming.placed import PlacedFile
from dsv.repository.consuming.placing import Arrangement, arrange, carry_out, refuse_blocked, refuse_changed


class Place:
    """A directory, a cache, and what was put there."""

    def __init__(self, top: Path) -> None:
        self.directory = top / "project/data/notes"
        self.cache = dvc.Cache(str(top), str(top / "cache/files/md5"))
        self.before: Mapping[str, PlacedFile] = {}
        self.top = top

    def arranged(self, wanted: Mapping[str, str]) -> Arrangement:
        """What is to be done for these texts by path."""
        for text in wanted.values():
            target = Path(self.cache.path_of(_md5(text)))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        digests = {path: _md5(text) for path, text in wanted.items()}
        return arrange(str(self.directory), digests, before=self.before)

    def put(self, wanted: Mapping[str, str]) -> Arrangement:
        """These texts by path, put there."""
        found = self.arranged(wanted)
        refuse_changed(found.changed, where="data/notes", name="notes@1.0.0")
        (self.top / "project").mkdir(exist_ok=True)
        base = str(self.top / "project")
        self.before = carry_out(
            found, cache=self.cache, base=base, directory="data/notes", state=str(self.top / "state"), progress=unseen
        )
        return found

    def texts(self) -> dict[str, str]:
        """What lies there."""
        there = sorted(each for each in self.directory.rglob("*") if each.is_file())
        return {str(each.relative_to(self.directory)): each.read_text() for each in there}


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with two files that were put there."""
    made = Place(tmp_path)
    made.put({"a.txt": "a", "below/b.txt": "b"})
    return made


def test_another_version_takes_the_place_of_the_one_that_was_put_there(place: Place) -> None:
    place.put({"a.txt": "a2", "c.txt": "c"})
    assert place.texts() == {"a.txt": "a2", "c.txt": "c"}
    assert not (place.directory / "below").exists()
    assert place.put({"a.txt": "a2", "c.txt": "c"}).nothing


def test_a_file_that_was_changed_is_not_replaced(place: Place) -> None:
    (place.directory / "a.txt").write_text("mine")
    with pytest.raises(ConflictError, match=r"1 file of data/notes would be lost to notes@1.0.0: 'a.txt' was changed"):
        place.put({"a.txt": "a2", "below/b.txt": "b2"})
    assert place.texts() == {"a.txt": "mine", "below/b.txt": "b"}


def test_a_change_that_keeps_size_and_time_is_seen_when_it_came_at_once(place: Place) -> None:
    file = place.directory / "a.txt"
    seen = file.stat()
    file.write_text("z")
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert place.arranged({"a.txt": "a"}).changed == {"a.txt": "was changed since dsv put it there"}


def test_a_file_of_ones_own_is_neither_replaced_nor_removed(place: Place) -> None:
    (place.directory / "c.txt").write_text("mine")
    assert place.arranged({"a.txt": "a", "c.txt": "c"}).changed == {"c.txt": "is there with other bytes"}
    found = place.put({"a.txt": "a"})
    assert found.others == ["c.txt"]
    assert place.texts() == {"a.txt": "a", "c.txt": "mine"}


def test_a_file_that_goes_with_the_next_version_stays_where_it_was_changed(place: Place) -> None:
    (place.directory / "below/b.txt").write_text("mine")
    found = place.put({"a.txt": "a"})
    assert found.others == ["below/b.txt"]
    assert place.texts() == {"a.txt": "a", "below/b.txt": "mine"}


def test_a_file_with_the_right_bytes_is_right_whoever_put_it_there(place: Place) -> None:
    place.before = {}
    assert place.put({"a.txt": "a", "below/b.txt": "b"}).nothing
    assert set(place.before) == {"a.txt", "below/b.txt"}


def test_no_link_is_followed(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.txt").write_text("not ours")
    (place.directory / "a.txt").unlink()
    (place.directory / "a.txt").symlink_to(outside / "x.txt")
    (place.directory / "led").symlink_to(outside)
    assert place.arranged({"a.txt": "a"}).changed == {"a.txt": "is no regular file"}
    with pytest.raises(ConflictError):
        place.put({"below/b.txt": "b", "led/x.txt": "x"})
    assert (outside / "x.txt").read_text() == "not ours"


def test_what_cannot_lie_beside_a_file_or_directory_of_ones_own_is_told_before_anything_is_written(
    place: Place,
) -> None:
    (place.directory / "mine").write_text("mine")
    (place.directory / "c.txt").mkdir()
    (place.directory / "c.txt/mine").write_text("mine")
    found = place.arranged({"a.txt": "a2", "mine/d.txt": "d", "c.txt": "c"})
    assert found.blocked == {"mine/d.txt": "lies below 'mine', which is a file", "c.txt": "is a directory"}
    with pytest.raises(ConflictError, match=r"there 'c.txt' is a directory, and 1 more"):
        refuse_blocked(found.blocked, where="data/notes", name="notes@1.0.0")


def test_a_file_may_become_a_directory_and_a_directory_a_file(place: Place) -> None:
    place.put({"a.txt/inner": "x", "below": "y"})
    assert place.texts() == {"a.txt/inner": "x", "below": "y"}
    place.put({"a.txt": "a", "below/b.txt": "b"})
    assert place.texts() == {"a.txt": "a", "below/b.txt": "b"}
