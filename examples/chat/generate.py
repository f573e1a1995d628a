"""Conversations for fine-tuning finance agents, the same bytes on every machine and Python.

    python generate.py DIR             3,000 conversations of three agent types as JSON Lines
    python generate.py DIR --grow      a fourth agent type, 600 conversations with a judge's verdict;
                                       40 that failed review are gone, 25 wrong answers are put right
    python generate.py DIR --reshard   the same conversations in one file a split, in another order

Messages are in the chatml manner: system, user, assistant, tool. Every conversation is a function of its
number; prices, headlines and verdicts are invented. `trajectory_id` names the backtest run that a
conversation was cut from. A run gives several conversations, so nothing here can serve as a key.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")


class Agent(NamedTuple):
    """An agent type: its instructions, what it covers, its tool and the tool's answer, questions and answers."""

    system: str
    symbols: Sequence[str]
    tool: str
    observed: Sequence[str]
    questions: Sequence[str]
    answers: Sequence[str]
    follow_ups: Sequence[tuple[str, str]]


STOCKS = ("AAPL", "AMZN", "CAT", "COST", "CVX", "GOOGL", "JNJ", "JPM", "KO", "MSFT", "NVDA", "PFE", "UNP", "XOM")

AGENTS = {
    "technical": Agent(
        "You are a technical analyst. Read price, averages and momentum, name the level that would prove you "
        "wrong, and never give a signal without its risk.",
        symbols=STOCKS,
        tool="get_indicators",
        observed=("price", "average_50", "rsi_14", "volume_ratio"),
        questions=(
            "What does the daily chart of {symbol} say after today's close?",
            "Is {symbol} a buy here, looking only at momentum?",
            "I hold {symbol}. Does the chart give me a reason to sell?",
        ),
        answers=(
            (
                "{symbol} closed at {price}, {side} its 50-day average of {average_50}. RSI(14) at "
                "{rsi_14} is {momentum}. Volume is {volume_ratio} times normal. A close beyond {stop} "
                "would prove this reading wrong."
            ),
            (
                "With RSI(14) at {rsi_14}, {symbol} is {momentum}. At {price} the price is {side} the "
                "50-day average ({average_50}), on {volume_ratio} times the usual volume. Keep a stop "
                "at {stop}."
            ),
        ),
        follow_ups=(
            ("Where would you put the stop?", "At {stop}: there the pattern is broken, whatever the news says."),
            ("How large a position?", "Risk no more than {risk} % of the account between entry and {stop}."),
        ),
    ),
    "news": Agent(
        "You are a news analyst. Say what was reported, by whom, and what it changes for the company. Separate "
        "fact from guess.",
        symbols=STOCKS,
        tool="search_news",
        observed=("headline", "source", "hours_ago"),
        questions=(
            "Anything new on {symbol} that I should know before the open?",
            "Why is {symbol} moving today?",
            "Summarize the latest headline on {symbol} and tell me whether it matters.",
        ),
        answers=(
            (
                '{source} reported {hours_ago} hours ago: "{headline}". That is {weight} for '
                "{symbol}: consensus earnings would move by about {eps_change} %. Whether it lasts is "
                "a guess, and I would call it one."
            ),
            (
                'The move follows one report, {hours_ago} hours old, by {source}: "{headline}". I '
                "read it as {weight}; a change of {eps_change} % in expected earnings would be in "
                "line with it. Nothing else has been confirmed."
            ),
        ),
        follow_ups=(
            ("Is it confirmed?", "Only {source} has it so far. I would wait for the filing."),
            ("Should I act on it?", "Not on a report {hours_ago} hours old alone; the price already knows it."),
        ),
    ),
    "fundamental": Agent(
        "You are a fundamental analyst. Work from the filings, show the figures you use, and give a range rather "
        "than a number.",
        symbols=STOCKS,
        tool="get_fundamentals",
        observed=("pe", "growth_percent", "margin_percent", "debt_ratio"),
        questions=(
            "Is {symbol} expensive at today's price?",
            "How sound is the balance sheet of {symbol}?",
            "What would have to be true for {symbol} to be worth {price}?",
        ),
        answers=(
            (
                "At {price}, {symbol} trades at {pe} times earnings. Revenue grows {growth_percent} % "
                "a year at an operating margin of {margin_percent} %, and debt is {debt_ratio} times "
                "equity. I get {low} to {high} a share."
            ),
            (
                "{symbol} earns {margin_percent} % on revenue that grows {growth_percent} % a year; "
                "debt stands at {debt_ratio} times equity. A multiple of {pe} is what {price} asks "
                "for. My range is {low} to {high}."
            ),
        ),
        follow_ups=(
            ("What is the weakest assumption?", "That growth stays at {growth_percent} %. A third less costs {cut} %."),
            ("Where is the margin of safety?", "Below {low}. Above it you are paid for hope."),
        ),
    ),
    "macro": Agent(
        "You are a macro strategist. Start from rates, inflation and growth, and say which data release would change "
        "your mind.",
        symbols=("DXY", "EURUSD", "GOLD", "US02Y", "US10Y", "WTI"),
        tool="get_series",
        observed=("inflation_percent", "policy_rate", "surprise"),
        questions=(
            "What does the last inflation print mean for {symbol}?",
            "Give me the macro case for and against {symbol}.",
        ),
        answers=(
            (
                "Inflation at {inflation_percent} % against a policy rate of {policy_rate} % leaves "
                "real rates the main driver of {symbol}. The print surprised by {surprise} points. "
                "The next payrolls could change my mind."
            ),
            (
                "For {symbol}: a policy rate of {policy_rate} % with inflation at {inflation_percent} "
                "%. Against: a surprise of {surprise} points is within the noise of one release. I "
                "would wait for the next print."
            ),
        ),
        follow_ups=(("What would change your mind?", "Two prints in a row off by more than {surprise} points."),),
    ),
}
HEADLINES = (
    "Regulator opens inquiry into supplier contracts",
    "Company raises full-year guidance",
    "Chief financial officer to step down in spring",
    "Large customer said to move orders to rival",
    "Board approves share buyback",
    "Plant restarts after three-week outage",
)
SOURCES = ("Börsenblatt", "Harbor Wire", "Ledger Daily", "Nikkō Report", "Street Dispatch")
PROMISE = " This cannot lose; put in everything you have."

