"""Every command that changes something, killed or failed at its steps: nothing is half done, lost, or in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.faults.commands import COMMANDS
from tests.faults.steps import KILLS, Way
from tests.faults.trial import Fault, NoCompilerError, Trial, Trials

Report = Callable[[str, object], None]
SPARED = 40
"""An ordinary run tries every fortieth kind of call of a command, other ones for each; the long run every call."""
ERRORS = (Way.ENOSPC, Way.EIO, Way.FULL)
LONG = {"import"}
"""Commands that do what several others do, one after the other; an ordinary run tries those."""


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    """What tries commands; each begins with a repository in which a person has begun other things."""
    try:
        with Trials(tmp_path_factory.mktemp("faults")) as found:
            yield found
    except NoCompilerError:
        pytest.skip("the steps of a command are counted by a library that a C compiler makes, on Linux")


def survived(trial: Trial, faults: Iterable[Fault], record_property: Report) -> None:
    """Every fault is survived; how many there were is told at the end of the run."""
    outcomes = list(trial.tried(faults))
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    record_property("faults", (len(outcomes), len(outcomes) - len(wrong)))
    said = f"{len(outcomes)} faults tried, {len(outcomes) - len(wrong)} survived"
    assert not wrong, "\n".join([said, *(f"{each.fault} at {each.step}: {each.wrong}" for each in wrong[:5])])


def some(trial: Trial, *, turn: int) -> Iterator[Fault]:
    """Kills at some of the kinds of calls, other ones for each command, and where refs move; and a failure."""
    calls = trial.one_of_each(lambda step: step.call_by)
    refs = [number for number in calls if trial.steps[number - 1].program == "git update-ref"]
    chosen = {*calls[turn % SPARED :: SPARED], *refs[turn % 2 : 2], calls[-1]}
    yield from (Fault(Way.KILLED, number) for number in sorted(chosen))
    writes = [number for number in calls if trial.steps[number - 1].call not in ("unlink", "rmdir")]
    yield Fault(ERRORS[turn % len(ERRORS)], writes[7 * turn % len(writes)])
    yield Fault(Way.KILLED_ALONE, (refs or calls)[turn % len(refs or calls)])


@pytest.mark.parametrize(
    "command", [pytest.param(each, marks=pytest.mark.heavy) if each in LONG else each for each in COMMANDS]
)
def test_a_command_that_is_killed_or_fails_is_finished_or_undone_by_the_next_one(
    command: str, trials: Trials, record_property: Report
) -> None:
    trial = trials.of(command)
    survived(trial, some(trial, turn=list(COMMANDS).index(command)), record_property)


@pytest.mark.heavy
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("command", COMMANDS)
def test_at_every_step(command: str, way: Way, trials: Trials, record_property: Report) -> None:
    trial = trials.of(command)
    survived(trial, (Fault(way, number + 1) for number in range(len(trial.steps))), record_property)


def test_the_steps_are_those_of_git_too(trials: Trials) -> None:
    kinds = {step.kind for step in trials.of("bump").steps}
    assert {
        "dsv write journal",
        "dsv flush journal",
        "dsv rename manifest",
        "git write git object",
        "git update-ref open ref lock",
        "git update-ref rename ref",
        "dsv rename git",
    } <= kinds
    assert set(KILLS) | set(ERRORS) == set(Way)
