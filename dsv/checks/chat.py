"""Conversations as chat models are fine-tuned on them: who may speak after whom, and that everybody says something.

Three spellings are known. `chatml`: `messages`, each with `role` and `content`, as in OpenAI's chat completions and in
the chat templates of Hugging Face. `sharegpt`: `conversations`, each with `from` and `value`. `alpaca`: `instruction`,
`input` and `output`. What is looked at is told in docs/checks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from dsv.checks.wrong import in_words, json_path, short
from dsv.records.canonical import MalformedError, decode
from dsv.records.inspection import Findings, Inspector


class Spelling(Enum):
    """How conversations are written; AUTO goes by the fields of each record."""

    AUTO = "auto"
    CHATML = "chatml"
    SHAREGPT = "sharegpt"
    ALPACA = "alpaca"


class Speaker(Enum):
    """Who speaks, whatever a spelling calls it."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    CALL = "call"  # a turn of the assistant that is nothing but a call of a tool, as ShareGPT has it


_CHATML = {
    "system": Speaker.SYSTEM,
    "developer": Speaker.SYSTEM,
    "user": Speaker.USER,
    "assistant": Speaker.ASSISTANT,
    "tool": Speaker.TOOL,
    "function": Speaker.TOOL,
}
_SHAREGPT = {
    "system": Speaker.SYSTEM,
    "human": Speaker.USER,
    "user": Speaker.USER,
    "gpt": Speaker.ASSISTANT,
    "assistant": Speaker.ASSISTANT,
    "function_call": Speaker.CALL,
    "observation": Speaker.TOOL,
    "tool": Speaker.TOOL,
}

_Steps = tuple[str | int, ...]

_EDITION = 1
"""The number of the rules below; a file that did not change is looked at again when it grows."""


@dataclass(frozen=True)
class ChatRules:
    """What conversations are held against; a value, so that it travels to other processes."""

    spelling: Spelling = Spelling.AUTO

    @property
    def identity(self) -> str:
        """The spelling, and the number of these rules, which grows when they change."""
        return f"chat {self.spelling.value} {_EDITION}"

    def begin(self) -> Inspector:
        """One that says which turn is wrong."""
        plain = _PLAIN.get(self.spelling, ())

        def wrong(record: Any) -> str | None:
            if any(_is_plainly_sound(record, *names) for names in plain):
                return None
            return in_words([*faults_of(record, self.spelling)])

        return Findings(wrong)


def faults_of(record: Any, spelling: Spelling = Spelling.AUTO) -> Iterator[str]:
    """Everything that is wrong with the record as a conversation."""
    if not isinstance(record, dict):
        yield _at((), "is no object, so no conversation")
        return
    chosen = _spelling_of(record) if spelling is Spelling.AUTO else spelling
    if chosen is None:
        yield _at((), "holds no conversation: no messages, conversations or instruction")
    elif chosen is Spelling.ALPACA:
        yield from _alpaca(record)
    elif chosen is Spelling.CHATML:
        yield from _turns(record, "messages", _chatml_turn)
    else:
        yield from _turns(record, "conversations", _sharegpt_turn)


def _spelling_of(record: Mapping[str, Any]) -> Spelling | None:
    if "messages" in record:
        return Spelling.CHATML
    if "conversations" in record:
        return Spelling.SHAREGPT
    return Spelling.ALPACA if "instruction" in record else None


_IN_CHATML = ("messages", "role", "content")
_IN_SHAREGPT = ("conversations", "from", "value")
_PLAIN = {
    Spelling.AUTO: (_IN_CHATML, _IN_SHAREGPT),
    Spelling.CHATML: (_IN_CHATML,),
    Spelling.SHAREGPT: (_IN_SHAREGPT,),
}


def _is_plainly_sound(record: Any, list_name: str, role_name: str, text_name: str) -> bool:
    """Whether it is the usual conversation, without tools: most are, and this is told in a fraction of the time."""
    try:
        turns = record[list_name]
        if not _is_plain_order(tuple([each[role_name] for each in turns])):
            return False
        for each in turns:
            text = each[text_name]
            if type(text) is not str or not text or text.isspace() or "tool_calls" in each or "function_call" in each:
                return False
    except (LookupError, TypeError):
        return False
    return True