FIRST = {
    f"{agent}/{name}.jsonl": range(first + start, first + stop)
    for first, agent in ((1, "technical"), (1001, "news"), (2001, "fundamental"))
    for name, start, stop in (
        ("train-00001", 0, 300),
        ("train-00002", 300, 600),
        ("train-00003", 600, 900),
        ("eval-00001", 900, 1000),
    )
}
MACRO = {
    "macro/train-00001.jsonl": range(3001, 3301),
    "macro/train-00002.jsonl": range(3301, 3541),
    "macro/eval-00001.jsonl": range(3541, 3601),
}
MISCALLED = range(7, 1001, 40)  # 25 technical answers that call an oversold stock overbought
PROMISING = range(1011, 3001, 50)  # 40 news and fundamental answers that promise a gain
OVERSOLD, OVERBOUGHT = 30, 70


class Draw:
    """Draws from a seed; rests on Random.random() alone, whose sequence Python keeps between releases."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.number(0, len(items) - 1)]


def agent_of(number: int) -> str:
    """The agent type of the conversation with this number."""
    return next(path.split("/")[0] for path, numbers in {**FIRST, **MACRO}.items() if number in numbers)


def draft(number: int) -> dict[str, object]:
    """The conversation with this number before review, with the mistake it may hold."""
    overrides = {"momentum": "overbought"} if number in MISCALLED else {}
    return _conversation(number, overrides=overrides, ending=PROMISE if number in PROMISING else "")


def reviewed(number: int) -> dict[str, object] | None:
    """The conversation with this number after review, None if it was rejected."""
    return None if number in PROMISING else _conversation(number)


def _conversation(number: int, *, overrides: Mapping[str, object] | None = None, ending: str = "") -> dict[str, object]:
    draw = Draw(f"conversation {number}")
    name = agent_of(number)
    agent = AGENTS[name]
    facts = _facts(draw, agent, rsi_limit=OVERSOLD - 1 if number in MISCALLED else 85) | dict(overrides or {})
    messages = [("system", agent.system), ("user", draw.one(agent.questions))]
    if draw.number(1, 3) > 1:
        call = {"tool": agent.tool, "arguments": {"symbol": facts["symbol"]}}
        result = {key: facts[key] for key in agent.observed}
        messages += [("assistant", _braced(call)), ("tool", _braced(result))]
    messages.append(("assistant", draw.one(agent.answers) + ending))
    if draw.number(1, 3) == 1:
        question, answer = draw.one(agent.follow_ups)
        messages += [("user", question), ("assistant", answer)]
    conversation: dict[str, object] = {
        "agent_type": name,
        "symbol": facts["symbol"],
        "trajectory_id": f"bt_{name}_{(number - 1) % 1000 // 3:03}",
        "messages": [{"role": role, "content": content.format(**facts)} for role, content in messages],
    }
    if name == "macro":
        conversation["judge"] = {"score": draw.number(70, 99) / 100, "passed": True}
    return conversation


def _braced(value: object) -> str:
    """JSON as text that `format` leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("{", "{{").replace("}", "}}")


