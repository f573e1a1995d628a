from __future__ import annotations

import json
import re
from collections import Counter

EXAMPLE = "chat"
FIRST = "7a9670d2c442cc2e554c409ecb8c77199f14c2ff7683fd87f6c7cfcf7cabd7d2"
SECOND = "53a71c4069793296d08af4986d8db5d845515b65a5b4a53d51863a5cb79dd16e"
RESHARDED = "9c4108c291dee6cab01d74ae4d5a80adf1fb98d2c1e3d7bbbc66b9decb327655"


def conversations(files):
    return [each for path in files for each in files[path]]


def contents(files):
    return Counter(json.dumps(each, sort_keys=True) for each in conversations(files))


def split_of(path):
    return re.split(r"[-.]", path.split("/")[1])[0]


def promises(conversation):
    return any("cannot lose" in message["content"] for message in conversation["messages"])


def miscalled(conversation):
    words = " ".join(message["content"] for message in conversation["messages"] if message["role"] == "assistant")
    stated = re.search(r"RSI\(14\) at (\d+)", words)
    return stated is not None and int(stated[1]) < 30 and "overbought" in words


def test_every_python_writes_the_same_conversations(generated):
    for options, digest in (((), FIRST), (("--grow",), SECOND), (("--reshard",), RESHARDED)):
        assert generated.generate(*options).returncode == 0
        assert generated.digest() == digest


def test_three_agent_types_have_a_thousand_conversations_each_in_train_and_eval(releases):
    first, _ = releases
    counted = Counter((path.split("/")[0], split_of(path)) for path in first for _ in first[path])
    assert counted == {
        (agent, split): count
        for agent in ("technical", "news", "fundamental")
        for split, count in (("train", 900), ("eval", 100))
    }
    assert all(each["agent_type"] == path.split("/")[0] for path in first for each in first[path])


def test_no_two_conversations_are_equal_though_they_share_trajectories(releases):
    for files in releases:
        assert set(contents(files).values()) == {1}
        trajectories = {each["trajectory_id"] for each in conversations(files)}
        assert len(trajectories) < len(conversations(files)) / 2


def test_no_trajectory_reaches_from_train_into_eval(releases):
    _, second = releases
    sides = {"train": set(), "eval": set()}
    for path, each in second.items():
        sides[split_of(path)] |= {conversation["trajectory_id"] for conversation in each}
    assert not sides["train"] & sides["eval"]


def test_a_conversation_takes_turns_and_ends_with_an_answer(releases):
    turns = re.compile(r"system user (assistant tool )?assistant( user assistant)?")
    seen = Counter()
    for each in conversations(releases[1]):
        roles = " ".join(message["role"] for message in each["messages"])
        assert turns.fullmatch(roles)
        seen[roles] += 1
        for message in each["messages"]:
            if message["role"] == "tool":
                assert isinstance(json.loads(message["content"]), dict)
            elif not message["content"].startswith('{"tool"'):
                assert "{" not in message["content"]
    assert len(seen) == 4


def test_growing_adds_an_agent_type_of_600_that_alone_carries_the_judge(releases):
    first, second = releases
    macro = [each for each in conversations(second) if each["agent_type"] == "macro"]
    assert len(macro) == 600
    assert all(each["judge"]["passed"] and 0.7 <= each["judge"]["score"] < 1 for each in macro)
    others = [each for each in conversations(first) + conversations(second) if each["agent_type"] != "macro"]
    assert not any("judge" in each for each in others)


def test_growing_removes_40_and_edits_25_so_that_a_fifth_of_the_records_changed(releases):
    first, second = map(contents, releases)
    added, removed = second - first, first - second
    assert (added.total(), removed.total()) == (600 + 25, 40 + 25)
    assert (first.total(), second.total()) == (3000, 3560)
    assert round(max(added.total(), removed.total()) / first.total(), 6) == 0.208333


def test_review_takes_out_promises_and_puts_wrong_calls_right(releases):
    first, second = map(conversations, releases)
    assert sum(map(promises, first)) == 40
    assert sum(map(miscalled, first)) == 25
    assert not any(map(promises, second))
    assert not any(map(miscalled, second))


def test_resharding_keeps_every_conversation_in_its_split(generated):
    def by_split(files):
        return Counter((split_of(path), json.dumps(each)) for path in files for each in files[path])

    generated.generate()
    generated.generate("--grow")
    before = generated.records()
    generated.generate("--reshard")
    after = generated.records()
    assert by_split(after) == by_split(before)
    assert sorted(after) == [
        f"{agent}/{split}.jsonl"
        for agent in ("fundamental", "macro", "news", "technical")
        for split in ("eval", "train")
    ]


def test_growing_or_resharding_what_was_never_written_is_refused(generated):
    for option in ("--grow", "--reshard"):
        done = generated.generate(option)
        assert done.returncode == 2
        assert "has no technical/train-00001.jsonl" in done.stderr
        assert not generated.directory.exists()