@lru_cache(maxsize=4096)
def _is_plain_order(roles: tuple[str, ...]) -> bool:
    spoken = roles[1:] if roles[:1] == ("system",) else roles
    half = len(spoken) // 2
    return bool(spoken) and spoken in (("user", "assistant") * half, ("human", "gpt") * half)


class _Call(NamedTuple):
    """A call of a tool, by its id where it has one."""

    place: _Steps
    name: str
    id: str | None


class _Turn(NamedTuple):
    """A turn as the order looks at it: who speaks, what is called, and which call it answers (None: the next)."""

    place: _Steps
    speaker: Speaker | None
    word: str
    calls: Sequence[_Call] = ()
    answers: str | None = None
    faults: Sequence[str] = ()


def _turns(record: Mapping[str, Any], name: str, read: Callable[[Any, _Steps], _Turn]) -> Iterator[str]:
    value = record.get(name)
    if not isinstance(value, list):
        yield _at((name,), "is missing" if value is None else "is no list of turns")
        return
    turns = [read(each, (name, number)) for number, each in enumerate(value)]
    for turn in turns:
        yield from turn.faults
    if not any(turn.faults for turn in turns):  # an order can be told of turns that can be told apart
        yield from _order(turns, name)


@dataclass
class _Order:
    """What has been said so far, and who may speak next.

    Where no turn of the conversation carries `calls`, calls are part of the text, and a tool may answer any text.
    """

    calls: bool
    open: list[_Call] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    last: Speaker | None = None

    def take(self, turn: _Turn, *, is_first: bool) -> Iterator[str]:
        """What is wrong with this turn coming now."""
        speaker = turn.speaker
        if speaker is Speaker.SYSTEM:
            if not is_first:
                yield f"{turn.word} speaks in the middle; it may speak once, at the beginning"
            return
        if speaker is Speaker.TOOL:
            yield from self._answer(turn)
        elif self.open:
            yield f"{turn.word} speaks before the call of {self.open[0].name} has its result"
            self.open.clear()
        elif speaker is Speaker.USER and self.last is Speaker.USER:
            yield f"{turn.word} speaks twice in a row"
        elif speaker is not Speaker.USER and self.last is None:
            yield f"{turn.word} speaks before any user does"
        elif speaker is not Speaker.USER and self.last in (Speaker.ASSISTANT, Speaker.CALL):
            yield f"{turn.word} speaks twice in a row"
        for call in turn.calls:
            if call.id is not None and call.id in self.seen:
                yield f"the call {short(call.id)} has the id of an earlier one"
            self.seen.add(call.id or "")
            self.open.append(call)
        self.last = speaker

    def _answer(self, turn: _Turn) -> Iterator[str]:
        if not self.open:
            if self.calls or self.last not in (Speaker.ASSISTANT, Speaker.TOOL):
                yield f"{turn.word} speaks without a call that it answers"
            return
        place = 0
        if turn.answers is not None and any(call.id is not None for call in self.open):
            ids = [call.id for call in self.open]
            if turn.answers not in ids:
                yield f"{turn.word} answers {short(turn.answers)}, which is no call that waits for a result"
                return
            place = ids.index(turn.answers)
        del self.open[place]


def _order(turns: Sequence[_Turn], name: str) -> Iterator[str]:
    order = _Order(calls=any(turn.calls for turn in turns))
    for number, turn in enumerate(turns):
        for reason in order.take(turn, is_first=number == 0):
            yield _at(turn.place, reason)
    for call in order.open:
        yield _at(call.place, f"the call of {call.name} has no result")
    spoken = [turn for turn in turns if turn.speaker is not Speaker.SYSTEM]
    if not spoken:
        yield _at((name,), "holds no turn of a user or an assistant")
    elif not order.open and spoken[-1].speaker is not Speaker.ASSISTANT:
        last = spoken[-1]
        yield _at(last.place, f"ends with {last.word}, so there is no answer to learn")


def _chatml_turn(value: Any, place: _Steps) -> _Turn:
    spoken = _speaker(value, "role", _CHATML, place)
    if isinstance(spoken, str):
        return _Turn(place, None, "", faults=[spoken])
    word, speaker = spoken
    calls: list[_Call] = []
    faults: list[str] = []
    for each in _called(value, place):
        calls.append(each) if isinstance(each, _Call) else faults.append(each)
    if calls and speaker is not Speaker.ASSISTANT:
        faults.append(_at(calls[0].place, f"{word} calls a tool; only an assistant may"))
    if not calls and not faults and (reason := _empty(value.get("content"))):
        faults.append(_at((*place, "content"), reason))
    answered = value.get("tool_call_id")
    return _Turn(place, speaker, word, calls, answered if isinstance(answered, str) else None, faults)


