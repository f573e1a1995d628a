"""Conversations to fine-tune on: who may speak after whom, in the three spellings that are in use."""

from __future__ import annotations

from typing import Any

import pytest

from dsv.checks.chat import ChatRules, Spelling
from dsv.records.inspection import Batch

SYSTEM = {"role": "system", "content": "You read leases."}
USER = {"role": "user", "content": "When does it end?"}
ASSISTANT = {"role": "assistant", "content": "In May."}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"what": "term"}'}}],
}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "May 31"}


def wrong(record: Any, spelling: Spelling = Spelling.AUTO) -> str:
    """What is said of the record, empty for a sound one."""
    inspector = ChatRules(spelling).begin()
    inspector.take(Batch([record], first=1))
    return "".join(words for _, words in inspector.finish().first)


def chatml(*turns: Any) -> dict[str, Any]:
    return {"messages": list(turns)}


def sharegpt(*turns: tuple[str, Any]) -> dict[str, Any]:
    return {"conversations": [{"from": who, "value": text} for who, text in turns]}


@pytest.mark.parametrize(
    "turns",
    [
        [USER, ASSISTANT],
        [SYSTEM, USER, ASSISTANT, USER, ASSISTANT],
        [SYSTEM, USER, CALL, RESULT, ASSISTANT, USER, ASSISTANT],
        [{"role": "developer", "content": "Be brief."}, USER, ASSISTANT],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, ASSISTANT],
        [USER, {"role": "assistant", "content": '{"tool": "find"}'}, {"role": "tool", "content": "May 31"}, ASSISTANT],
        [
            USER,
            {"role": "assistant", "content": "", "function_call": {"name": "find", "arguments": "{}"}},
            {"role": "function", "name": "find", "content": "May 31"},
            ASSISTANT,
        ],
    ],
    ids=["plain", "system", "tool", "developer", "picture", "call in the text", "function"],
)
def test_a_sound_conversation_is_not_spoken_of(turns: list[Any]) -> None:
    assert wrong(chatml(*turns)) == ""


def two_calls(*ids: str | None) -> dict[str, Any]:
    calls = [{"function": {"name": f"f{number}", "arguments": {}}, "id": each} for number, each in enumerate(ids)]
    return {"role": "assistant", "tool_calls": calls}