def _facts(draw: Draw, agent: Agent, *, rsi_limit: int) -> dict[str, object]:
    price = draw.number(2000, 60000) / 100
    average = price * draw.number(85, 115) / 100
    rsi = draw.number(15, rsi_limit)
    pe = draw.number(80, 450) / 10
    return {
        "symbol": draw.one(agent.symbols),
        "price": f"{price:.2f}",
        "average_50": f"{average:.2f}",
        "side": "above" if price >= average else "below",
        "rsi_14": rsi,
        "momentum": "oversold" if rsi < OVERSOLD else "overbought" if rsi > OVERBOUGHT else "neutral",
        "volume_ratio": draw.number(5, 35) / 10,
        "stop": f"{price * draw.number(88, 97) / 100:.2f}",
        "risk": draw.number(1, 4) / 2,
        "headline": draw.one(HEADLINES),
        "source": draw.one(SOURCES),
        "hours_ago": draw.number(2, 30),
        "weight": draw.one(("material", "minor", "noise until confirmed")),
        "eps_change": draw.number(1, 12),
        "pe": pe,
        "growth_percent": draw.number(1, 28),
        "margin_percent": draw.number(4, 46),
        "debt_ratio": draw.number(1, 30) / 10,
        "low": f"{price * draw.number(70, 95) / 100:.2f}",
        "high": f"{price * draw.number(100, 130) / 100:.2f}",
        "cut": draw.number(8, 30),
        "inflation_percent": draw.number(12, 68) / 10,
        "policy_rate": draw.number(2, 22) / 4,
        "surprise": draw.number(1, 6) / 10,
    }


def first_release() -> dict[str, list[dict[str, object]]]:
    """The conversations of the first release, by file."""
    return {path: [draft(n) for n in numbers] for path, numbers in FIRST.items()}


def growth() -> dict[str, list[dict[str, object]]]:
    """The conversations of the second release, by file."""
    return {
        path: [kept for kept in map(reviewed, numbers) if kept is not None]
        for path, numbers in {**FIRST, **MACRO}.items()
    }


def write(directory: Path, files: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Each file as JSON Lines below the directory, which is made if absent."""
    for path, conversations in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in conversations)
        (directory / path).write_bytes(lines.encode())


def reshard(directory: Path) -> int:
    """The same lines in one sorted file for each agent type and split; how many files that makes."""
    groups: dict[Path, list[Path]] = {}
    for shard in sorted(directory.glob("*/*-*.jsonl")):
        groups.setdefault(shard.with_name(shard.name.split("-")[0] + ".jsonl"), []).append(shard)
    for whole, shards in groups.items():
        lines = sorted(line for shard in shards for line in shard.read_bytes().splitlines(keepends=True))
        whole.write_bytes(b"".join(lines))
        for shard in shards:
            shard.unlink()
    return len(groups)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write conversations for fine-tuning as JSON Lines.")
    parser.add_argument("directory", metavar="DIR", type=Path)
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--grow", action="store_true", help="add an agent type, remove 40, correct 25")
    step.add_argument("--reshard", action="store_true", help="the same conversations in fewer files")
    arguments = parser.parse_args()
    if (arguments.grow or arguments.reshard) and not (arguments.directory / next(iter(FIRST))).is_file():
        parser.error(f"{arguments.directory} has no {next(iter(FIRST))}: write the first release to begin with")
    if arguments.reshard:
        print(f"Wrote the same conversations into {reshard(arguments.directory)} files.")
    elif arguments.grow:
        write(arguments.directory, growth())
        print("Wrote 600 conversations of a new agent type; removed 40, corrected 25.")
    else:
        write(arguments.directory, first_release())
        print("Wrote 3,000 conversations into 12 files.")


if __name__ == "__main__":
    main()