def _called(turn: Mapping[str, Any], place: _Steps) -> Iterator[_Call | str]:
    """The calls of a turn in chatml, and what is wrong with those that are none; `function_call` was the way before."""
    calls = turn.get("tool_calls")
    if calls is None:
        if turn.get("function_call") is not None:
            yield _call({"function": turn["function_call"]}, (*place, "function_call"))
    elif isinstance(calls, list):
        for number, each in enumerate(calls):
            yield _call(each, (*place, "tool_calls", number))
    else:
        yield _at((*place, "tool_calls"), "is no list of calls")


def _sharegpt_turn(value: Any, place: _Steps) -> _Turn:
    spoken = _speaker(value, "from", _SHAREGPT, place)
    if isinstance(spoken, str):
        return _Turn(place, None, "", faults=[spoken])
    word, speaker = spoken
    text = value.get("value")
    at = (*place, "value")
    if reason := _empty(text):
        return _Turn(place, speaker, word, faults=[_at(at, reason)])
    if speaker is not Speaker.CALL:
        return _Turn(place, speaker, word)
    written = _parsed(text)
    found = [_call({"function": each}, at) for each in (written if isinstance(written, list) else [written])]
    faults = [each for each in found if isinstance(each, str)]
    return _Turn(place, speaker, word, [each for each in found if isinstance(each, _Call)], faults=faults)


def _speaker(turn: Any, key: str, known: Mapping[str, Speaker], place: _Steps) -> tuple[str, Speaker] | str:
    """The word for who speaks, and who that is; what is wrong where that cannot be told."""
    if not isinstance(turn, dict):
        return _at(place, "is no turn: not an object")
    word = turn.get(key)
    if isinstance(word, str) and word in known:
        return word, known[word]
    if word is None:
        return _at((*place, key), "is missing, so it cannot be told who speaks")
    return _at((*place, key), f"{short(ascii(word))} is none of {', '.join(known)}")


def _call(value: Any, place: _Steps) -> _Call | str:
    """The call of a tool as chatml writes it, with its arguments as an object or as the text of one."""
    function = value.get("function") if isinstance(value, dict) else None
    if not isinstance(function, dict):
        return _at(place, "is no call: an object with the name of a function and its arguments")
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        return _at(place, "calls a tool without a name")
    arguments = function.get("arguments", {})
    if not isinstance(_parsed(arguments), dict):
        return _at(place, f"the arguments of {short(name)} are no JSON object")
    given = value.get("id")
    return _Call(place, short(name), given if isinstance(given, str) else None)


def _parsed(value: Any) -> Any:
    """The value that a text spells in JSON, None where it spells none; any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except (MalformedError, UnicodeEncodeError):
        return None


def _at(place: _Steps, reason: str) -> str:
    return f"{json_path(place)}: {reason}"


def _empty(content: Any) -> str:
    """Why the content says nothing, empty where it does: a text, or parts of which one is more than blank text."""
    if isinstance(content, str):
        return "" if content and not content.isspace() else "says nothing"
    if isinstance(content, list):
        says = any(isinstance(part, dict) and _says(part) for part in content)
        return "" if says else "says nothing"
    return "says nothing" if content is None else "is no text"


def _says(part: Mapping[str, Any]) -> bool:
    return bool(str(part["text"]).strip()) if "text" in part else part.get("type", "text") != "text"


def _alpaca(record: Mapping[str, Any]) -> Iterator[str]:
    for name in ("instruction", "output"):
        if reason := _empty(record.get(name)):
            yield _at((name,), "is missing" if name not in record else reason)
    for name in ("input", "system"):
        if not isinstance(record.get(name), (str, type(None))):
            yield _at((name,), "is no text")
    history = record.get("history")
    if history is None:
        return
    if not isinstance(history, list):
        yield _at(("history",), "is no list of questions and answers")
        return
    for number, each in enumerate(history):
        pair = isinstance(each, list) and len(each) == len(("question", "answer"))
        if not pair or any(_empty(text) for text in each):
            yield _at(("history", number), "is no pair of a question and its answer")
