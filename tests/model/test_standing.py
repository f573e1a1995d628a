"""What the events of a dataset come to."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.model.event import dump_event, event_file_name, load_event
from dsv.model.renames import Renames
from dsv.model.standing import PastEvent, Status, kind_in, standing_of
from dsv.model.version import Version

ONE, TWO = Version(1, 0, 0), Version(2, 0, 0)


def happened(*told):
    """Events a second apart, of (kind, version) or (kind, version, data)."""
    return [
        PastEvent(kind, "leases", version, f"2026-11-22T07:30:{at:02d}Z", data=dict(*data), file=f"{at}-{kind}")
        for at, (kind, version, *data) in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "one", "two", "dataset"),
    [
        ([], "active", "active", "active"),
        ([("deprecate", ONE)], "deprecated", "active", "active"),
        ([("yank", ONE)], "yanked", "active", "active"),
        ([("deprecate", None)], "deprecated", "deprecated", "deprecated"),
        ([("archive", None), ("yank", ONE)], "yanked", "archived", "archived"),
        ([("remove", None), ("yank", ONE)], "removed", "removed", "removed"),
        ([("deprecate", ONE), ("yank", ONE), ("restore", ONE)], "deprecated", "active", "active"),
        ([("yank", ONE), ("restore", ONE), ("restore", ONE)], "active", "active", "active"),
        ([("yank", ONE), ("yank", ONE), ("restore", ONE)], "active", "active", "active"),
        ([("archive", None), ("restore", None)], "active", "active", "active"),
        ([("yank", ONE), ("restore", None)], "yanked", "active", "active"),
        ([("run", ONE), ("score", ONE), ("of-the-future", ONE)], "active", "active", "active"),
        # two branches: one yanked, the other deprecated and took that back
        ([("deprecate", ONE), ("yank", ONE), ("restore", ONE, {"event": "deprecate"})], "yanked", "active", "active"),
    ],
)
def test_what_happened_gives_the_status(told, one, two, dataset):
    standing = standing_of(happened(*told))
    assert (standing.status(ONE).value, standing.status(TWO).value, standing.dataset.value) == (one, two, dataset)


def test_a_stage_points_to_what_was_promoted_last():
    prod = {"stage": "prod"}
    told = happened(("promote", ONE, prod), ("promote", TWO, prod), ("promote", ONE, {"stage": "dev"}))
    assert standing_of(told).stages == {"prod": TWO, "dev": ONE}
    assert standing_of(told).stages_of(TWO) == ("prod",)
    stale = [*told, *happened(*[("run", ONE)] * 5, ("demote", ONE, prod))[-1:]]
    assert standing_of(stale).stages["prod"] == TWO
    done = [*told, *happened(*[("run", ONE)] * 5, ("demote", TWO, prod))[-1:]]
    assert standing_of(done).stages == {"dev": ONE}


@given(st.permutations(happened(("deprecate", ONE), ("yank", ONE), ("restore", ONE), ("promote", TWO, {"stage": "a"}))))
def test_the_order_of_reading_does_not_matter(events):
    standing = standing_of(events)
    assert (standing.status(ONE), standing.stages) == (Status.DEPRECATED, {"a": TWO})


def test_a_dataset_is_found_under_each_of_its_names():
    def rename(at, **data):
        return PastEvent("rename", "x", None, f"2026-11-22T07:30:{at:02d}Z", data=data, file="f")

    renames = Renames(
        {
            "a": [rename(1, to="b")],
            "b": [rename(1, **{"from": "a"}), rename(2, to="c")],
            "c": [rename(2, **{"from": "b"})],
        }
    )
    for name in "abc":
        assert renames.present(name) == "c"
        assert sorted(renames.line(name)) == ["a", "b", "c"]
    assert renames.line("c") == ["c", "b", "a"]
    assert renames.line("other") == ["other"]


def test_names_in_a_circle_come_to_an_end():
    def rename(at, **data):
        return PastEvent("rename", "x", None, f"2026-11-22T07:30:{at:02d}Z", data=data, file="f")

    circle = Renames({"a": [rename(1, to="b")], "b": [rename(1, **{"from": "a"}), rename(2, to="a")]})
    for name in "ab":
        assert sorted(circle.line(name)) == ["a", "b"]
    hostile = Renames({"a": [rename(1, to="../../etc"), rename(2, to=7)]})
    assert hostile.line("a") == ["a"]


def test_an_event_is_named_after_what_is_in_it():
    text = (
        b"# yaml-language-server: $schema=../../.schemas/event-1.json\nschema: 1\nevent: yank\ndataset: leases\n"
        b'version: "1.1.0"\nat: "2026-11-22T07:30:00Z"\nby: Ana Lima <ana@example.com>\nreason: wrong labels\n'
        b"data: {}\n"
    )
    event = load_event(text, file="x").value
    assert dump_event(event) == text
    name = event_file_name(event, text)
    assert name.startswith("20261122T073000Z-yank-")
    assert kind_in(name) == "yank"


@pytest.mark.parametrize(
    "name", ["", "x.yaml", "20261122T073000Z-yank-1a2b3c4d.yml", "20261122T073000Z-YANK-1a2b3c4d.yaml"]
)
def test_other_files_are_no_events(name):
    assert kind_in(name) is None


def test_every_status_says_more_than_the_one_before():
    order = [each.value for each in Status]
    for less, more in itertools.combinations(("deprecate", "archive", "yank", "remove"), 2):
        standing = standing_of(happened((more, None), (less, None)))
        assert standing.dataset.value[:4] == more[:4]
        assert order.index(standing.dataset.value) > 0