def test_results_may_come_in_any_order_when_they_name_their_calls() -> None:
    results = [{**RESULT, "tool_call_id": each} for each in ("b", "a")]
    assert wrong(chatml(USER, two_calls("a", "b"), *results, ASSISTANT)) == ""
    assert wrong(chatml(USER, two_calls(None, None), RESULT, RESULT, ASSISTANT)) == ""


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([USER, ASSISTANT, USER], "$.messages[2]: ends with user, so there is no answer to learn"),
        ([USER, USER, ASSISTANT], "$.messages[1]: user speaks twice in a row"),
        ([USER, ASSISTANT, ASSISTANT], "$.messages[2]: assistant speaks twice in a row"),
        ([ASSISTANT, USER, ASSISTANT], "$.messages[0]: assistant speaks before any user does"),
        ([USER, SYSTEM, ASSISTANT], "$.messages[1]: system speaks in the middle; it may speak once, at the beginning"),
        ([SYSTEM], "$.messages: holds no turn of a user or an assistant"),
        ([], "$.messages: holds no turn of a user or an assistant"),
        ([USER, {"role": "bot", "content": "x"}], "$.messages[1].role: 'bot' is none of system, developer, user,"),
        ([USER, {"content": "x"}], "$.messages[1].role: is missing, so it cannot be told who speaks"),
        ([USER, {**ASSISTANT, "content": " \n"}], "$.messages[1].content: says nothing"),
        ([USER, {**ASSISTANT, "content": None}], "$.messages[1].content: says nothing"),
        ([USER, {**ASSISTANT, "content": [{"type": "text", "text": ""}]}], "$.messages[1].content: says nothing"),
        ([USER, {**ASSISTANT, "content": 3}], "$.messages[1].content: is no text"),
        ([USER, {**CALL, "tool_calls": []}, ASSISTANT], "$.messages[1].content: says nothing"),
        (["x", ASSISTANT], "$.messages[0]: is no turn: not an object"),
        ([USER, CALL, ASSISTANT], "$.messages[2]: assistant speaks before the call of find has its result"),
        ([USER, CALL], "$.messages[1].tool_calls[0]: the call of find has no result"),
        ([USER, CALL, RESULT], "$.messages[2]: ends with tool, so there is no answer to learn"),
        ([USER, CALL, RESULT, RESULT, ASSISTANT], "$.messages[3]: tool speaks without a call that it answers"),
        ([USER, RESULT, ASSISTANT], "$.messages[1]: tool speaks without a call that it answers"),
        (
            [USER, CALL, {**RESULT, "tool_call_id": "c9"}, ASSISTANT],
            "$.messages[2]: tool answers c9, which is no call that waits for a result (and 1 more)",
        ),
        ([USER, CALL, RESULT, CALL, RESULT, ASSISTANT], "$.messages[3]: the call c1 has the id of an earlier one"),
        ([{**USER, "tool_calls": CALL["tool_calls"]}, ASSISTANT], "$.messages[0].tool_calls[0]: user calls a tool"),
        ([USER, two_calls("a", "b"), {**RESULT, "tool_call_id": "a"}, ASSISTANT], "the call of f1 has its result"),
        ([USER, {"role": "assistant", "tool_calls": {}}, ASSISTANT], "$.messages[1].tool_calls: is no list of calls"),
        ([USER, {"role": "assistant", "tool_calls": ["x"]}, ASSISTANT], "$.messages[1].tool_calls[0]: is no call"),
        (
            [USER, {"role": "assistant", "tool_calls": [{"function": {"name": " "}}]}, RESULT, ASSISTANT],
            "$.messages[1].tool_calls[0]: calls a tool without a name",
        ),
        (
            [USER, {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}, ASSISTANT],
            "$.messages[1].tool_calls[0]: the arguments of f are no JSON object",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_turn(turns: list[Any], words: str) -> None:
    assert words in wrong(chatml(*turns))


def test_sharegpt_has_its_own_words() -> None:
    call = ("function_call", '{"name": "find", "arguments": {"what": "term"}}')
    sound = sharegpt(("system", "s"), ("human", "h"), call, ("observation", "o"), ("gpt", "g"))
    assert wrong(sound) == wrong(sharegpt(("human", "h"), ("gpt", "g"))) == ""
    assert "$.conversations[1].from: 'bing' is none of" in wrong(sharegpt(("human", "h"), ("bing", "b")))
    assert wrong(sharegpt(("human", "h"), ("gpt", ""))) == "$.conversations[1].value: says nothing"
    assert "the call of find has its result" in wrong(sharegpt(("human", "h"), call, ("gpt", "g")))
    assert "$.conversations[1].value: is no call" in wrong(sharegpt(("human", "h"), ("function_call", "no JSON")))


def test_alpaca_has_an_instruction_and_an_output() -> None:
    assert wrong({"instruction": "Sum up.", "input": "", "output": "Done."}) == ""
    assert wrong({"instruction": "Sum up.", "output": "Done.", "history": [["q", "a"]]}) == ""
    assert wrong({"instruction": "Sum up.", "output": " "}) == "$.output: says nothing"
    assert wrong({"instruction": "Sum up."}) == "$.output: is missing"
    assert wrong({"instruction": "i", "input": 3, "output": "o"}) == "$.input: is no text"
    assert wrong({"instruction": "i", "output": "o", "history": [["q"]]}).startswith("$.history[0]: is no pair")


def test_a_spelling_may_be_asked_for() -> None:
    assert wrong({"text": "x"}) == "$: holds no conversation: no messages, conversations or instruction"
    assert wrong([1]) == "$: is no object, so no conversation"
    assert wrong(chatml(USER, ASSISTANT), Spelling.SHAREGPT) == "$.conversations: is missing"
    assert wrong(sharegpt(("human", "h"), ("gpt", "g")), Spelling.CHATML) == "$.messages: is missing"
    assert wrong({"messages": 3}) == "$.messages: is no list of turns"
